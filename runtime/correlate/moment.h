// Arithmetic on event times that cannot overflow: times come from untrusted records and may be anything that
// 64 bits hold. All are microseconds since 1970, all lengths microseconds.
#pragma once

#include <cstdint>
#include <limits>

namespace weir::correlate {

inline constexpr int64_t kBeginningOfTime = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kEndOfTime = std::numeric_limits<int64_t>::max();

// `length` is not negative. Beyond either end of time is that end.
inline int64_t earlier(int64_t time, int64_t length) {
  return time < kBeginningOfTime + length ? kBeginningOfTime : time - length;
}
inline int64_t later(int64_t time, int64_t length) {
  return time > kEndOfTime - length ? kEndOfTime : time + length;
}

// How long `to` is after `from`; not negative, `to` is not before `from`.
inline uint64_t between(int64_t from, int64_t to) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
}

// The slot that holds `time`, of slots of `length` counted from 1970.
inline int64_t slot_of(int64_t time, int64_t length) {
  int64_t slot = time / length;
  return time % length < 0 ? slot - 1 : slot;
}
inline int64_t begin_of_slot(int64_t slot, int64_t length) {
  __int128 begin = static_cast<__int128>(slot) * length;
  if (begin < kBeginningOfTime) return kBeginningOfTime;
  return begin > kEndOfTime ? kEndOfTime : static_cast<int64_t>(begin);
}

}  // namespace weir::correlate
