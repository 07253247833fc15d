// What is wrong with a configuration beyond its own text: against the rules that it loads, and against this machine.
// `# allow: W906 the reason` in a comment of weir.yaml keeps a warning away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/config/config.h"
#include "compiler/project.h"

namespace weir::config {

// What the alerts of some rules may be chosen and folded by.
struct Known {
  std::vector<std::string> rules, tags, groups;
  bool whole = true;  // else some rules could not be read: who knows what they have
};
Known known_of(const compiler::Project& project);

// Why a name fits none of it, and what might be meant (may be empty). Nothing when it fits.
struct Misfit {
  std::string title, help;
};
std::optional<Misfit> misfit_of(const Mention& mention, const Known& known);

// That each `events:` names a source of the rules (E903), and each name in a route or a silence fits something of theirs
// (W906). `sources` is what the configuration was read from.
void check_names(const Config& config, const dsl::SourceMap& sources, const compiler::Project& project,
                 dsl::Diagnostics& diagnostics);

// What does nothing, or does it twice (W907). `now`: microseconds since 1970.
void check_use(const Config& config, const dsl::SourceMap& sources, int64_t now, dsl::Diagnostics& diagnostics);

// That what a sink of type `file` writes nobody else writes, and no source reads (E903).
void check_sink_files(const Config& config, dsl::Diagnostics& diagnostics);

// Files and folders of rules that are not there (E903). What is returned are those of `config.rules` that are.
std::vector<std::string> check_rule_places(const Config& config, dsl::Diagnostics& diagnostics);

// What `weir run` could not use: certificates, the store, files of sinks (E903); and sources where nothing is (W907).
void check_places(const Config& config, const dsl::SourceMap& sources, dsl::Diagnostics& diagnostics);

// Why a sink of type `file` could not write there, a sentence; empty when it can. What this user may do counts only
// when it is asked for.
std::string problem_of_sink_file(const std::string& path, bool permissions);

// Why a file or folder of a source cannot be read now, a sentence.
std::string problem_of_source(const std::string& path);

}  // namespace weir::config
