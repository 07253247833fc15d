#include "compiler/project_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <unordered_set>
#include <utility>

#include "compiler/nearest.h"
#include "compiler/on_threads.h"
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

constexpr size_t kFilesPerThread = 64;  // one takes some ten microseconds

std::string refusal(const fs::path& path, const std::string& reason) {
  return fmt::format("cannot read {}: {}", path.generic_string(), reason);
}

struct Met {  // on the way: a file, or what is wrong with a path
  fs::path path;
  std::string shown, text, problem;

  void read() {
    std::string reason;
    std::optional<std::string> found = read_file(path.string(), reason);
    if (!found)
      problem = refusal(path, reason);
    else if (found->size() > dsl::kMaxSourceBytes)
      problem = refusal(path, fmt::format("{} MiB is more than a rule file may have ({} MiB)", found->size() >> 20,
                                          dsl::kMaxSourceBytes >> 20));
    else
      text = std::move(*found);
  }
};

class Walk {
 public:
  void path(const fs::path& path) {
    std::error_code error;
    fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
      std::string near = near_name(path);
      add_problem(fmt::format("there is no file or folder {}{}", path.generic_string(),
                              near.empty() ? "" : fmt::format("; did you mean {}?", near)));
    } else if (error) {
      add_problem(refusal(path, reason_of(error)));
    } else if (fs::is_directory(status)) {
      folder(path);
    } else {
      file(path, path.lexically_normal().generic_string(), real(path));
    }
  }

  std::vector<Met> met;

 private:
  void add_problem(std::string sentence) { met.push_back({{}, {}, {}, std::move(sentence)}); }

  // Where a path really is; as it is written when that cannot be told.
  static std::string real(const fs::path& path) {
    std::error_code error;
    fs::path canonical = fs::canonical(path, error);
    return error ? path.string() : canonical.string();
  }

  void folder(const fs::path& folder) {
    const std::string where = real(folder);
    if (!seen_.insert(where).second) return;  // and so no circle of links is walked twice
    std::error_code error;
    std::vector<std::pair<std::string, fs::directory_entry>> entries;  // by name
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
      if (std::string name = entry->path().filename().string(); name[0] != '.') entries.emplace_back(name, *entry);
    if (error) add_problem(refusal(folder, reason_of(error)));
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const std::string shown = before_name((folder / "x").lexically_normal()),
                      real_folder = before_name(fs::path(where) / "x");
    for (const auto& [name, entry] : entries) {
      std::error_code ignored;
      if (entry.is_directory(ignored))
        this->folder(entry.path());
      else if (name.ends_with(".weir"))
        file(entry.path(), shown + name, entry.is_symlink(ignored) ? real(entry.path()) : real_folder + name);
    }
  }

  // "rules/" of rules/x, and nothing of x.
  static std::string before_name(const fs::path& path) {
    std::string text = path.generic_string();
    text.pop_back();
    return text;
  }

  void file(const fs::path& path, std::string shown, const std::string& where) {
    if (seen_.insert(where).second) met.push_back({path, std::move(shown), {}, {}});
  }

  std::unordered_set<std::string> seen_;  // where files and folders really are
};

}  // namespace

std::vector<ProjectFile> read_rule_files(const std::vector<std::string>& paths,
                                         std::vector<std::string>& unreadable) {
  Walk walk;
  for (const std::string& path : paths)
    if (path != "shipped") walk.path(path);
  on_threads(walk.met.size(), kFilesPerThread, [&](size_t i) {
    if (walk.met[i].problem.empty()) walk.met[i].read();
  });
  std::vector<ProjectFile> files;
  for (Met& each : walk.met)
    if (each.problem.empty())
      files.push_back({std::move(each.shown), std::move(each.text)});
    else
      unreadable.push_back(std::move(each.problem));
  return files;
}

std::optional<std::string> read_file(const std::string& path, std::string& reason) {
  constexpr size_t kMost = 1u << 30;  // places in a file are 32-bit
  const auto failed = [&](int number) -> std::optional<std::string> {
    reason = number == EISDIR ? "it is a folder" : reason_of(std::error_code(number, std::generic_category()));
    return std::nullopt;
  };
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return failed(errno);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);  // it is read in pieces as large as can be
  std::string text;
  char buffer[65536];
  for (size_t got = sizeof buffer; got == sizeof buffer;) {
    got = std::fread(buffer, 1, sizeof buffer, file.get());
    if (std::ferror(file.get())) return failed(errno);
    text.append(buffer, got);
    if (text.size() > kMost) {
      reason = "it is larger than 1 GiB";
      return std::nullopt;
    }
  }
  return text;
}

std::string beside(const std::string& from, const std::string& relative) {
  return (fs::path(from).parent_path() / relative).lexically_normal().generic_string();
}

}  // namespace weir::compiler
