// The same comparison with given rules over given files of events: shipped rules over gigabytes.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/compare.h"

namespace weir::differential {

// Prints what differs (the first few) and how much was compared; the exit status.
int compare_given(const std::vector<std::string>& packs, const std::vector<std::string>& events,
                  const Engines& engines);

}  // namespace weir::differential
