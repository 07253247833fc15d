// The outcomes of rule tests as JUnit XML, which every continuous integration shows: a suite for each rule
// (or tuning), a case for each test.
#pragma once

#include <string>
#include <vector>

#include "cli/ruletest/run.h"

namespace weir::cli {

struct TestRun {
  TestCase test;
  TestOutcome outcome;
  double seconds = 0;
};

// A whole document. Suites come in the order of their first test. What XML cannot hold is written as
// `<U+0007>`.
std::string to_junit(const compiler::Project& project, const std::vector<TestRun>& runs);

}  // namespace weir::cli
