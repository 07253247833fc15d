// See config_file.h.
#include "cli/config_file.h"

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
  const dsl::SourceId source = loaded.sources.add(path, std::move(*text));
  loaded.config = config::read_config(loaded.sources, source, config::surroundings(), loaded.diagnostics);
  return loaded;
}

bool is_config(const std::string& path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

std::unique_ptr<store::Store> look_at_store(const std::string& config_path, int& exit) {
  LoadedConfig loaded = load_config(config_path);
  exit = loaded.exit;
  if (loaded.exit) return nullptr;
  if (loaded.config.store.empty()) {
    print_diagnostics(loaded.sources, loaded.diagnostics);
    exit = kNo;
    return nullptr;
  }
  std::string problem;
  auto store = store::Store::open(loaded.config.store, store::Access::look, problem);
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
