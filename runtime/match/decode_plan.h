// A projection made into trees of keys: what the walk over a record looks for at each place.
//
//     slots  answers.Type, answers.Rdata, srcaddr          root ── answers ── Type   slot 0
//                                                            │        └────── Rdata  slot 1
//                                                            └──── srcaddr           slot 2
//
// Each axis has a tree of its own; where its array lies in the tree of its parent, a node names it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/match/projection.h"

namespace weir::match {

struct PlanNode {
  struct Key {
    std::string name;
    uint32_t node;
    uint32_t next_in_bucket;
  };
  std::vector<Key> keys;
  std::vector<uint32_t> buckets;                      // of keys, by a hash of size, first and last character
  std::vector<std::pair<int32_t, uint32_t>> indices;  // position, node
  std::vector<uint32_t> slots;                        // whose path ends here, but for
  std::vector<uint32_t> raw_slots;                    // those that want the whole value
  std::vector<uint32_t> marks;                        // of which it is asked whether anything is here
  std::vector<uint32_t> axes;                         // whose array is here

  uint32_t find(std::string_view key) const {  // in keys, or kNone
    uint32_t at = buckets[bucket_of(key, buckets.size())];
    while (at != kNone && keys[at].name != key) at = keys[at].next_in_bucket;
    return at;
  }
  static uint32_t bucket_of(std::string_view key, size_t buckets) {
    if (key.empty()) return 0;
    const auto first = static_cast<uint8_t>(key.front()), last = static_cast<uint8_t>(key.back());
    return static_cast<uint32_t>((key.size() * 5 + first * 3u + last * 11u) & (buckets - 1));
  }
};

struct Plan {
  Plan(const Projection& projection, const std::vector<std::vector<Step>>& marks);

  std::vector<PlanNode> nodes;
  std::vector<uint32_t> roots;  // by axis
  std::vector<Want> wants;      // by slot
  std::vector<std::vector<uint32_t>> axis_slots, axis_children;
  std::vector<bool> or_self;  // by axis

 private:
  uint32_t child(uint32_t node, const Step& step);
  uint32_t place(uint32_t root, const std::vector<Step>& path);
  void build_buckets();
};

}  // namespace weir::match
