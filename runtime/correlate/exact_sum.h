// A sum that does not depend on the order in which its terms came or went: it is exact, and rounded once,
// when read.
//
// Whole numbers are kept in 128 bits (2^64 terms cannot overflow them); reals in a fixed-point number wide
// enough for every double, as in R. Neal, "Fast exact summation using small and large superaccumulators",
// 2015. The wide number is only made when the first real comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/correlate/number.h"
#include "runtime/match/kept.h"

namespace weir::correlate {

class ExactSum {
 public:
  void add(const Number& term);
  void subtract(const Number& term);
  void add(const ExactSum& other);
  void subtract(const ExactSum& other);

  // The double nearest to the sum, ties to even; infinite beyond the doubles.
  double value() const;

  template <class Archive>
  void serialise(Archive& archive) {
    if constexpr (!Archive::kReading) carry();
    archive(whole_, limbs_);
    if constexpr (Archive::kReading) archive.fail_unless(sound());
  }

  size_t bytes() const { return match::heap_bytes(limbs_.capacity() * sizeof(int64_t)); }

 private:
  void add_real(double real, int sign);
  void add_other(const ExactSum& other, int sign);
  void add_at(unsigned __int128 magnitude, unsigned bit, int sign);
  void carry();
  bool sound() const;  // as carry() leaves it

  __int128 whole_ = 0;
  std::vector<int64_t> limbs_;  // 32 bits each and room for carries, the lowest first; empty without reals
  uint32_t uncarried_ = 0;
};

}  // namespace weir::correlate
