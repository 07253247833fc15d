// What a bench measured beside what it should be.
#pragma once

#include "tests/bench/measure.h"

namespace weir::bench {

enum class Bound { at_least, at_most };

struct Goal {
  double at = 0;
  Bound bound = Bound::at_least;
  double far = 0;  // where we want to be in the end; 0: the goal is the end
};

// A line: the median with its spread, and how much of each goal is reached. `unit` follows the numbers: " x
// ref".
void show_goal(const char* what, const Spread& measured, const Goal& goal, bool json, const char* unit = "");

}  // namespace weir::bench
