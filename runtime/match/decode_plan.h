// A projection made into trees of keys: what the walk over a record looks for at each place.
//
//     slots  answers.Type, answers.Rdata, srcaddr          root ── answers ── Type   slot 0
//                                                            │        └────── Rdata  slot 1
//                                                            └──── srcaddr           slot 2
//
// Each axis has a tree of its own; where its array lies in the tree of its parent, a node names it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/projection.h"

namespace weir::match {

struct PlanNode {
  struct Key {
    std::string name;
    uint32_t node;
    uint64_t tail = 0;  // the last eight bytes of a longer name
  };
  std::vector<Key> keys;
  std::vector<std::pair<int32_t, uint32_t>> indices;  // position, node
  std::vector<uint32_t> slots;                        // whose path ends here, but for
  std::vector<uint32_t> raw_slots;                    // those that want the whole value
  std::vector<uint32_t> marks;                        // of which it is asked whether anything is here
  std::vector<uint32_t> axes;                         // whose array is here

  // In keys, or kNone. Eight bytes from the beginning of `key` are readable, whatever its size.
  uint32_t find(std::string_view key) const {
    const uint64_t head = head_of(key);
    for (size_t i = place_of(head, key.size());; i = (i + 1) & mask_) {
      const Place& place = places_[i];
      if (place.key == kNone) return kNone;
      if (place.head == head && place.size == key.size() && same_rest(key, keys[place.key])) return place.key;
    }
  }
  void build_places();

 private:
  // A key as it is looked for: most differ in their first eight bytes or in their size.
  struct Place {
    uint64_t head = 0;
    uint32_t size = 0;
    uint32_t key = kNone;
  };
  static constexpr size_t kWord = sizeof(uint64_t);

  static uint64_t word(const char* at) {
    uint64_t word;
    std::memcpy(&word, at, kWord);
    return word;
  }
  static uint64_t head_of(std::string_view key) {
    if (key.size() >= kWord) return word(key.data());
    return key.empty() ? 0 : word(key.data()) & ~uint64_t{0} >> 8 * (kWord - key.size());
  }
  size_t place_of(uint64_t head, size_t size) const {
    return ((head ^ size) * 0x9e3779b97f4a7c15u >> 32) & mask_;
  }
  static bool same_rest(std::string_view key, const Key& to) {
    if (key.size() <= kWord) return true;
    if (word(key.data() + key.size() - kWord) != to.tail) return false;
    return key.size() <= 2 * kWord ||
           std::memcmp(key.data() + kWord, to.name.data() + kWord, key.size() - 2 * kWord) == 0;
  }

  std::vector<Place> places_;  // a power of two, open addressing, at most half full
  size_t mask_ = 0;
};

struct Plan {
  // `active`: the slots to fill, all without it; the numbers stay the projection's.
  Plan(const Projection& projection, const std::vector<std::vector<Step>>& marks, const std::vector<bool>* active);

  std::vector<PlanNode> nodes;
  std::vector<uint32_t> roots;  // by axis
  std::vector<Want> wants;      // by slot
  std::vector<std::vector<uint32_t>> axis_slots, axis_children;
  std::vector<bool> or_self;  // by axis

 private:
  uint32_t child(uint32_t node, const Step& step);
  uint32_t place(uint32_t root, const std::vector<Step>& path);
};

}  // namespace weir::match
