// A linked list inside an array, and an open-addressing table of positions beside it.
#include "runtime/correlate/recent_set.h"

#include <algorithm>

namespace weir::correlate {

uint32_t RecentSet::find(const Identity128& value) const {
  if (places_.empty()) {
    for (size_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i].seen.value == value) return static_cast<uint32_t>(i);
    return kNowhere;
  }
  size_t mask = places_.size() - 1;
  for (size_t at = value.low & mask; places_[at] != kNowhere; at = (at + 1) & mask)
    if (nodes_[places_[at]].seen.value == value) return places_[at];
  return kNowhere;
}

size_t RecentSet::place_of(uint32_t node) const {
  size_t mask = places_.size() - 1;
  size_t at = nodes_[node].seen.value.low & mask;
  while (places_[at] != node) at = (at + 1) & mask;
  return at;
}

void RecentSet::rebuild_places(size_t size) {
  places_.clear();
  for (size_t i = 0; i < size; ++i) places_.push_back(kNowhere);
  for (size_t i = 0; i < nodes_.size(); ++i) {
    size_t at = nodes_[i].seen.value.low & (size - 1);
    while (places_[at] != kNowhere) at = (at + 1) & (size - 1);
    places_[at] = static_cast<uint32_t>(i);
  }
}

// Moves those behind the freed place nearer to where they belong: no marks of the deleted are left.
void RecentSet::free_place(size_t place) {
  size_t mask = places_.size() - 1;
  size_t hole = place;
  for (size_t at = (hole + 1) & mask; places_[at] != kNowhere; at = (at + 1) & mask) {
    size_t home = nodes_[places_[at]].seen.value.low & mask;
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      places_[hole] = places_[at];
      hole = at;
    }
  }
  places_[hole] = kNowhere;
}

void RecentSet::link_newest(uint32_t node) {
  nodes_[node].older = newest_;
  nodes_[node].newer = kNowhere;
  (newest_ == kNowhere ? oldest_ : nodes_[newest_].newer) = node;
  newest_ = node;
}

void RecentSet::unlink(uint32_t node) {
  const Node& gone = nodes_[node];
  (gone.older == kNowhere ? oldest_ : nodes_[gone.older].newer) = gone.newer;
  (gone.newer == kNowhere ? newest_ : nodes_[gone.newer].older) = gone.older;
}

void RecentSet::remove(uint32_t node) {
  unlink(node);
  auto last = static_cast<uint32_t>(nodes_.size() - 1);
  if (!places_.empty()) {
    free_place(place_of(node));
    if (node != last) places_[place_of(last)] = node;
  }
  if (node != last) {
    nodes_[node] = nodes_[last];
    (nodes_[node].older == kNowhere ? oldest_ : nodes_[nodes_[node].older].newer) = node;
    (nodes_[node].newer == kNowhere ? newest_ : nodes_[nodes_[node].newer].older) = node;
  }
  nodes_.pop_back();
}

std::vector<RecentSet::Seen> RecentSet::in_order() const {
  std::vector<Seen> all;
  for (uint32_t node = oldest_; node != kNowhere; node = nodes_[node].newer) all.push_back(nodes_[node].seen);
  return all;
}

bool RecentSet::fill(const std::vector<Seen>& in_order) {
  *this = {};
  for (const Seen& seen : in_order) {
    if (!empty() && seen.time < newest().time) return false;
    if (see(seen.value, seen.time)) return false;
  }
  return true;
}

void RecentSet::shrink() {
  places_.clear();
  if (const size_t places = match::places_for(nodes_.size())) rebuild_places(places);
}

std::optional<int64_t> RecentSet::see(const Identity128& value, int64_t time) {
  uint32_t node = find(value);
  if (node != kNowhere) {
    int64_t last = nodes_[node].seen.time;
    unlink(node);
    link_newest(node);
    nodes_[node].seen.time = time;
    return last;
  }
  node = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({{value, time}, kNowhere, kNowhere});
  link_newest(node);
  if (const size_t places = match::places_for(nodes_.size()); places > places_.size()) {
    rebuild_places(places);
  } else if (!places_.empty()) {
    size_t mask = places_.size() - 1, at = value.low & mask;
    while (places_[at] != kNowhere) at = (at + 1) & mask;
    places_[at] = node;
  }
  return std::nullopt;
}

}  // namespace weir::correlate
