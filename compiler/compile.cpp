// The recipe of the compiler: lower → verify → passes → dispatch → an engine.
#include "compiler/compile.h"

#include <future>

#include <cstdlib>

#include "compiler/checks.h"
#include "compiler/interpret.h"
#include "compiler/machine.h"
#include "compiler/native.h"

namespace weir::compiler {

namespace {

// A module that breaks the laws is a mistake of ours: never run it, in no build.
void require_lawful(const ir::Module& module) {
  if (!ir::verify(module).empty()) std::abort();
}

std::vector<const dsl::Map*> expected_maps(const Project& project) {
  std::vector<const dsl::Map*> maps;
  auto take = [&](const dsl::Test& test) {
    for (const auto& step : test.steps)
      if (auto* expect = std::get_if<dsl::Expect>(&step); expect && expect->map)
        maps.push_back(&*expect->map);
  };
  auto take_all = [&](const auto& clauses) {
    for (const auto& clause : clauses)
      if (auto* test = std::get_if<dsl::Test>(&clause)) take(*test);
  };
  for (const RuleEntry& entry : project.rules)
    if (!entry.rule->broken) take_all(entry.rule->clauses);
  for (const dsl::Tune* tune : project.tunes)
    if (!tune->broken) take_all(tune->clauses);
  return maps;
}

}  // namespace

Compiled compile(const Project& project, const CompileOptions& options, dsl::Diagnostics& diagnostics) {
  Compiled out;
  out.module = lower(project, options, diagnostics, options.trace ? &out.trace : nullptr);
  require_lawful(out.module);
  if (options.optimise) {
    out.module = ir::run_passes(std::move(out.module));
    require_lawful(out.module);
  }
  out.dispatch = ir::dispatch(out.module);
  make_program(out, options);
  return out;
}

void make_program(Compiled& out, const CompileOptions& options) {
  ir::Module module = out.module;
  const bool demanded = options.engine == Engine::native;
  const bool native = demanded || (options.engine == Engine::automatic && native_available());
  const ir::Plan plan =
      ir::plan(module, out.dispatch, native ? ir::Plan::kMostInNativeChain : ir::Plan::kMostInChain);
  require_lawful(module);
  const auto machine = std::make_shared<Machine>(std::move(module), out.dispatch, plan);
  match::Program made = described(out.module, out.dispatch);
  made.engine = "interpreter";
  if (native) {
    const auto progress = make_native(*machine, {.background = !demanded, .failure = options.native_failure});
    if (demanded && !(out.engine_problem = progress->problem()).empty()) return;
    out.native = progress;
    made.engine = "native";
  }
  out.program = program_of(machine, std::move(made));
}

std::shared_ptr<match::Program> compile_expectations(const Project& project,
                                                     const std::vector<const dsl::Map*>& maps,
                                                     dsl::Diagnostics& diagnostics) {
  ir::Module module = lower_expectations(project, maps, diagnostics);
  require_lawful(module);
  ir::Dispatch dispatch = ir::dispatch(module);
  return interpret(std::move(module), dispatch);
}

void check(const Project& project, dsl::Diagnostics& diagnostics) {
  // Two halves that know nothing of each other: the rules, and their tests.
  dsl::Diagnostics of_tests;
  const auto check_expectations = [&] {
    lower_expectations(project, expected_maps(project), of_tests);
    check_tests(project, of_tests);
  };
  std::future<void> tests = std::async(std::launch::async | std::launch::deferred, check_expectations);
  Trace trace;
  ir::Module module = lower(project, {}, diagnostics, &trace);
  check_dead_rules(project, module, trace, diagnostics);
  tests.get();
  diagnostics.append(std::move(of_tests));
  apply_allows(project, diagnostics);
  diagnostics.sort();
}

}  // namespace weir::compiler
