// How many different values the window holds, in memory that depends on the question and not on the window.
//
// Compared with N, the N most recently seen values decide it: the window holds at least N values exactly when
// the N-th most recently seen one was seen in it, and a value that is forgotten was seen before N others.
// Otherwise every value is kept up to kKeptValues; beyond, only those whose identity begins with some zero
// bits (M. Wegman's adaptive sampling, P. Flajolet 1990), one bit more whenever it is full: half of the
// values, each of which counts twice. The error is about 1 / sqrt(kKeptValues / 2), 1.1 %. When few are left
// all are let in again, and a span later the count is exact.
#pragma once

#include <cstdint>

#include "runtime/correlate/recent_set.h"
#include "runtime/match/kept.h"

namespace weir::correlate {

class DistinctWindow {
 public:
  static constexpr size_t kKeptValues = match::kKeptValues;

  // `most` > 0: how many values decide; else all count.
  void add(const Identity128& value, int64_t time, size_t most);
  // `now`: when; values last seen at `begin` or before are no more of the window.
  void leave_until(int64_t begin, int64_t now);

  double count() const;
  // Whether more may have been seen after `begin`, when the window begins, than count() says, or fewer.
  bool approximate(int64_t begin) const { return forgotten_ > begin || counted_bits_ > 0; }
  // Whether it keeps a sample of the values only.
  bool sampling() const { return counted_bits_ > 0; }
  template <class Archive>
  void serialise(Archive& archive) {
    archive(values_, forgotten_, settled_, let_in_bits_, counted_bits_);
    if constexpr (Archive::kReading) {
      archive.fail_unless(let_in_bits_ <= counted_bits_ && counted_bits_ <= 64);
      if (!archive.failed()) recount();
    }
  }
  size_t bytes() const { return values_.bytes(); }

 private:
  void recount();

  RecentSet values_;
  size_t counted_ = 0;             // of values_
  int64_t forgotten_ = INT64_MIN;  // when the newest value was last seen that was put out for want of room
  int64_t settled_ = 0;            // from then on, what was let in is all there is
  uint8_t let_in_bits_ = 0;        // zero bits that a value needs to be let in,
  uint8_t counted_bits_ = 0;       // and to be counted: not fewer
};

}  // namespace weir::correlate
