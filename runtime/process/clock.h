// The wall's clock, for the edges of a running process: what decides alerts is handed its times.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir::process {

// Microseconds since 1970 as this machine says it.
inline int64_t wall_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

// Microseconds that only go on, from whenever: for spans within one process.
inline int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

#ifdef WEIR_FAULTS
// A test may let a process's time run faster from its start on: WEIR_CLOCK=600 makes an hour of six seconds,
// for pauses that are measured in hours. Time-outs of requests stay what they are.
int64_t now_us();
int64_t on_the_wall(int64_t us);  // how long such a span takes
#else
inline int64_t now_us() { return wall_us(); }
inline int64_t on_the_wall(int64_t us) { return us; }
#endif

}  // namespace weir::process
