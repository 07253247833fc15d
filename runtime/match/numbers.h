// Integers and reals compared with each other exactly: 2^53 + 1 is not 2^53, whatever a double can hold.
#pragma once

#include <cmath>
#include <cstdint>

namespace weir::match {

// Negative, zero or positive, as `real` is less than, equal to or greater than `integer`. Not for NaN.
inline int compare(double real, int64_t integer) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (real >= kTwoTo63) return 1;
  if (real < -kTwoTo63) return -1;
  const double whole = std::floor(real);  // fits 64 bits, and the conversion is exact
  const int64_t floor = static_cast<int64_t>(whole);
  if (floor != integer) return floor < integer ? -1 : 1;
  return real > whole ? 1 : 0;
}

}  // namespace weir::match
