// See config_file.h.
#include "cli/config_file.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/files.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace weir::cli {

LoadedConfig load_config(const std::string& path) {
  LoadedConfig loaded;
  std::string problem;
  std::optional<std::string> text = read_whole(path, problem);
  if (!text) {
    print_error("{}", problem);
    loaded.exit = kUsage;
    return loaded;
  }
  loaded.config = config::read_config(loaded.sources, path, *text, config::surroundings(), loaded.diagnostics);
  return loaded;
}

bool is_config(const std::string& path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

namespace {

// A store is its user's alone: to another one it looks as if there were none.
std::string closed_to_us(const std::string& store) {
  struct stat status;
  if (::stat((store + "/weir.db").c_str(), &status) == 0) {
    if (::access((store + "/weir.db").c_str(), R_OK | W_OK) == 0) return {};
  } else if (errno != EACCES) {
    return {};
  }
  const char* const why = std::strerror(errno);
  const passwd* const owner = ::stat(store.c_str(), &status) == 0 ? ::getpwuid(status.st_uid) : nullptr;
  return fmt::format("{}: {}; run this as the store's user{}", store, why,
                     owner ? fmt::format(": sudo -u {} weir …", owner->pw_name) : std::string());
}

}  // namespace

std::unique_ptr<store::Store> look_at_store(const std::string& config_path, int& exit) {
  LoadedConfig loaded = load_config(config_path);
  exit = loaded.exit;
  if (loaded.exit) return nullptr;
  if (loaded.config.store.empty()) {
    print_diagnostics(loaded.sources, loaded.diagnostics);
    exit = kNo;
    return nullptr;
  }
  std::string problem = closed_to_us(loaded.config.store);
  auto store = problem.empty() ? store::Store::open(loaded.config.store, store::Access::look, problem) : nullptr;
  if (!store) {
    print_error("{}", problem);
    exit = kFailed;
  }
  return store;
}

int unless_failed(store::Store& store, int exit) {
  const std::string problem = store.problem();
  if (problem.empty()) return exit;
  print_error("{}/weir.db: {}", store.folder(), problem);
  return kFailed;
}

}  // namespace weir::cli
