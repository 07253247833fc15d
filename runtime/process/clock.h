// The wall's clock, for the edges of a running process: what decides alerts is handed its times.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir::process {

// Microseconds since 1970.
inline int64_t now_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace weir::process
