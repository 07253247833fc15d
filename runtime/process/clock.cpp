// See clock.h.
#include "runtime/process/clock.h"

#ifdef WEIR_FAULTS

#include <algorithm>
#include <cstdlib>

namespace weir::process {
namespace {

struct Speed {
  int64_t factor = 1, start = wall_us();
};

const Speed& speed() {
  static const Speed speed = [] {
    Speed out;
    if (const char* set = std::getenv("WEIR_CLOCK"))
      out.factor = std::clamp<int64_t>(std::atoll(set), 1, 100'000);
    return out;
  }();
  return speed;
}

}  // namespace

int64_t now_us() {
  const Speed& of = speed();
  return of.start + (wall_us() - of.start) * of.factor;
}

int64_t on_the_wall(int64_t us) { return us / speed().factor; }

}  // namespace weir::process

#endif
