// See pack.h.
#include "cli/live/pack.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "cli/config/findings.h"
#include "cli/files.h"
#include "cli/load.h"

namespace weir::cli {
namespace {

constexpr std::string_view kShipped = "shipped/";

std::string hash_of(const dsl::SourceMap& sources) {
  std::vector<dsl::SourceId> order(sources.size());
  for (dsl::SourceId i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return sources.path(a) < sources.path(b); });
  std::string all;
  for (const dsl::SourceId id : order) {
    const std::string_view text = sources.text(id);
    all += fmt::format("{}\n{}\n{:016x}\n", sources.path(id), text.size(), XXH3_64bits(text.data(), text.size()));
  }
  return fmt::format("{:016x}", XXH3_64bits(all.data(), all.size()));
}

void add_lines(const dsl::SourceMap& sources, const dsl::Diagnostics& diagnostics, std::vector<std::string>& out) {
  for (const dsl::Diagnostic& one : diagnostics.list()) {
    if (one.severity() != dsl::Severity::error) continue;
    const dsl::Place place = sources.place(one.primary.span.source, one.primary.span.begin);
    out.push_back(fmt::format("{}:{}:{}: {}: {}", sources.path(one.primary.span.source), place.line, place.column,
                              dsl::info(one.code).name, one.title));
  }
}

}  // namespace

Pack read_pack(const std::string& config_path, compiler::Engine engine) {
  Pack pack;
  std::string problem;
  std::optional<std::string> text = read_whole(config_path, problem);
  if (!text) {
    pack.unreadable.push_back(problem);
    return pack;
  }
  pack.config =
      config::read_config(pack.config_sources, config_path, *text, config::surroundings(), pack.config_diagnostics);
  if (pack.config_diagnostics.error_count() > 0) return pack;

  const std::vector<std::string> rules = config::check_rule_places(pack.config, pack.config_diagnostics);
  compiler::LoadOptions options = load_options(rules);
  options.shipped_tests = false;
  pack.project = compiler::load(options, pack.rule_diagnostics, pack.unreadable);
  pack.hash = hash_of(pack.project->sources);
  compiler::Compiled compiled = compiler::compile(*pack.project, {.engine = engine}, pack.rule_diagnostics);
  pack.engine_problem = std::move(compiled.engine_problem);
  pack.program = std::move(compiled.program);
  pack.native = std::move(compiled.native);
  if (rules.size() == pack.config.rules.size())  // else who knows what they would be called
    config::check_names(pack.config, pack.config_sources, *pack.project, pack.config_diagnostics);
  pack.rule_diagnostics.retain([](const dsl::Diagnostic& d) { return d.severity() == dsl::Severity::error; });
  pack.rule_diagnostics.sort();
  return pack;
}

std::vector<std::string> problems_of(const Pack& pack) {
  std::vector<std::string> out = pack.unreadable;
  add_lines(pack.config_sources, pack.config_diagnostics, out);
  if (pack.project) add_lines(pack.project->sources, pack.rule_diagnostics, out);
  if (!pack.engine_problem.empty()) out.push_back(pack.engine_problem);
  if (out.empty() && pack.program && pack.program->rules.empty()) out.push_back(no_rules(pack.config));
  return out;
}

std::string no_rules(const config::Config& config) {
  return fmt::format("no .weir file in {} holds a rule", fmt::join(config.rules, ", "));
}

Read read_by(const std::string& config_path, const Pack& pack) {
  Read out;
  out.others.push_back(config_path);
  std::copy_if(pack.config.rules.begin(), pack.config.rules.end(), std::back_inserter(out.paths),
               [](const std::string& path) { return path != "shipped"; });
  for (dsl::SourceId id = 0; pack.project && id < pack.project->sources.size(); ++id) {
    const std::string& path = pack.project->sources.path(id);
    if (!path.starts_with(kShipped) && !path.ends_with(".weir")) out.others.push_back(path);
  }
  return out;
}

}  // namespace weir::cli
