#include "cli/ruletest/mutate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/ruletest/changes.h"
#include "compiler/passes.h"

namespace weir::cli {
namespace {

dsl::Rule* mutable_rule(compiler::Project& project, const dsl::Rule* rule) {
  for (auto& file : project.files)
    for (dsl::Declaration& declaration : file->declarations)
      if (auto* found = std::get_if<dsl::Rule>(&declaration); found == rule) return found;
  return nullptr;
}

// All that a rule does, after the passes, as text: equal texts are one meaning. Empty when it does not
// compile.
std::string meaning(const compiler::Project& project, const std::string& rule) {
  dsl::Diagnostics diagnostics;
  compiler::CompileOptions options;
  options.only = {rule};
  options.untuned = true;  // as its own tests run
  ir::Module module = compiler::lower(project, options, diagnostics, nullptr);
  if (diagnostics.error_count() > 0 || module.rules.empty()) return {};
  // The shape is that of the state as it was written, not of what the rule does.
  for (match::RuleInfo& info : module.rules)
    if (info.correlation) {
      auto made = std::make_shared<match::Correlation>(*info.correlation);
      made->shape = 0;
      info.correlation = std::move(made);
    }
  std::string text =
      fmt::format("suppress {} level {}\n", module.rules[0].suppress_ms.value_or(-1), module.rules[0].level);
  for (const match::RuleOnSource& on : module.rules[0].sources)
    for (const match::MessagePiece& piece : on.message)
      text += fmt::format("{} {} {}\n", int(piece.kind), piece.text, piece.index);
  module = ir::run_passes(std::move(module));
  return text + ir::dump(module) + ir::dump_correlations(module);
}

// One rule and its tests, broken in all ways.
class RuleMutation {
 public:
  RuleMutation(compiler::Project& project, const std::string& name, const std::vector<TestCase>& tests,
               Mutation& out)
      : project_(project), name_(name), tests_(tests), out_(out), known_{meaning(project, name)} {}

  bool passes() const {
    TestRunner runner(project_);
    return std::all_of(tests_.begin(), tests_.end(),
                       [&](const TestCase& test) { return passed(runner, test); });
  }

  void attempt(const Change& change) {
    auto undo = change.apply();
    std::string changed = meaning(project_, name_);
    if (!changed.empty()) {
      if (!known_.insert(std::move(changed)).second) {
        ++out_.same;
      } else {
        TestRunner runner(project_);
        bool unnoticed = std::all_of(tests_.begin(), tests_.end(),
                                     [&](const TestCase& test) { return passed(runner, test); });
        out_.mutants.push_back({name_, change.text, change.span, !unnoticed});
      }
    }
    undo();
  }

 private:
  static bool passed(TestRunner& runner, const TestCase& test) {
    return runner.run(test).kind == TestOutcome::Kind::passed;
  }

  compiler::Project& project_;
  const std::string& name_;
  const std::vector<TestCase>& tests_;
  Mutation& out_;
  std::set<std::string> known_;
};

}  // namespace

Mutation mutate(compiler::Project& project, const std::vector<TestCase>& tests,
                const std::function<void(size_t, size_t)>& on_mutant) {
  std::map<const dsl::Rule*, std::vector<TestCase>> by_rule;
  std::vector<const dsl::Rule*> order;
  for (const TestCase& test : tests) {
    if (!test.rule) continue;
    if (by_rule[test.rule].empty()) order.push_back(test.rule);
    by_rule[test.rule].push_back(test);
  }
  Mutation mutation;
  struct Planned {
    RuleMutation rule;
    std::vector<Change> changes;
  };
  std::vector<Planned> planned;
  size_t all = 0, done = 0;
  for (const dsl::Rule* rule : order) {
    RuleMutation of_rule(project, rule->name.text, by_rule[rule], mutation);
    dsl::Rule* changing = of_rule.passes() ? mutable_rule(project, rule) : nullptr;
    if (!changing) {
      mutation.untried.push_back(rule->name.text);
      continue;
    }
    planned.push_back({std::move(of_rule), changes_of(project.sources, *changing)});
    all += planned.back().changes.size();
  }
  for (Planned& each : planned)
    for (const Change& change : each.changes) {
      each.rule.attempt(change);
      if (on_mutant) on_mutant(++done, all);
    }
  return mutation;
}

}  // namespace weir::cli
