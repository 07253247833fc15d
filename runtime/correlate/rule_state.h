// All groups of one rule, led through time: deadlines, `suppress`, the budget.
//
// Pure as its groups are: what it tells depends on the rows it was given and nothing else.
#pragma once

#include <cstdint>
#include <queue>
#include <unordered_map>
#include <vector>

#include "runtime/correlate/group.h"
#include "runtime/correlate/silences.h"

namespace weir::correlate {

struct Told {
  Fire fire;
  uint64_t held_back = 0;
};

class RuleState {
 public:
  // `rule` has a correlation and outlives this. Nothing fires before `ready_from`.
  RuleState(const match::RuleInfo& rule, int64_t ready_from);
  RuleState(const RuleState&) = delete;
  RuleState& operator=(const RuleState&) = delete;

  // All rows of the rule of one time, in the total order; times rise from call to call. Also decides what
  // falls due at that time or before. What is told stands in the total order.
  void advance(const std::vector<Row>& rows, std::vector<Told>& told);
  void decide(int64_t watermark, std::vector<Told>& told);

  // What still waits for its time, in the order of deadlines.
  std::vector<Undecided> undecided() const;
  // How often a group, or a quarter of what the only one has seen, went for want of room.
  uint64_t evicted() const { return evicted_; }
  size_t groups() const { return groups_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Identity128 identity;
    GroupState state;
    size_t bytes = 0;
    uint32_t unmeasured = 0;  // instants since `bytes` was measured
    int64_t quiet_until = kBeginningOfTime;
    std::optional<int64_t> told_slot;  // tumbling: at most one alert a slot
    std::optional<int64_t> deadline;
    std::optional<int64_t> queued;  // the time under which due_ knows the group, not after the deadline
    // Neighbours by activity, among those that wait for a deadline or among those that do not.
    Entry* older = nullptr;
    Entry* newer = nullptr;
  };
  struct Activity {
    Entry* oldest = nullptr;
    Entry* newest = nullptr;
  };
  struct Pending {
    Fire fire;
    Entry* entry;
  };
  struct Due {
    int64_t deadline;
    Identity128 group;
    auto operator<=>(const Due&) const = default;
  };

  Moment moment_of(const Entry& entry) { return {work_, ready_from_, entry.quiet_until}; }
  void advance_group(const Identity128& group, const std::vector<Row>& rows, std::vector<Pending>& fires);
  void decide_due(int64_t watermark, std::vector<Pending>& fires);
  void settle(std::vector<Pending>& fires, std::vector<Told>& told);
  void note(Entry& entry);
  void queue(Entry& entry);
  void measure(Entry& entry);
  Activity& activity_of(const Entry& entry) { return entry.deadline ? waiting_ : active_; }
  void link(Entry& entry);
  void unlink(Entry& entry);
  void forget(Entry& entry);
  void keep_to_budget(int64_t now);

  const match::RuleInfo& rule_;
  Plan plan_;
  int64_t ready_from_;
  std::unordered_map<Identity128, Entry, IdentityHash> groups_;
  Activity active_, waiting_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;  // one of each group that waits
  Silences silences_;
  ConditionWork work_;
  size_t bytes_ = 0;
  uint64_t evicted_ = 0;
};

}  // namespace weir::correlate
