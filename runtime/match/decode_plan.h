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
  };
  // The node of a key where a plain text is all of it: the value of one slot, the mark of one path, or of
  // none, and it goes nowhere else. Beside each other, for they are what most keys lead to.
  struct Leaf {
    bool takes_plain_text = false;
    uint32_t slot = kNone, mark = kNone;
  };
  std::vector<Key> keys;
  std::vector<std::pair<int32_t, uint32_t>> indices;  // position, node
  std::vector<uint32_t> slots;                        // whose path ends here, but for
  std::vector<uint32_t> raw_slots;                    // those that want the whole value
  std::vector<uint32_t> marks;                        // of which it is asked whether anything is here
  std::vector<uint32_t> axes;                         // whose array is here
  std::vector<Leaf> leaves;                           // by key

  // In keys, or keys.size(). Eight bytes from the beginning of `key` are readable, whatever its size. Which keys come is
  // hard to foresee: so there is one place to look at, and no branch on what is there.
  uint32_t find(std::string_view key) const {
    const Ends ends(key);
    const Place& place = places_[place_of(ends, key.size())];
    const bool same = ((place.head ^ ends.head) | (place.tail ^ ends.tail) | (place.size ^ key.size())) == 0;
    if (key.size() > 2 * kWord && same) return find_long(key, place.key);
    return same ? place.key : static_cast<uint32_t>(keys.size());
  }
  Leaf leaf(const std::vector<Want>& wants) const;
  void place_keys();  // once all are there

 private:
  static constexpr size_t kWord = sizeof(uint64_t);

  // The first and the last eight bytes of a key; both are all of a shorter one, zeros behind it.
  struct Ends {
    explicit Ends(std::string_view key) {
      const bool is_short = key.size() < kWord;
      const uint64_t mask = is_short ? ~(~uint64_t{0} << 8 * key.size()) : ~uint64_t{0};
      head = word(key.data()) & mask;
      tail = word(key.data() + (is_short ? 0 : key.size() - kWord)) & mask;
    }
    uint64_t head, tail;
  };
  struct Place {
    uint64_t head = 0, tail = 0;
    uint32_t size = UINT32_MAX;  // no key has it
    uint32_t key = 0;
  };

  static uint64_t word(const char* at) {
    uint64_t word;
    std::memcpy(&word, at, kWord);
    return word;
  }
  size_t place_of(const Ends& ends, size_t size) const {
    return ((ends.head ^ size) * head_factor_ + ends.tail * tail_factor_) >> shift_;
  }
  bool place_keys_among(size_t bits);  // false when two have one place
  // Of keys that differ only between their ends the first is placed, and leads to the others.
  uint32_t find_long(std::string_view key, uint32_t first) const;

  std::vector<Place> places_;  // by hash
  std::vector<uint32_t> alike_;  // by key: the next that has the same ends and size, or kNone
  uint64_t head_factor_ = 0, tail_factor_ = 0;
  int shift_ = 63;
};

struct Plan {
  // `active`, by slot: whether it is filled; those beyond its end are. The numbers stay the projection's.
  Plan(const Projection& projection, const std::vector<std::vector<Step>>& marks, const std::vector<bool>& active);

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
