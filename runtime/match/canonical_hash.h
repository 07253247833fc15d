// One number for what a record says, however it is written: equal for documents that differ only in white
// space, the order of keys, escapes, the spelling of numbers (1.0 is 1) and overwritten members.
//
// It is a sum over the values that hold no others: of what each is, at its path. A sum has no order, and
// where records have one form (forms.h) the paths need not be found again.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/match/json_value.h"
#include "runtime/match/structure.h"
#include "runtime/match/trail.h"

namespace weir::match {

class CanonicalHasher {
 public:
  // With the same result for both. Recursion is bounded by the depth that the readers let through.
  uint64_t hash(DomValue root);
  uint64_t hash(Cursor root);

 private:
  struct Member {
    uint64_t key;    // hash
    uint64_t share;  // in the sum
  };
  // Where the texts and numbers of a record are, and the share of all else.
  class Leaves {
   public:
    Leaves() = default;
    explicit Leaves(Cursor root);
    uint64_t sum(const Structure& structure) const;

   private:
    struct Leaf {
      uint64_t path;  // hash
      uint32_t token;
    };
    void add(Cursor value, uint64_t path);

    std::vector<Leaf> texts_, numbers_;
    uint64_t rest_ = 0;
  };

  template <class Value>
  uint64_t hash_of(Value root);
  template <class Value>
  uint64_t sum(Value value, uint64_t path);
  template <class Value>
  uint64_t sum_of_object(Value object, uint64_t path);
  size_t find(size_t from, uint64_t key) const;
  uint64_t sum_of_last(size_t from);

  std::vector<Member> members_;  // a stack: those of the objects on the way down
  ByForm<Leaves> leaves_;
};

}  // namespace weir::match
