#include "tests/bench/goal.h"

#include <fmt/format.h>

namespace weir::bench {

void show_goal(const char* what, const Spread& measured, const Goal& goal, bool json, const char* unit) {
  const bool most = goal.bound == Bound::at_most;
  if (json) {
    fmt::print(
        "{{\"question\":\"{}\",\"measured\":{:.3f},\"low\":{:.3f},\"high\":{:.3f},\"bound\":\"{}\",\"goal\":{"
        "},"
        "\"far_goal\":{}}}\n",
        what, measured.median, measured.low, measured.high, most ? "at most" : "at least", goal.at, goal.far);
    return;
  }
  fmt::print("{:<48} {:.3f}{} ({:.3f} to {:.3f})", what, measured.median, unit, measured.low, measured.high);
  for (const double at : {goal.at, goal.far}) {
    if (at == 0) continue;
    const double share = most ? at / measured.median : measured.median / at;
    fmt::print("; goal {:g} {}: {:.0f} %", at, most ? "at most" : "at least", 100 * share);
  }
  fmt::print("\n");
}

}  // namespace weir::bench
