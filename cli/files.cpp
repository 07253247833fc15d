#include "cli/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weir::cli {

namespace fs = std::filesystem;

std::vector<std::string> rule_files(const std::vector<std::string>& paths, std::vector<std::string>& problems) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      fs::recursive_directory_iterator walk(path, fs::directory_options::skip_permission_denied, error);
      for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
        std::string name = walk->path().filename().string();
        if (name.starts_with('.')) {
          if (walk->is_directory(error)) walk.disable_recursion_pending();
        } else if (name.ends_with(".weir") && walk->is_regular_file(error)) {
          files.push_back(walk->path().lexically_normal().string());
        }
      }
      if (error) problems.push_back(fmt::format("{}: {}", path, error.message()));
    } else if (fs::exists(path, error)) {
      files.push_back(fs::path(path).lexically_normal().string());
    } else {
      problems.push_back(fmt::format("{}: no such file or folder", path));
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::optional<std::string> read_whole(const std::string& path, std::string& problem) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()).good()) {
    // An empty file sets failbit on the output side without being a failure.
    std::error_code error;
    if (in && fs::file_size(path, error) == 0 && !error) return std::string();
    problem = fmt::format("{}: cannot be read: {}", path, std::strerror(errno));
    return std::nullopt;
  }
  return text.str();
}

std::string replace_whole(const std::string& path, std::string_view text) {
  fs::path target = path;
  std::error_code error;
  if (fs::is_symlink(target, error)) target = fs::canonical(target, error);
  if (fs::exists(target, error) && !fs::is_regular_file(target, error)) {  // a pipe, /dev/stderr
    std::ofstream out(target, std::ios::binary);
    out.write(text.data(), std::streamsize(text.size())).flush();
    return out ? std::string() : fmt::format("{}: cannot be written: {}", path, std::strerror(errno));
  }
  fs::path temporary = target;
  temporary += ".weir-new";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(text.data(), std::streamsize(text.size()));
    out.close();
    if (!out) {
      std::string why = std::strerror(errno);
      fs::remove(temporary, error);
      return fmt::format("{}: cannot be written: {}", path, why);
    }
  }
  fs::perms mode = fs::status(target, error).permissions();
  if (!error) fs::permissions(temporary, mode, error);
  fs::rename(temporary, target, error);
  if (error) return fmt::format("{}: cannot be written: {}", path, error.message());
  return {};
}

}  // namespace weir::cli
