// Differences are told once for all that happened since the last time: what opened and was withdrawn in between
// was never seen by anybody.
#include "runtime/correlate/open_alerts.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "runtime/correlate/moment.h"

namespace weir::correlate {
namespace {

uint64_t apart(const OrderKey& a, const OrderKey& b) {
  return between(std::min(a.time, b.time), std::max(a.time, b.time));
}

}  // namespace

OpenAlerts::Unit& OpenAlerts::change(const Identity128& unit) {
  changed_.push_back(unit);
  return units_[unit];
}

OpenAlerts::Unit* OpenAlerts::find(const Identity128& unit) {
  const auto found = units_.find(unit);
  return found == units_.end() ? nullptr : &found->second;
}

void OpenAlerts::forget_if_empty(const Identity128& unit) {
  const auto found = units_.find(unit);
  if (found != units_.end() && found->second.now.empty() && found->second.said.empty()) units_.erase(found);
}

void OpenAlerts::forget_empty() {
  std::erase_if(units_, [](const auto& unit) { return unit.second.now.empty() && unit.second.said.empty(); });
}

void OpenAlerts::differences(std::vector<Change>& gone, std::vector<Change>& come) {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  for (const Identity128& identity : changed_) {
    Unit* unit = find(identity);
    if (!unit) continue;
    std::unordered_set<std::string_view> said, now;
    for (const Said& one : unit->said) said.insert(one.alert->id);
    for (const CalledFor& one : unit->now) now.insert(one.alert->id);
    for (const Said& one : unit->said) {
      if (now.count(one.alert->id)) continue;
      const bool silenced = std::count(unit->silenced.begin(), unit->silenced.end(), one.alert->order) > 0;
      gone.push_back({identity, one, silenced, nullptr, false});
    }
    for (const CalledFor& one : unit->now)
      if (!said.count(one.alert->id))
        come.push_back({identity, {one.alert, one.completed_by}, false, nullptr, false});
    unit->said.clear();
    for (const CalledFor& one : unit->now) unit->said.push_back({one.alert, one.completed_by});
    forget_if_empty(identity);
  }
  changed_.clear();
  auto earlier = [](const Change& a, const Change& b) { return a.of.alert->order < b.of.alert->order; };
  std::stable_sort(gone.begin(), gone.end(), earlier);
  std::stable_sort(come.begin(), come.end(), earlier);
}

// Another event completes what was said: in a group the alert that is nearest in time; of rules that alerts
// complete, the one that is completed by what replaced them.
void OpenAlerts::pair(std::vector<Change>& gone, std::vector<Change>& come, const Amended& amended) const {
  for (Change& old : gone) {
    if (old.silenced) continue;
    Change* best = nullptr;
    for (Change& fresh : come) {
      if (fresh.replaces) continue;
      if (in_groups_) {
        if (fresh.unit == old.unit &&
            (!best || apart(fresh.of.alert->order, old.of.alert->order) <
                          apart(best->of.alert->order, old.of.alert->order)))
          best = &fresh;
        continue;
      }
      if (old.of.completed_by.empty() || fresh.of.completed_by.empty()) continue;
      const auto replaced = amended.find(fresh.of.completed_by);
      if (fresh.of.completed_by == old.of.completed_by ||
          (replaced != amended.end() && replaced->second == old.of.completed_by)) {
        best = &fresh;
        break;
      }
    }
    if (!best) continue;
    best->replaces = old.of.alert;
    old.done = true;
  }
}

void OpenAlerts::close(Unit& unit, const std::string& id) {
  if (std::erase_if(unit.said, [&](const Said& said) { return said.alert->id == id; }) > 0) changes_[id] = {};
}

void OpenAlerts::tell(Amended& amended, const Emit& emit) {
  if (changed_.empty()) return;
  std::vector<Change> gone, come;
  differences(gone, come);
  pair(gone, come, amended);
  for (const Change& old : gone) changes_[old.of.alert->id] = {};
  for (const Change& fresh : come) changes_[fresh.of.alert->id] = {fresh.unit, fresh.of};
  size_t next = 0;
  auto withdraw_until = [&](const OrderKey* order) {
    for (; next < gone.size() && (!order || gone[next].of.alert->order < *order); ++next)
      if (!gone[next].done) emit(gone[next].of.alert, "withdrawn", nullptr);
  };
  for (const Change& fresh : come) {
    withdraw_until(&fresh.of.alert->order);
    if (fresh.replaces) {
      amended[fresh.of.alert->id] = fresh.replaces->id;
      emit(fresh.of.alert, "amended", &fresh.replaces->id);
    } else {
      emit(fresh.of.alert, "open", nullptr);
    }
  }
  withdraw_until(nullptr);
}

}  // namespace weir::correlate
