// The configuration, as the verbs of a running system read it first.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/config/config.h"
#include "runtime/store/store.h"

namespace weir::cli {

struct LoadedConfig {
  dsl::SourceMap sources;
  dsl::Diagnostics diagnostics;
  config::Config config;
  int exit = 0;  // not 0: the file cannot be read, the reason is printed
};
LoadedConfig load_config(const std::string& path);

bool is_config(const std::string& path);  // by its name: .yaml or .yml

// The store that the configuration names, beside a process that may run on it. Null: the reason is printed,
// and `exit` says how the verb ends. Errors elsewhere in the configuration do not matter here.
std::unique_ptr<store::Store> look_at_store(const std::string& config_path, int& exit);

// How a verb ends that has read from the store: `exit`, unless reading failed. Then the reason is printed.
int unless_failed(store::Store& store, int exit);

}  // namespace weir::cli
