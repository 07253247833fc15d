// Would the tests notice? Each rule is broken in one small way at a time, and its tests run again.
//
// What is broken stands in changes.h. A mutant that does not compile is not counted, nor one that is provably
// the rule itself (or a mutant before it): the compiled rule is the same to the letter. A survivor is a gap
// in the tests, or a part of the rule that does nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/ruletest/run.h"

namespace weir::cli {

struct Mutant {
  std::string rule;
  std::string change;  // "`gte` → `gt`", "without `eventName`"
  dsl::Span span;
  bool noticed = false;
};

struct Mutation {
  std::vector<Mutant> mutants;
  std::vector<std::string> untried;  // rules with tests that fail or do not run: they cannot notice anything
  size_t same = 0;                   // mutants that mean what the rule, or another mutant, means
};

// All mutants of the rules that have tests. The project is changed while it runs and put back.
// `on_mutant` is called after each; for progress.
Mutation mutate(compiler::Project& project, const std::vector<TestCase>& tests,
                const std::function<void(size_t done, size_t all)>& on_mutant);

}  // namespace weir::cli
