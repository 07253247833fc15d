#include "compiler/project_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "compiler/nearest.h"
#include "dsl/limits.h"

namespace weir::compiler {
namespace {

namespace fs = std::filesystem;

std::string reason_of(const std::error_code& error) {
  if (error == std::errc::no_such_file_or_directory) return "no such file or folder";
  if (error == std::errc::permission_denied) return "permission denied";
  return error.message();
}

// A name beside a path that does not exist and looks like what was meant.
std::string near_name(const fs::path& path) {
  std::error_code error;
  fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::vector<std::string> near = nearest(path.filename().string(), names, 1);
  if (near.empty()) return {};
  return path.has_parent_path() ? (path.parent_path() / near[0]).generic_string() : near[0];
}

class Walk {
 public:
  explicit Walk(std::vector<std::string>& unreadable) : unreadable_(unreadable) {}

  void path(const fs::path& path) {
    std::error_code error;
    fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
      std::string near = near_name(path);
      unreadable_.push_back(fmt::format("there is no file or folder {}{}", path.generic_string(),
                                        near.empty() ? "" : fmt::format("; did you mean {}?", near)));
    } else if (error) {
      refuse(path, reason_of(error));
    } else if (fs::is_directory(status)) {
      folder(path);
    } else {
      file(path);
    }
  }

  std::vector<ProjectFile> files;

 private:
  void refuse(const fs::path& path, const std::string& reason) {
    unreadable_.push_back(fmt::format("cannot read {}: {}", path.generic_string(), reason));
  }

  bool seen_before(const fs::path& path) {
    std::error_code error;
    fs::path canonical = fs::canonical(path, error);
    return !seen_.insert(error ? path : canonical).second;
  }

  void folder(const fs::path& folder) {
    if (seen_before(folder)) return;  // and so no circle of links is walked twice
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
      if (entry->path().filename().string()[0] != '.') entries.push_back(entry->path());
    if (error) refuse(folder, reason_of(error));
    std::sort(entries.begin(), entries.end());
    for (const fs::path& entry : entries) {
      std::error_code ignored;
      if (fs::is_directory(entry, ignored))
        this->folder(entry);
      else if (entry.extension() == ".weir")
        file(entry);
    }
  }

  void file(const fs::path& path) {
    if (seen_before(path)) return;
    std::string reason;
    std::optional<std::string> text = read_file(path.string(), reason);
    if (!text)
      refuse(path, reason);
    else if (text->size() > dsl::kMaxSourceBytes)
      refuse(path, fmt::format("{} MiB is more than a rule file may have ({} MiB)", text->size() >> 20,
                               dsl::kMaxSourceBytes >> 20));
    else
      files.push_back({path.lexically_normal().generic_string(), std::move(*text)});
  }

  std::vector<std::string>& unreadable_;
  std::set<fs::path> seen_;
};

}  // namespace

std::vector<ProjectFile> read_rule_files(const std::vector<std::string>& paths,
                                         std::vector<std::string>& unreadable) {
  Walk walk(unreadable);
  for (const std::string& path : paths)
    if (path != "shipped") walk.path(path);
  return std::move(walk.files);
}

std::optional<std::string> read_file(const std::string& path, std::string& reason) {
  constexpr size_t kMost = 1u << 30;  // places in a file are 32-bit
  std::error_code error;
  if (fs::is_directory(path, error)) {
    reason = "it is a folder";
    return std::nullopt;
  }
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) {
    reason = reason_of(std::error_code(errno, std::generic_category()));
    return std::nullopt;
  }
  std::string text;
  char buffer[65536];
  while (size_t got = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, got);
    if (text.size() > kMost) {
      reason = "it is larger than 1 GiB";
      return std::nullopt;
    }
  }
  if (std::ferror(file.get())) {
    reason = reason_of(std::error_code(errno, std::generic_category()));
    return std::nullopt;
  }
  return text;
}

std::string beside(const std::string& from, const std::string& relative) {
  return (fs::path(from).parent_path() / relative).lexically_normal().generic_string();
}

}  // namespace weir::compiler
