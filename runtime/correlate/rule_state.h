// All groups of one rule, led through time: deadlines, `suppress`, the budget.
//
// Pure as its groups are: what it tells depends on the rows it was given and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/correlate/group.h"
#include "runtime/correlate/silences.h"

namespace weir::correlate {

class StateReader;
class StateWriter;

struct Told {
  Fire fire;
  uint64_t held_back = 0;
  Identity128 group;
};

class RuleState {
 public:
  // `rule` has a correlation and outlives this. Nothing fires before `ready_from`.
  RuleState(const match::RuleInfo& rule, int64_t ready_from);
  // A state of the same rule in which nothing has happened, but what is copied from the other.
  struct Part {};
  RuleState(const RuleState& other, Part);
  void copy_group(const RuleState& other, const Identity128& group);
  void copy_silence(const RuleState& other, const Identity128& key);
  RuleState(const RuleState&) = delete;
  RuleState& operator=(const RuleState&) = delete;

  // All rows of the rule of one time, in the total order; times rise from call to call. Also decides what
  // falls due at that time or before. What is told stands in the total order.
  void advance(std::span<const Row> rows, std::vector<Told>& told);
  void decide(int64_t watermark, std::vector<Told>& told);

  // From now on nothing fires before it.
  void set_ready_from(int64_t ready_from) { ready_from_ = ready_from; }
  // Where from now on what a silence held back goes, but for rows at which a condition merely goes on; borrowed.
  void listen_to_silenced(std::vector<Told>* silenced) { silenced_ = silenced; }
  // The groups that have something to tell at a deadline after `from` and not after `to`.
  std::vector<Identity128> due_between(int64_t from, int64_t to);
  std::optional<int64_t> deadline_of(const Identity128& group) const;
  // The keys of `suppress` of what the group will tell at its deadlines.
  std::vector<Identity128> silences_ahead(const Identity128& group) const;

  // From now on it is known which groups and silences changed.
  void watch();
  // Those groups since the last call, rising; what is gone has changed, too.
  std::vector<Identity128> take_changed();
  Silences& silences() { return silences_; }
  bool has(const Identity128& group) const { return groups_.count(group) > 0; }
  // A group that is there.
  void save(const Identity128& group, StateWriter& writer) const;
  // A group as it was saved, in place of what was restored of it before; false when it cannot be of this
  // rule. Of the aggregates the first `known` are as they were. After all groups, settle_restored() puts them
  // in the order in which they were active.
  bool restore(const Identity128& group, StateReader& reader, size_t known);
  void drop_restored(const Identity128& group) { groups_.erase(group); }
  void settle_restored();
  // Forgets the groups that are as good as new for every event at `time` or later.
  void forget_idle(int64_t time);
  // Nothing comes any more: gives the groups back, and says of them only how many were evicted.
  void let_go();
  const Plan& plan() const { return *plan_; }

  // What still waits for its time, in the order of deadlines.
  std::vector<Undecided> undecided() const;
  // How often a group, or a quarter of what the only one has seen, went for want of room.
  uint64_t evicted() const { return evicted_; }
  int64_t last_evicted() const { return last_evicted_; }  // when, in event time
  size_t groups() const { return groups_.size(); }
  // In memory, with what the allocator takes; beside it are silences, of which each is an alert that was told.
  size_t bytes() const { return bytes_ + match::heap_bytes(groups_.bucket_count() * sizeof(void*)); }

 private:
  // What each row touches stands together, in front.
  struct Entry {
    Identity128 identity;
    size_t bytes = 0;
    uint32_t unmeasured = 0;  // instants since `bytes` was measured
    bool changed = false;     // it is among changed_
    uint64_t active = 0;      // rises with each activity of any group
    int64_t quiet_until = kBeginningOfTime;
    std::optional<int64_t> told_slot;  // tumbling: at most one alert a slot
    std::optional<int64_t> deadline;
    std::optional<int64_t> queued;  // the time under which due_ knows the group, not after the deadline
    // Neighbours by activity, among those that wait for a deadline or among those that do not.
    Entry* older = nullptr;
    Entry* newer = nullptr;
    GroupState state;
  };
  using Groups = std::unordered_map<Identity128, Entry, IdentityHash>;
  // What the table adds to an element: the next one, its hash.
  static_assert(match::about(sizeof(Groups::value_type) + 2 * sizeof(void*), match::kEntryOfGroup));
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
  void advance_group(const Identity128& group, std::span<const Row> rows, std::vector<Pending>& fires);
  void decide_due(int64_t watermark, std::vector<Pending>& fires);
  void settle(std::vector<Pending>& fires, std::vector<Told>& told);
  void note(Entry& entry);
  void note_change(Entry& entry) {
    if (watching_ && !std::exchange(entry.changed, true)) changed_.push_back(entry.identity);
  }
  void queue(Entry& entry);
  void unqueue(Entry& entry);
  void evicted(int64_t now) {
    ++evicted_;
    last_evicted_ = now;
  }
  void measure(Entry& entry);
  Activity& activity_of(const Entry& entry) { return entry.deadline ? waiting_ : active_; }
  void link(Entry& entry);
  void unlink(Entry& entry);
  void forget(Entry& entry);
  void keep_to_budget(int64_t now);

  const match::RuleInfo& rule_;
  std::shared_ptr<const Plan> plan_;
  int64_t ready_from_;
  Groups groups_;
  Activity active_, waiting_;
  std::set<Due> due_;  // one of each group that waits
  uint64_t activity_ = 0;
  bool watching_ = false;
  std::vector<Identity128> changed_;
  int64_t seen_to_ = kBeginningOfTime;  // deadlines, by due_between()
  Silences silences_;
  ConditionWork work_;
  std::vector<const Row*> by_group_;  // memory to work in, as the next
  std::vector<Row> of_group_;
  size_t bytes_ = 0;
  uint64_t evicted_ = 0;
  int64_t last_evicted_ = kBeginningOfTime;
  std::vector<Told>* silenced_ = nullptr;
};

}  // namespace weir::correlate
