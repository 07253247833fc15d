// Where the saved state of one rule's groups stands: a group has a part of its own, or stands with others in
// a pack, which is compressed. A save that has many groups to write makes packs: what groups hold is much
// alike, and a row of the store costs more than most groups have in them.
//
// A group of a pack that changes has a part again, which says more than the pack; one that is gone, a part
// that says so. A pack most of whose groups are elsewhere is sparse, and is taken apart: what it alone has is
// written with the next save. A later pack says more than an earlier one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/correlate/live.h"
#include "runtime/correlate/rule_state.h"
#include "runtime/correlate/state_bytes.h"

namespace weir::correlate {

class SavedGroups {
 public:
  // Adds the parts that bring what is saved to what is there: of the groups that changed since the last call.
  // From `pack_from` groups on they are packed.
  void save(const RuleState& state, const std::string& rule, const std::vector<Identity128>& changed,
            size_t pack_from, std::vector<SavedPart>& parts);

  // Packs first, in the order of their numbers; then the parts of single groups. False when what is read
  // cannot be of the rule; `known` as for RuleState::restore().
  bool restore_pack(uint64_t number, StateReader& reader, RuleState& state, size_t known);
  bool restore_one(const Identity128& group, StateReader& reader, RuleState& state, size_t known);

 private:
  struct Copies {
    uint64_t pack = 0;       // the latest that has the group; 0: none
    uint32_t packs = 0;      // how many have it
    bool by_itself = false;  // there is a part of its own, which says more
  };
  struct Pack {
    std::vector<Identity128> groups;
    size_t current = 0;  // of which nothing else says more
    bool is_sparse = false;
  };
  struct ToWrite {
    Identity128 group;
    bool was_by_itself = false;
  };

  // The latest pack of the group no longer says what it is.
  void outdate(const Copies& copies);
  void watch_sparse(uint64_t number);
  // Adds what the oldest sparse pack alone has; returns how much that was.
  size_t take_apart(const RuleState& state, const std::string& rule, std::vector<ToWrite>& to_write,
                    std::vector<SavedPart>& parts);
  void write_packs(const RuleState& state, const std::string& rule, const std::vector<ToWrite>& to_write,
                   std::vector<SavedPart>& parts);
  void put_into(uint64_t number, const Identity128& group);

  std::unordered_map<Identity128, Copies, IdentityHash> copies_;  // of all that was saved
  std::map<uint64_t, Pack> packs_;
  std::deque<uint64_t> sparse_;
  uint64_t next_pack_ = 1;
};

}  // namespace weir::correlate
