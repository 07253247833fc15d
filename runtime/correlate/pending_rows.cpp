// One entry of `instants_` for each group and time; the rows of a group stand sorted.
#include "runtime/correlate/pending_rows.h"

#include <algorithm>
#include <utility>

namespace weir::correlate {

void PendingRows::note_key(const Identity128& group, Group& of, const Identity128& key) {
  if (!spanning_) return;
  const auto at = std::lower_bound(of.keys.begin(), of.keys.end(), key);
  if (at != of.keys.end() && *at == key) return;
  of.keys.insert(at, key);
  by_key_[key].insert(group);
}

void PendingRows::add(Row row) {
  const Identity128 identity = row.group;
  Group& group = group_of(identity);
  note_key(identity, group, row.place.silence);
  instants_.insert({row.time(), identity});
  size_t at = group.rows.size();
  if (at > 0 && comes_before(row, group.rows[at - 1]))
    at = static_cast<size_t>(std::upper_bound(group.rows.begin(), group.rows.end(), row,
                                              [](const Row& a, const Row& b) { return comes_before(a, b); }) -
                             group.rows.begin());
  group.rows.insert(at, std::move(row));
  ++size_;
  touch(identity);
}

size_t PendingRows::remove(const Identity128& identity, const StoredEvent* event) {
  const auto found = groups_.find(identity);
  if (found == groups_.end()) return 0;
  Group& group = found->second;
  size_t removed = 0;
  for (size_t i = group.rows.size(); i-- > 0;) {
    if (group.rows[i].place.event.get() != event) continue;
    // Those that it may have held back are no longer in one component with it.
    if (spanning_)
      for (const Identity128& other : by_key_[group.rows[i].place.silence]) touch(other);
    group.rows.erase(i);
    ++removed;
  }
  if (removed == 0) return 0;
  size_ -= removed;
  touch(identity);
  const int64_t time = event->order.time;
  if (std::none_of(group.rows.begin(), group.rows.end(), [&](const Row& row) { return row.time() == time; }))
    instants_.erase({time, identity});
  leave_if_empty(identity);
  return removed;
}

void PendingRows::touch_all() {
  for (const auto& [identity, group] : groups_) touch(identity);
}

void PendingRows::alarm(const Identity128& identity, std::optional<int64_t> deadline) {
  const auto found = groups_.find(identity);
  if (found == groups_.end() || found->second.alarm == deadline) return;
  if (found->second.alarm) alarms_.erase({*found->second.alarm, identity});
  found->second.alarm = deadline;
  if (deadline) alarms_.insert({*deadline, identity});
}

void PendingRows::wake(int64_t delivered) {
  while (!alarms_.empty() && alarms_.begin()->first <= delivered) {
    const Identity128 identity = alarms_.begin()->second;
    alarms_.erase(alarms_.begin());
    groups_.at(identity).alarm.reset();
    touch(identity);
  }
}

void PendingRows::stay(const Identity128& identity, const Identity128& key, int64_t until) {
  if (!spanning_) return;
  Group& group = group_of(identity);
  note_key(identity, group, key);
  if (group.stays && *group.stays >= until) return;
  if (group.stays) stays_.erase({*group.stays, identity});
  group.stays = until;
  stays_.insert({until, identity});
}

void PendingRows::leave_if_empty(const Identity128& identity) {
  const auto found = groups_.find(identity);
  if (found == groups_.end() || !found->second.rows.empty() || found->second.stays) return;
  if (found->second.alarm) alarms_.erase({*found->second.alarm, identity});
  // Who takes it when it is touched has not seen yet what it does to the others.
  const bool unseen = touched_.count(identity) > 0;
  for (const Identity128& key : found->second.keys) {
    const auto sharing = by_key_.find(key);
    sharing->second.erase(identity);
    if (unseen)
      for (const Identity128& other : sharing->second) touch(other);
    if (sharing->second.empty()) by_key_.erase(sharing);
  }
  groups_.erase(found);
}

std::vector<PendingRows::Groups> PendingRows::take_touched() {
  Groups touched(touched_.begin(), touched_.end());
  touched_.clear();
  std::sort(touched.begin(), touched.end());
  std::vector<Groups> components;
  components.reserve(touched.size());
  if (!spanning_) {
    for (const Identity128& group : touched) components.push_back({group});
    return components;
  }
  std::unordered_set<Identity128, IdentityHash> known;
  for (const Identity128& first : touched) {
    if (!known.insert(first).second) continue;
    Groups component = {first};
    for (size_t i = 0; i < component.size(); ++i) {
      for (const Identity128& key : silences(component[i]))
        for (const Identity128& other : by_key_.at(key))
          if (known.insert(other).second) component.push_back(other);
    }
    components.push_back(std::move(component));
  }
  return components;
}

const Queue<Row>* PendingRows::rows(const Identity128& group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second.rows;
}

PendingRows::Groups PendingRows::silences(const Identity128& group) const {
  if (!spanning_) return {};
  const auto found = groups_.find(group);
  return found == groups_.end() ? Groups() : found->second.keys;
}

bool PendingRows::take_instant(int64_t watermark, std::vector<Row>& rows) {
  rows.clear();
  if (instants_.empty() || instants_.begin()->first > watermark) return false;
  const int64_t time = instants_.begin()->first;
  for (; !instants_.empty() && instants_.begin()->first == time; instants_.erase(instants_.begin())) {
    const Identity128 identity = instants_.begin()->second;
    Queue<Row>& from = groups_.at(identity).rows;
    for (; !from.empty() && from.front().time() == time; from.pop_front()) rows.push_back(from.front());
    leave_if_empty(identity);
  }
  size_ -= rows.size();
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return comes_before(a, b); });
  return true;
}

void PendingRows::decided(int64_t watermark) {
  while (!stays_.empty() && stays_.begin()->first <= watermark) {
    const Identity128 identity = stays_.begin()->second;
    stays_.erase(stays_.begin());
    groups_.at(identity).stays.reset();
    leave_if_empty(identity);
  }
}

std::optional<int64_t> PendingRows::time_of(size_t count) const {
  std::optional<int64_t> time;
  for (const auto& [at, identity] : instants_) {
    if (time && count == 0 && at > *time) break;
    time = at;
    if (count > 0) --count;
  }
  return time;
}

}  // namespace weir::correlate
