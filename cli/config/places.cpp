// Files and folders that weir.yaml names, and what is there. See findings.h.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/config/allowed.h"
#include "cli/config/findings.h"
#include "compiler/nearest.h"

namespace weir::config {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostNames = 10'000;          // of a folder, when one is looked for that was meant
constexpr std::streamsize kMostPem = 1 << 20;  // of a file of certificates

enum class Kind : uint8_t {
  none,
  file,
  folder,
  other,
  unknown
};  // unknown: it may be there for another user

Kind kind_of(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0)
    return errno == ENOENT || errno == ENOTDIR ? Kind::none : Kind::unknown;
  return S_ISDIR(status.st_mode) ? Kind::folder : S_ISREG(status.st_mode) ? Kind::file : Kind::other;
}

std::string folder_of(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// "did you mean `spool`?", of what is beside it.
void help_with_names(dsl::Diagnostic& missing, const Place& place, std::vector<std::string> more = {}) {
  fs::path written = place.written, path = place.path;
  if (!written.has_filename()) {
    written = written.parent_path();
    path = path.parent_path();
  }
  std::error_code error;
  fs::directory_iterator entry(folder_of(path.string()), error), end;
  for (size_t i = 0; !error && entry != end && i < kMostNames; entry.increment(error), ++i)
    more.push_back((written.parent_path() / entry->path().filename()).string());
  if (const std::vector<std::string> near = compiler::nearest(written.string(), more, 1); !near.empty())
    missing.help(compiler::did_you_mean(near));
}

// Why it is no PEM file that holds this; empty when it is, or when another user may know.
std::string problem_of_pem(const std::string& path, const char* what) {
  switch (kind_of(path)) {
    case Kind::none:
      return "there is no such file";
    case Kind::folder:
      return "this is a folder";
    default:
      break;
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  std::string text(static_cast<size_t>(kMostPem), '\0');
  in.read(text.data(), kMostPem);
  text.resize(static_cast<size_t>(in.gcount()));
  return text.find(what) == std::string::npos ? fmt::format("no `{}` is in it, as in a PEM file", what)
                                              : std::string();
}

std::string problem_of(const Place& place) {
  switch (place.what) {
    case Place::What::certificate:
    case Place::What::authorities:
      return problem_of_pem(place.path, "CERTIFICATE-----");
    case Place::What::key:
      return problem_of_pem(place.path, "PRIVATE KEY-----");
    case Place::What::store:
      if (kind_of(place.path) == Kind::file) return "this is a file; the store is a folder";
      return {};
    case Place::What::sink:
      return problem_of_sink_file(place.path, false);
    case Place::What::rules:
    case Place::What::source:
      break;
  }
  return {};
}

}  // namespace

std::vector<std::string> check_rule_places(const Config& config, dsl::Diagnostics& diagnostics) {
  std::vector<std::string> there = config.rules;
  for (const Place& place : config.places) {
    if (place.what != Place::What::rules || kind_of(place.path) != Kind::none) continue;
    std::erase(there, place.path);
    help_with_names(
        diagnostics.add(dsl::Code::E903, fmt::format("there is no file or folder `{}`", place.written),
                        place.span, "rules are looked for here"),
        place, {"shipped"});
  }
  return there;
}

void check_places(const Config& config, const dsl::SourceMap& sources, dsl::Diagnostics& diagnostics) {
  for (const Place& place : config.places) {
    if (place.what == Place::What::source) {
      const std::string problem = problem_of_source(place.path);
      if (problem.empty()) continue;
      dsl::Diagnostic* const unread =
          add_unless_allowed(sources, diagnostics, dsl::Code::W907,
                             fmt::format("the source `{}` cannot be read: {}", place.of, problem), place.span,
                             "nothing is read here");
      if (unread && kind_of(place.path) == Kind::none) help_with_names(*unread, place);
    } else if (const std::string problem = problem_of(place); !problem.empty()) {
      diagnostics.add(dsl::Code::E903, fmt::format("`{}`: {}", place.written, problem), place.span);
    }
  }
}

std::string problem_of_sink_file(const std::string& path, bool permissions) {
  const auto denied = [&](const std::string& what, int how) {
    return permissions && ::access(what.c_str(), how) != 0;
  };
  switch (kind_of(path)) {
    case Kind::folder:
      return "this is a folder; a sink of type `file` writes to a file";
    case Kind::other:
      return "this is not a file; a sink of type `file` writes to a file";
    case Kind::file:
      return denied(path, R_OK | W_OK) ? std::strerror(errno) : "";
    case Kind::unknown:
      return permissions ? std::strerror(errno) : "";
    case Kind::none:
      break;
  }
  const std::string folder = folder_of(path);
  if (kind_of(folder) == Kind::none)
    return fmt::format("there is no folder `{}`; make it, and let Weir write there", folder);
  if (kind_of(folder) == Kind::file) return fmt::format("`{}` is a file and no folder", folder);
  return denied(folder, W_OK | X_OK) ? fmt::format("{}: {}", folder, std::strerror(errno)) : "";
}

std::string problem_of_source(const std::string& path) {
  if (path == "-") return {};
  struct stat status;
  if (::stat(path.c_str(), &status) != 0)
    return errno == ENOENT ? fmt::format("there is no file or folder `{}`", path)
                           : fmt::format("{}: {}", path, std::strerror(errno));
  if (::access(path.c_str(), S_ISDIR(status.st_mode) ? R_OK | X_OK : R_OK) != 0)
    return fmt::format("{}: {}", path, std::strerror(errno));
  return {};
}

}  // namespace weir::config
