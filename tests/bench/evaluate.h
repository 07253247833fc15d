// The bench of rule evaluation alone: decoded events, already in the cache, against generated packs.
#pragma once

#include <cstddef>
#include <vector>

namespace weir::bench {

// For each number of rules: the time of an event with the interpreter and with native code, their ratio, and how long
// the compiler took. Prints a line each; false when the engines disagree or the rules do not compile.
bool bench_evaluation(const std::vector<std::size_t>& rules, double generic_share, int rounds, bool json);

}  // namespace weir::bench
