// A difference of the times themselves may leave 64 bits; unsigned, it is right for ordered times.
#include "runtime/correlate/silences.h"

#include <algorithm>

#include "runtime/correlate/moment.h"

namespace weir::correlate {

std::optional<uint64_t> Silences::tell(const Identity128& key, int64_t time, int64_t length_us, bool counts) {
  if (silences_.size() >= next_sweep_) forget_ended(time, length_us);
  if (watching_) changed_.insert(key);
  auto [entry, first] = silences_.try_emplace(key);
  Silence& silence = entry->second;
  if (!first && between(silence.begin, time) < static_cast<uint64_t>(length_us)) {
    silence.held_back += counts ? 1 : 0;
    return std::nullopt;
  }
  const uint64_t held_back = silence.held_back;
  silence = {time, 0};
  return held_back;
}

void Silences::forget_ended(int64_t time, int64_t length_us) {
  std::erase_if(silences_, [&](const auto& entry) {
    const Silence& silence = entry.second;
    const bool ended = silence.held_back == 0 && between(silence.begin, time) >= static_cast<uint64_t>(length_us);
    if (ended && watching_) changed_.insert(entry.first);
    return ended;
  });
  next_sweep_ = std::max<size_t>(1024, silences_.size() * 2);
}

}  // namespace weir::correlate
