// What every verb that needs rules does first: read the project and say what is wrong with it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/project.h"
#include "dsl/diagnostic.h"

namespace weir::cli {

struct Loaded {
  std::unique_ptr<compiler::Project> project;
  dsl::Diagnostics diagnostics;  // of reading; a verb that compiles adds to them
  int exit = 0;                  // not 0: the verb ends with it, the reason is printed
};

// What to load, and today's date, which the compiler does not ask the clock for.
compiler::LoadOptions load_options(const std::vector<std::string>& paths);

// `paths` empty: the shipped pack. A path that does not exist is kUsage, one that cannot be read kFailed.
enum class Tests : uint8_t { read, left_out };  // those of shipped rules
Loaded load_project(const std::vector<std::string>& paths, Tests tests = Tests::read);

// `--rules A B` takes every path that follows, logs included. The last ones that look like logs are moved over to
// `logs`; when no path would be left for the logs, so are the last ones that hold no rules. False, and the reason is
// printed: a path that looks like logs stands among the rules.
bool part_rules_and_logs(std::vector<std::string>& rule_paths, std::vector<std::string>& logs);

// What lies in a folder, for whoever took it for one of rules: "8 .json files"; empty when nothing there looks like logs.
std::string logs_in(const std::string& folder);

// Rendered diagnostics; to standard error, or to standard output with `out`. Beyond `most` a last line counts the
// rest and says how to see it; errors go before warnings when not all are shown.
inline constexpr size_t kMostShown = 100;
void print_diagnostics(const dsl::SourceMap& sources, const dsl::Diagnostics& diagnostics, bool out = false,
                       size_t most = kMostShown);
void print_diagnostics(const compiler::Project& project, const dsl::Diagnostics& diagnostics, bool out = false,
                       size_t most = kMostShown);

// "3 errors, 1 warning"
std::string findings_text(size_t errors, size_t warnings);

// Rules whose name matches one of the patterns (`*` and `?`); all when there are none.
bool name_matches(std::string_view name, const std::vector<std::string>& patterns);

// As JSON; bytes that are no UTF-8 become U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace weir::cli
