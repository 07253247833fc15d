// inotify.
#include "runtime/ingest/folder_watch.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace weir::ingest {
namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

}  // namespace

FolderWatch::~FolderWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string FolderWatch::add(const std::string& folder) {
  if (descriptor_ < 0) descriptor_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor_ < 0) return fmt::format("inotify: {}", std::strerror(errno));
  std::string problem = add_one(folder);
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_directory(unknown) && !entry->is_symlink(unknown)) {
      if (std::string why = add_one(entry->path().string()); problem.empty()) problem = std::move(why);
    }
  }
  return problem;
}

std::string FolderWatch::add_one(const std::string& folder) {
  const int watch =
      ::inotify_add_watch(descriptor_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
  if (watch < 0) return fmt::format("{}: not watched: {}", folder, std::strerror(errno));
  folders_[watch] = folder;
  return {};
}

FolderWatch::Heard FolderWatch::hear() {
  Heard heard;
  alignas(inotify_event) char buffer[16384];
  while (descriptor_ >= 0) {
    const ssize_t got = ::read(descriptor_, buffer, sizeof buffer);
    if (got <= 0) break;
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if (event->mask & IN_Q_OVERFLOW) heard.look_again = true;
      if (event->mask & IN_IGNORED) folders_.erase(event->wd);
      const auto folder = folders_.find(event->wd);
      if (event->len == 0 || folder == folders_.end() || event->name[0] == '.') continue;
      const std::string path = folder->second + "/" + event->name;
      if (event->mask & IN_ISDIR) {
        add(path);  // what was put into it before the watch is found by looking
        heard.look_again = true;
      } else if (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) {
        heard.completed.push_back(path);
        if (event->mask & IN_MOVED_TO) heard.moved.push_back(path);
      } else {
        heard.created = true;
      }
    }
  }
  return heard;
}

}  // namespace weir::ingest
