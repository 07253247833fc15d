// Values and when each was last seen, in that order: O(1) to see one, to forget the oldest, and to count
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/correlate/blocks.h"
#include "runtime/correlate/identity.h"

namespace weir::correlate {

class RecentSet {
 public:
  struct Seen {
    Identity128 value;
    int64_t time = 0;  // when last

    template <class Archive>
    void serialise(Archive& archive) {
      archive(value, time);
    }
  };

  // Notes that `value` is seen at `time`, which is not before any time given so far. When it was last seen,
  // if it is in the set.
  std::optional<int64_t> see(const Identity128& value, int64_t time);

  size_t size() const { return nodes_.size(); }
  bool empty() const { return nodes_.size() == 0; }
  const Seen& oldest() const { return nodes_[oldest_].seen; }  // of a set that is not empty
  const Seen& newest() const { return nodes_[newest_].seen; }  // likewise
  void forget_oldest() { remove(oldest_); }
  // Forgets those that were last seen at `time` or before.
  void forget_until(int64_t time) {
    while (!empty() && oldest().time <= time) forget_oldest();
  }
  template <class Test>
  void forget_if(Test test) {
    for (size_t i = nodes_.size(); i-- > 0;)
      if (test(nodes_[i].seen)) remove(static_cast<uint32_t>(i));
  }
  template <class Test>
  size_t count_if(Test test) const {
    size_t count = 0;
    for (const Node& node : nodes_) count += test(node.seen) ? 1 : 0;
    return count;
  }

  template <class Archive>
  void serialise(Archive& archive) {
    std::vector<Seen> all;
    if constexpr (!Archive::kReading) all = in_order();
    archive(all);
    if constexpr (Archive::kReading) archive.fail_unless(fill(all));
  }

  // Gives back what the table has too much.
  void shrink();
  size_t bytes() const { return nodes_.bytes() + places_.bytes(); }

 private:
  static constexpr uint32_t kNowhere = UINT32_MAX;
  struct Node {
    Seen seen;
    uint32_t older = kNowhere, newer = kNowhere;
  };
  static_assert(sizeof(Node) == match::kSeenBytes);

  std::vector<Seen> in_order() const;          // the oldest first
  bool fill(const std::vector<Seen>& in_order);  // false: they are not

  uint32_t find(const Identity128& value) const;
  size_t place_of(uint32_t node) const;
  void link_newest(uint32_t node);
  void unlink(uint32_t node);
  void remove(uint32_t node);
  void rebuild_places(size_t size);
  void free_place(size_t place);

  Blocks<Node> nodes_;  // dense, in no order
  Blocks<uint32_t>
      places_;  // open addressing, a power of two; empty while few nodes are searched faster
  uint32_t oldest_ = kNowhere, newest_ = kNowhere;
};

}  // namespace weir::correlate
