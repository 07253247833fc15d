// A number of an event: whole numbers stay whole, so that sums of them are exact.
#pragma once

#include <cstdint>

namespace weir::correlate {

struct Number {
  enum class Kind : uint8_t { none, whole, real };
  Kind kind = Kind::none;
  union {
    int64_t whole = 0;
    double real;  // finite
  };

  static Number of(int64_t whole) {
    Number number;
    number.kind = Kind::whole;
    number.whole = whole;
    return number;
  }
  static Number of(double real) {
    Number number;
    number.kind = Kind::real;
    number.real = real;
    return number;
  }
  double as_double() const { return kind == Kind::whole ? static_cast<double>(whole) : real; }
};

}  // namespace weir::correlate
