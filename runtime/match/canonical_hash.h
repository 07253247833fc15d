// One number for what a record says, however it is written: equal for documents that differ only in white
// space, the order of keys, escapes, the spelling of numbers (1.0 is 1) and overwritten members.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/match/json_value.h"
#include "runtime/match/structure.h"

namespace weir::match {

// Nothing about a call is remembered for the next one but memory.
class CanonicalHasher {
 public:
  // For DomValue and Cursor, with the same result. Recursion is bounded by the depth that the readers let
  // through.
  template <class Value>
  uint64_t hash(Value root);

 private:
  struct Member {
    uint64_t key;    // hash
    uint64_t share;  // in the sum of its object
  };

  template <class Value>
  uint64_t of(Value value);
  template <class Value>
  uint64_t of_object(Value object);
  size_t find(size_t from, uint64_t key) const;
  uint64_t sum_of_last(size_t from);

  std::vector<Member> members_;  // a stack: those of the objects on the way down
};

}  // namespace weir::match
