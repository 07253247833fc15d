// The words for levels, rising, as rules and alerts write them.
#include "runtime/match/program.h"

namespace weir::match {

const char* const kLevelNames[kLevels] = {"informational", "low", "medium", "high", "critical"};

}  // namespace weir::match
