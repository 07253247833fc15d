// The bench of rules over many events: what a scan costs with them and without, on one Resolver stream.
#pragma once

namespace weir::bench {

// Prints a line for each question of performance.md with its goal: what different values in a window cost, what a
// hundred rules over many events cost beside the same pack without them, and what a second thread brings. False when
// something goes wrong, not when a goal is missed.
bool bench_correlations(int rounds, bool json);

}  // namespace weir::bench
