// See stages.h. A stage shows what the public functions give and computes nothing of its own.
#include "tests/golden/stages.h"

#include <chrono>
#include <cstdio>
#include <optional>

#include "cli/config/config.h"
#include "cli/config/findings.h"
#include "compiler/compile.h"
#include "compiler/fix.h"
#include "compiler/passes.h"
#include "compiler/project.h"
#include "dsl/format.h"
#include "dsl/parse.h"
#include "dsl/render.h"

namespace weir::golden {

namespace {

std::string rendered(const dsl::SourceMap& sources, const dsl::Diagnostics& diagnostics) {
  std::string text;
  for (const dsl::Diagnostic& diagnostic : diagnostics.list()) {
    if (!text.empty()) text += '\n';
    text += dsl::render(sources, diagnostic);
  }
  return text;
}

struct Checked {
  std::unique_ptr<compiler::Project> project;
  dsl::Diagnostics diagnostics;
};

// An input named `today` holds the day on which the project is checked, as `2026-12-31`.
std::optional<int64_t> day_of(const Blocks& inputs) {
  for (const auto& [name, text] : inputs) {
    int year = 0;
    unsigned month = 0, day = 0;
    if (name != "today" || std::sscanf(text.c_str(), "%d-%u-%u", &year, &month, &day) != 3) continue;
    std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day)};
    return std::chrono::sys_days(date).time_since_epoch().count();
  }
  return std::nullopt;
}

Checked check(const Blocks& inputs) {
  Checked checked;
  checked.project = compiler::load_texts(inputs, checked.diagnostics, day_of(inputs));
  compiler::check(*checked.project, checked.diagnostics);
  return checked;
}

Blocks parse_errors(const Blocks& inputs) {
  dsl::SourceMap sources;
  dsl::Diagnostics diagnostics;
  for (const auto& [path, text] : inputs) dsl::parse(sources, sources.add(path, text), diagnostics);
  diagnostics.sort();
  return {{"diagnostics", rendered(sources, diagnostics)}};
}

Blocks format(const Blocks& inputs) {
  Blocks outputs;
  for (const auto& [path, text] : inputs) {
    dsl::SourceMap sources;
    dsl::Diagnostics diagnostics;
    dsl::File file = dsl::parse(sources, sources.add(path, text), diagnostics);
    outputs.emplace_back(
        path, diagnostics.error_count() > 0 ? rendered(sources, diagnostics) : dsl::format(sources, file));
  }
  return outputs;
}

Blocks check_stage(const Blocks& inputs) {
  Checked checked = check(inputs);
  return {{"diagnostics", rendered(checked.project->sources, checked.diagnostics)}};
}

// What is said first, the texts that `weir fix --all` changes, and what is still said of them.
Blocks fix(const Blocks& inputs) {
  auto load = [&](const compiler::Texts& instead, dsl::Diagnostics& diagnostics) {
    Blocks texts = inputs;
    for (auto& [path, text] : texts)
      if (auto other = instead.find(path); other != instead.end()) text = other->second;
    return compiler::load_texts(texts, diagnostics);
  };
  Blocks outputs = check_stage(inputs);
  compiler::Fixed fixed = compiler::fix(load, true);
  for (const auto& [path, text] : fixed.changed) outputs.emplace_back("fixed " + path, text);
  outputs.emplace_back("left", rendered(fixed.project->sources, fixed.left));
  return outputs;
}

Blocks json(const Blocks& inputs) {
  Checked checked = check(inputs);
  std::string text;
  for (const dsl::Diagnostic& diagnostic : checked.diagnostics.list())
    text += dsl::to_json(checked.project->sources, diagnostic) + '\n';
  return {{"json", text}};
}

Blocks ir(const Blocks& inputs, bool optimise) {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts(inputs, diagnostics);
  compiler::CompileOptions options;
  options.optimise = optimise;
  compiler::Compiled compiled = compiler::compile(*project, options, diagnostics);
  Blocks outputs = {{"ir", ir::dump(compiled.module)}};
  if (optimise) outputs.emplace_back("dispatch", ir::dump(compiled.module, compiled.dispatch));
  if (diagnostics.error_count() > 0)
    outputs.emplace_back("diagnostics", rendered(project->sources, diagnostics));
  return outputs;
}

// With what is wrong with the rules, if anything is an error.
Blocks correlation(const Blocks& inputs) {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts(inputs, diagnostics);
  ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  Blocks outputs = {{"correlation", ir::dump_correlations(module)}};
  if (diagnostics.error_count() > 0)
    outputs.emplace_back("diagnostics", rendered(project->sources, diagnostics));
  return outputs;
}

constexpr int64_t kNow = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z

// In surroundings where nothing is set and no file can be read. Beside rules, names are looked up in them, and what does
// nothing is said.
Blocks config(const Blocks& inputs) {
  const config::Surroundings nothing{[](const std::string&) { return std::nullopt; },
                                     [](const std::string&, std::string& problem) {
                                       problem = "no such file";
                                       return std::nullopt;
                                     }};
  Blocks rules;
  for (const auto& [path, text] : inputs)
    if (path.ends_with(".weir")) rules.emplace_back(path, text);
  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts(rules, diagnostics);
  for (const auto& [path, text] : inputs) {
    if (path.ends_with(".weir")) continue;
    const config::Config read = config::read_config(project->sources, path, text, nothing, diagnostics);
    if (rules.empty()) continue;
    config::check_names(read, project->sources, *project, diagnostics);
    config::check_use(read, project->sources, kNow, diagnostics);
  }
  return {{"diagnostics", rendered(project->sources, diagnostics)}};
}

}  // namespace

const std::map<std::string, Stage>& stages() {
  static const std::map<std::string, Stage> all = {
      {"parse-errors", parse_errors},
      {"format", format},
      {"check", check_stage},
      {"fix", fix},
      {"json", json},
      {"correlation", correlation},
      {"config", config},
      {"lower", [](const Blocks& inputs) { return ir(inputs, false); }},
      {"ir", [](const Blocks& inputs) { return ir(inputs, true); }},
  };
  return all;
}

}  // namespace weir::golden
