// Numbers by magnitude, 64 buckets an octave: any rank is known to within 0.8 %, and what was added can be
// taken out again. Buckets are cut by the bits of the number, not by a logarithm, so every machine cuts
// alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/match/kept.h"

namespace weir::correlate {

class Sketch {
 public:
  struct Bucket {
    int32_t key = 0;  // rises with the numbers
    uint32_t count = 0;

    template <class Archive>
    void serialise(Archive& archive) {
      archive(key, count);
    }
  };

  void add(double number);
  void add(const Sketch& other);
  void subtract(const Sketch& other);
  const std::vector<Bucket>& buckets() const { return buckets_; }  // rising, none empty
  uint64_t count() const { return count_; }
  static double middle_of(int32_t key);

  template <class Archive>
  void serialise(Archive& archive) {
    archive(buckets_);
    if constexpr (Archive::kReading) archive.fail_unless(sound());
  }

  size_t bytes() const { return match::heap_bytes(buckets_.capacity() * sizeof(Bucket)); }

 private:
  // Whether buckets are as add() makes them; counts them.
  bool sound();

  std::vector<Bucket> buckets_;
  uint64_t count_ = 0;
};

}  // namespace weir::correlate
