// The events of the tests that rules carry: what a pack's stateful rules are about.
#pragma once

#include <string>
#include <vector>

#include "compiler/project.h"

namespace weir::shuffle {

struct Timeline {
  std::string name;  // rule and test
  std::string rule;
  std::vector<const dsl::Params*> params;  // those of the test
  std::vector<std::string> lines;
};

// One for each test of each rule over many events, in the order of the project.
std::vector<Timeline> timelines(const compiler::Project& project);

}  // namespace weir::shuffle
