// Instants in order; within one, groups cannot see each other but through `suppress`, which settle() applies.
#include "runtime/correlate/rule_state.h"

#include <algorithm>
#include <tuple>

namespace weir::correlate {
namespace {

// Measuring costs more than counting: the size of a group may be this many instants old.
constexpr uint32_t kInstantsUnmeasured = 8;

}  // namespace

RuleState::RuleState(const match::RuleInfo& rule, int64_t ready_from)
    : rule_(rule), plan_(std::make_shared<Plan>(make_plan(rule))), ready_from_(ready_from) {}

RuleState::RuleState(const RuleState& other, Part)
    : rule_(other.rule_), plan_(other.plan_), ready_from_(other.ready_from_) {}

void RuleState::copy_group(const RuleState& other, const Identity128& group) {
  const auto found = other.groups_.find(group);
  if (found == other.groups_.end()) return;
  const Entry& from = found->second;
  Entry& entry = groups_[group];
  entry.identity = group;
  entry.state = from.state;
  entry.quiet_until = from.quiet_until;
  entry.told_slot = from.told_slot;
  link(entry);
  note(entry);
}

void RuleState::copy_silence(const RuleState& other, const Identity128& key) {
  silences_.copy(other.silences_, key);
}

void RuleState::link(Entry& entry) {
  Activity& activity = activity_of(entry);
  entry.older = activity.newest;
  entry.newer = nullptr;
  (activity.newest ? activity.newest->newer : activity.oldest) = &entry;
  activity.newest = &entry;
}

void RuleState::unlink(Entry& entry) {
  Activity& activity = activity_of(entry);
  (entry.older ? entry.older->newer : activity.oldest) = entry.newer;
  (entry.newer ? entry.newer->older : activity.newest) = entry.older;
}

// A deadline that is put off is met under its old time and queued anew then: a wait that every event renews
// must not grow the queue. But due_between() does not come back to times that it has passed.
void RuleState::queue(Entry& entry) {
  if (!entry.deadline) return;
  if (entry.queued && *entry.queued <= *entry.deadline &&
      (*entry.queued > seen_to_ || *entry.deadline <= seen_to_))
    return;
  unqueue(entry);
  entry.queued = entry.deadline;
  due_.insert({*entry.deadline, entry.identity});
}

void RuleState::unqueue(Entry& entry) {
  if (entry.queued) due_.erase({*entry.queued, entry.identity});
  entry.queued.reset();
}

std::vector<Identity128> RuleState::due_between(int64_t from, int64_t to) {
  std::vector<Identity128> due;
  seen_to_ = to;
  for (auto at = due_.upper_bound({from, {UINT64_MAX, UINT64_MAX}}); at != due_.end() && at->deadline <= to;) {
    Entry& entry = groups_.at(at++->group);
    if (entry.deadline == entry.queued) {
      due.push_back(entry.identity);
    } else {
      unqueue(entry);
      queue(entry);
      if (entry.deadline && *entry.deadline <= to) due.push_back(entry.identity);
    }
  }
  return due;
}

std::optional<int64_t> RuleState::deadline_of(const Identity128& group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? std::nullopt : found->second.deadline;
}

std::vector<Identity128> RuleState::silences_ahead(const Identity128& group) const {
  std::vector<Identity128> keys;
  const auto found = groups_.find(group);
  if (found == groups_.end() || !found->second.deadline) return keys;
  std::vector<Undecided> open;
  found->second.state.undecided(*plan_, open);
  for (const Undecided& one : open) keys.push_back(one.completing.silence);
  return keys;
}

std::vector<Identity128> RuleState::take_changed() {
  std::vector<Identity128> changed = std::exchange(changed_, {});
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (const Identity128& group : changed)
    if (const auto found = groups_.find(group); found != groups_.end()) found->second.changed = false;
  return changed;
}

// The state of the group has changed: its size, its deadline, and it was active.
void RuleState::note(Entry& entry) {
  unlink(entry);
  entry.active = ++activity_;
  note_change(entry);
  entry.deadline = entry.state.deadline(*plan_);
  link(entry);
  queue(entry);
  if (++entry.unmeasured >= kInstantsUnmeasured || entry.bytes == 0) measure(entry);
}

void RuleState::measure(Entry& entry) {
  entry.unmeasured = 0;
  const size_t bytes = match::heap_bytes(match::kEntryOfGroup) + entry.state.bytes() +
                       (entry.queued ? match::heap_bytes(match::kDeadlineBytes) : 0);
  bytes_ += bytes - entry.bytes;
  entry.bytes = bytes;
}

void RuleState::forget(Entry& entry) {
  unlink(entry);
  unqueue(entry);
  note_change(entry);
  bytes_ -= entry.bytes;
  groups_.erase(Identity128(entry.identity));
}

void RuleState::keep_to_budget(int64_t now) {
  const size_t budget = plan_->correlation->state_bytes;
  // Groups that time has emptied go for nothing, a few at each step.
  for (int i = 0; i < 2 && active_.oldest && active_.oldest->state.idle(*plan_, now); ++i)
    forget(*active_.oldest);
  while (bytes() > budget && !groups_.empty()) {
    Entry& entry = active_.oldest ? *active_.oldest : *waiting_.oldest;
    if (groups_.size() == 1 && plan_->correlation->kind == match::Correlation::Kind::first_seen) {
      evicted(now);
      entry.state.forget_a_quarter();
      note_change(entry);
      measure(entry);
      if (entry.state.idle(*plan_, now)) forget(entry);
    } else {
      if (!entry.state.idle(*plan_, now)) evicted(now);
      forget(entry);
    }
  }
}

void RuleState::forget_idle(int64_t time) {
  for (Entry* entry = active_.oldest; entry;) {
    Entry& one = *std::exchange(entry, entry->newer);
    if (one.state.idle(*plan_, time)) forget(one);
  }
}

void RuleState::decide_due(int64_t watermark, std::vector<Pending>& fires) {
  std::vector<Fire> told;
  while (!due_.empty() && due_.begin()->deadline <= watermark) {
    const Due due = *due_.begin();
    due_.erase(due_.begin());
    Entry& entry = groups_.at(due.group);
    entry.queued.reset();
    if (entry.deadline != due.deadline) {
      queue(entry);
      continue;
    }
    told.clear();
    entry.state.decide(*plan_, due.deadline, moment_of(entry), told);
    for (Fire& fire : told) fires.push_back({std::move(fire), &entry});
    note(entry);
  }
}

void RuleState::advance_group(const Identity128& group, std::span<const Row> rows,
                              std::vector<Pending>& fires) {
  auto [found, fresh] = groups_.try_emplace(group);
  Entry& entry = found->second;
  if (fresh) {
    entry.identity = group;
    link(entry);
  }
  std::vector<Fire> told;
  entry.state.advance(*plan_, rows, moment_of(entry), told);
  for (Fire& fire : told) fires.push_back({std::move(fire), &entry});
  note(entry);
}

void RuleState::settle(std::vector<Pending>& fires, std::vector<Told>& told) {
  auto before = [](const Pending& a, const Pending& b) {
    if (a.fire.time != b.fire.time) return a.fire.time < b.fire.time;
    const Place &of_a = a.fire.completing, &of_b = b.fire.completing;
    // The alert's time stands for the event's own (an absence, a slot's end).
    const OrderKey &order_a = of_a.event->order, &order_b = of_b.event->order;
    auto key = [](const OrderKey& order, const Place& place) {
      return std::tie(order.source, order.id, place.event->content, place.event->where, place.combination,
                      order.time);
    };
    return key(order_a, of_a) < key(order_b, of_b);
  };
  std::stable_sort(fires.begin(), fires.end(), before);
  const bool once_a_slot = plan_->correlation->kind == match::Correlation::Kind::numbers && !plan_->sliding();
  for (Pending& pending : fires) {
    Fire& fire = pending.fire;
    uint64_t held_back = 0;
    if (rule_.suppress_ms) {
      const int64_t slot = once_a_slot ? slot_of(fire.completing.time(), plan_->correlation->span_us) : 0;
      if (once_a_slot && pending.entry->told_slot == slot) continue;
      const int64_t length_us = *rule_.suppress_ms * 1000;
      const Identity128& key = fire.completing.silence;
      auto may = silences_.tell(key, fire.time, length_us, fire.rose);
      if (key == pending.entry->identity)
        pending.entry->quiet_until = later(silences_.begin_of(key), length_us);
      if (!may) {
        if (silenced_ && (fire.rose || fire.of_deadline())) silenced_->push_back({std::move(fire), 0, pending.entry->identity});
        continue;
      }
      held_back = *may;
      pending.entry->told_slot = slot;
    }
    told.push_back({std::move(fire), held_back, pending.entry->identity});
  }
  fires.clear();
}

void RuleState::advance(std::span<const Row> rows, std::vector<Told>& told) {
  const int64_t now = rows.front().time();
  std::vector<Pending> fires;
  decide_due(now, fires);
  const bool of_one =
      std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return row.group == rows[0].group; });
  if (of_one) {
    advance_group(rows[0].group, rows, fires);
  } else {
    by_group_.clear();
    for (const Row& row : rows) by_group_.push_back(&row);
    // Rows of one group stay in the total order, that of their places.
    std::sort(by_group_.begin(), by_group_.end(),
              [](const Row* a, const Row* b) { return a->group != b->group ? a->group < b->group : a < b; });
    for (size_t i = 0; i < by_group_.size(); ++i) {
      of_group_.push_back(*by_group_[i]);
      if (i + 1 < by_group_.size() && by_group_[i + 1]->group == of_group_.front().group) continue;
      advance_group(of_group_.front().group, of_group_, fires);
      of_group_.clear();
    }
  }
  settle(fires, told);
  keep_to_budget(now);
}

void RuleState::decide(int64_t watermark, std::vector<Told>& told) {
  std::vector<Pending> fires;
  decide_due(watermark, fires);
  settle(fires, told);
}

std::vector<Undecided> RuleState::undecided() const {
  std::vector<Undecided> all;
  for (const auto& [identity, entry] : groups_) entry.state.undecided(*plan_, all);
  std::sort(all.begin(), all.end(), [](const Undecided& a, const Undecided& b) {
    if (a.deadline != b.deadline) return a.deadline < b.deadline;
    const StoredEvent &of_a = *a.completing.event, &of_b = *b.completing.event;
    // One event that was read back from a file stands there twice.
    if (comes_before(of_a, of_b) || comes_before(of_b, of_a)) return comes_before(of_a, of_b);
    return a.completing.combination < b.completing.combination;
  });
  return all;
}

}  // namespace weir::correlate
