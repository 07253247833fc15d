// See stages.h. A stage shows what the public functions give and computes nothing of its own.
#include "tests/golden/stages.h"

#include "compiler/compile.h"
#include "compiler/passes.h"
#include "compiler/project.h"
#include "dsl/format.h"
#include "dsl/parse.h"
#include "dsl/render.h"

namespace weir::golden {

namespace {

constexpr int kMostRoundsOfFixes = 10;

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

Checked check(const Blocks& inputs) {
  Checked checked;
  checked.project = compiler::load_texts(inputs, checked.diagnostics);
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

dsl::SourceId source_of(const dsl::SourceMap& sources, const std::string& path) {
  dsl::SourceId id = 0;
  while (id < sources.size() && sources.path(id) != path) ++id;
  return id;
}

// The texts after `weir fix --all`, then what is still said about them.
Blocks fix(const Blocks& inputs) {
  Blocks texts = inputs;
  for (int round = 0; round < kMostRoundsOfFixes; ++round) {
    Checked checked = check(texts);
    const dsl::SourceMap& sources = checked.project->sources;
    size_t applied = 0;
    for (auto& [path, text] : texts)
      text = dsl::apply_fixes(sources, source_of(sources, path), checked.diagnostics.list(), true, applied);
    if (applied == 0) break;
  }
  Blocks outputs = texts;
  outputs.emplace_back("diagnostics", check_stage(texts).front().second);
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

}  // namespace

const std::map<std::string, Stage>& stages() {
  static const std::map<std::string, Stage> all = {
      {"parse-errors", parse_errors},
      {"format", format},
      {"check", check_stage},
      {"fix", fix},
      {"json", json},
      {"lower", [](const Blocks& inputs) { return ir(inputs, false); }},
      {"ir", [](const Blocks& inputs) { return ir(inputs, true); }},
  };
  return all;
}

}  // namespace weir::golden
