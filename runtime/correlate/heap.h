// What state takes on the heap, as it is counted against the budget of its rule; runtime/match/kept.h has the
// arithmetic of allocations.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>
#include <vector>

#include "runtime/correlate/row.h"
#include "runtime/match/kept.h"

namespace weir::correlate {

template <class T>
size_t heap_of(const std::vector<T>& array) {
  return match::heap_bytes(array.capacity() * sizeof(T));
}

inline size_t heap_of(const std::string& text) {
  return text.capacity() <= std::string().capacity() ? 0 : match::heap_bytes(text.capacity() + 1);
}

// Beside what it says of itself: its texts are allocations of their own, and it is counted how often it is held.
inline constexpr size_t kBesideEvent = 96;

// The stored events that a group holds: each counts once, however many of its steps it is.
class HeldEvents {
 public:
  void add(const Place& place) {
    if (place.event) events_.push_back(place.event.get());
  }
  void add(const std::vector<Place>& places) {
    for (const Place& place : places) add(place);
  }
  size_t bytes() {
    std::sort(events_.begin(), events_.end());
    events_.erase(std::unique(events_.begin(), events_.end()), events_.end());
    size_t bytes = 0;
    for (const StoredEvent* event : events_) bytes += event->bytes() + kBesideEvent;
    return bytes;
  }

 private:
  std::array<std::byte, 256> few_;  // most groups hold few, or none
  std::pmr::monotonic_buffer_resource memory_{few_.data(), few_.size()};
  std::pmr::vector<const StoredEvent*> events_{&memory_};
};

}  // namespace weir::correlate
