// From an event to the buckets of its source's dispatch (ir::Dispatch): a look-up for each key value and one for
// the pair. Dispatch stays data in C++, whatever engine runs the rules.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/passes.h"
#include "compiler/text_table.h"
#include "runtime/match/abi.h"

namespace weir::compiler {

class Routes {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The bucket numbers are indexes of source.buckets.
  explicit Routes(const ir::Dispatch::Source& source);

  // Calls see(bucket number) for the buckets of an event; `ids` is room for two lists.
  template <class See>
  void each_bucket(const rt_event& event, std::vector<uint32_t>* ids, See see) const {
    if (keys_.empty()) return;
    if (is_simple(event)) {
      const uint32_t found = bucket(id(0, event), keys_.size() > 1 ? id(1, event) : 0);
      if (found != kNone) see(found);
      return;
    }
    this->ids(0, event, ids[0]);
    if (keys_.size() > 1) {
      this->ids(1, event, ids[1]);
    } else {
      ids[1].assign(1, 0);
    }
    for (const uint32_t first : ids[0]) {
      for (const uint32_t second : ids[1]) {
        const uint32_t found = bucket(first, second);
        if (found != kNone) see(found);
      }
    }
  }

 private:
  struct Key {
    uint32_t slot = 0;
    match::TextRule rule;
    TextTable ids;

    uint32_t find(std::string_view text, bool ascii) const;  // ascii: it is known to be
  };
  struct Pair {
    uint32_t first = 0, second = 0;
    uint32_t bucket = kNone;
  };

  // No key slot has several values.
  bool is_simple(const rt_event& event) const {
    for (const Key& key : keys_) {
      if (event.slots[key.slot].count > 1) return false;
    }
    return true;
  }
  uint32_t id(size_t key, const rt_event& event) const;
  // The numbers of the values of a key slot that any rule asks for, rising, each once; {0} when there is none.
  void ids(size_t key, const rt_event& event, std::vector<uint32_t>& ids) const;
  uint32_t id_of(const Key& key, const rt_value& value) const;

  uint32_t bucket(uint32_t first, uint32_t second) const;
  uint32_t pair(uint32_t first, uint32_t second) const;
  size_t place(uint32_t first, uint32_t second) const;

  std::vector<Key> keys_;
  std::vector<Pair> pairs_;  // a power of two, open addressing, at most half full
};

}  // namespace weir::compiler
