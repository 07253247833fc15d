// A run over generated packs and events.
#pragma once

#include <cstdint>

#include "tests/differential/compare.h"

namespace weir::differential {

struct Run {
  uint64_t seed = 1;
  uint32_t packs = 40, events = 50;  // events of each pack
  uint32_t rules = 0;                // of each pack; 0: a few. Only many make guarded lists (compiler/plan.h)
  bool verbose = false;
  Engines engines;
};

// Prints a summary and the first difference, made small; the exit status.
int compare_generated(const Run& run);

}  // namespace weir::differential
