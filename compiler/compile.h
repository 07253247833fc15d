// Project → Program: the recipe of the compiler. Read compile.cpp first.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/passes.h"
#include "compiler/project.h"
#include "compiler/trace.h"
#include "runtime/match/program.h"

namespace weir::compiler {

// What runs the rules. `automatic` decides the first events by the interpreter while native code is compiled, and
// stays with it, with a warning, where there can be none.
enum class Engine : uint8_t { automatic, native, interpreter };

struct CompileOptions {
  Engine engine = Engine::interpreter;
  std::string native_failure;  // for tests: not empty, native code fails with this sentence
  bool trace = false;      // keep a root for every item (why, coverage); never for matching
  bool optimise = true;    // run the passes
  bool untuned = false;    // rules as they ship: no tunings (their own tests run so)
  std::vector<std::string> only;  // rules by name; empty: all of them
  // A test's `params { … }`: rule name → what replaces its declared and tuned params.
  std::vector<std::pair<std::string, const dsl::Params*>> params;
};

class NativeProgress;

struct Compiled {
  std::shared_ptr<match::Program> program;  // rules with errors left out; null when there is no native code but must be
  std::string engine_problem;               // why there is no native code, when it was asked for: a sentence
  // Of Engine::automatic: how far it is, and what went wrong (compiler/native.h); null where nothing is compiled.
  std::shared_ptr<const NativeProgress> native;
  ir::Module module;                        // after the passes
  ir::Dispatch dispatch;
  Trace trace;
};

// Types and lowers every rule that is not broken; E2xx–E4xx of rules and W8xx are added here.
ir::Module lower(const Project& project, const CompileOptions& options, dsl::Diagnostics& diagnostics,
                 Trace* trace);

// The maps of `expect … { … }` over the source `alert`: rule i is maps[i].
ir::Module lower_expectations(const Project& project, const std::vector<const dsl::Map*>& maps,
                              dsl::Diagnostics& diagnostics);

Compiled compile(const Project& project, const CompileOptions& options, dsl::Diagnostics& diagnostics);

// The last step alone: fills in program, engine_problem and native.
void make_program(Compiled& compiled, const CompileOptions& options);

// lower_expectations as a program, to be asked about alerts as JSON (decoded with `only` = the source `alert`).
std::shared_ptr<match::Program> compile_expectations(const Project& project, const std::vector<const dsl::Map*>& maps,
                                                     dsl::Diagnostics& diagnostics);

// The rules whose alerts `rule` may hear (its source is `alert`), and those that these hear; without the rule.
std::vector<std::string> heard_rules(const Project& project, const std::string& rule);

// Everything `weir check` says of a loaded project: the above, the checks of tests (E6xx) and the lints
// (W8xx), with `# allow:` comments applied and the list sorted.
void check(const Project& project, dsl::Diagnostics& diagnostics);

// What the correlations of a pack hold at their worst, by rule name: the table of `weir check --state`.
struct RuleState {
  std::string rule;
  const char* kind = "";  // numbers, steps or new
  bool grouped = false;   // it has a group_by; else there is one group
  const char* of = "";    // what fits the budget: groups; of `new` values, for a group remembers till it is full
  uint64_t least = 0;     // what a group takes that has seen one event; of `new` without groups: one value
  uint64_t most = 0;      // what a group takes at its worst
  uint64_t budget = 0;
  uint64_t fit = 0, fit_at_worst = 0;  // so many groups fit the budget, each of one event, or at their worst
};
std::vector<RuleState> rule_states(const ir::Module& module);

}  // namespace weir::compiler
