// Groups that no silence joins are led on one by one; those that may silence each other, together.
#include "runtime/correlate/live_rows.h"

#include <algorithm>
#include <span>

#include "runtime/correlate/moment.h"

namespace weir::correlate {
namespace {

bool silences_span_groups(const match::RuleInfo& rule) {
  return rule.suppress_ms && std::any_of(rule.sources.begin(), rule.sources.end(),
                                         [](const match::RuleOnSource& on) { return !on.suppress_by.empty(); });
}

OrderKey order_of(const Fire& fire) {
  OrderKey order = fire.completing.event->order;
  order.time = fire.time;
  return order;
}

}  // namespace

LiveRows::LiveRows(const match::RuleInfo& rule)
    : LiveRule(silences_span_groups(rule)),
      state_(rule, rule.correlation->warmup_us ? kEndOfTime : kBeginningOfTime) {
  state_.watch();
}

void LiveRows::set_ready_from(int64_t ready_from) {
  state_.set_ready_from(ready_from);
  pending.touch_all();
}

void LiveRows::add(Row row) {
  const Identity128 group = row.group;
  const bool first = pending.spanning() && !pending.has(group);
  pending.add(std::move(row));
  if (first)
    for (const Identity128& key : state_.silences_ahead(group)) pending.expect(group, key);
}

void LiveRows::wake(int64_t from, int64_t to) {
  for (const Identity128& group : state_.due_between(from, to)) {
    stay(group, to);
    pending.touch(group);
  }
  pending.wake(to);
}

// What the decided state is about to tell of the group may hold back others, or be held back.
void LiveRows::stay(const Identity128& group, int64_t until) {
  if (!pending.spanning()) return;
  for (const Identity128& key : state_.silences_ahead(group)) pending.stay(group, key, until);
}

std::vector<Preview> LiveRows::preview(int64_t delivered) {
  // A deadline may have come before the rows that bring it about were decided, and nobody looked in between.
  if (pending.spanning())
    for (const Identity128& group : pending.touched_groups())
      if (const auto deadline = state_.deadline_of(group); deadline && *deadline <= delivered)
        stay(group, delivered);
  std::vector<Preview> previews;
  for (const PendingRows::Groups& component : pending.take_touched())
    preview_of(component, delivered, previews);
  return previews;
}

void LiveRows::preview_of(const PendingRows::Groups& component, int64_t delivered,
                          std::vector<Preview>& previews) {
  RuleState state(state_, RuleState::Part());
  std::vector<Told> silenced;
  state.listen_to_silenced(&silenced);
  std::span<const Row> rows;
  std::vector<Row> merged;
  for (const Identity128& group : component) {
    state.copy_group(state_, group);
    state.copy_silence(state_, group);
    for (const Identity128& key : pending.silences(group)) state.copy_silence(state_, key);
    const Queue<Row>* of_group = pending.rows(group);
    if (!of_group) continue;
    rows = {of_group->begin(), of_group->size()};
    if (component.size() > 1) merged.insert(merged.end(), rows.begin(), rows.end());
  }
  if (component.size() > 1) {
    std::sort(merged.begin(), merged.end(), [](const Row& a, const Row& b) { return comes_before(a, b); });
    rows = merged;
  }

  std::vector<Told> told;
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && rows[end].time() == rows[begin].time()) ++end;
    state.advance(rows.subspan(begin, end - begin), told);
  }
  state.decide(delivered, told);

  std::unordered_map<Identity128, size_t, IdentityHash> places;
  std::vector<std::optional<int64_t>> alarms;
  const size_t first = previews.size();
  for (const Identity128& group : component) {
    places[group] = alarms.size();
    alarms.push_back(state.deadline_of(group));
    previews.push_back({group, {}, {}});
  }
  for (Told& one : told) {
    const size_t place = places.at(one.group);
    if (one.fire.of_deadline()) {
      pending.stay(one.group, one.fire.completing.silence, one.fire.time);
      // Rows may be dated after their delivery; a deadline between is told when its time has come.
      if (one.fire.time > delivered) {
        if (!alarms[place] || one.fire.time < *alarms[place]) alarms[place] = one.fire.time;
        continue;
      }
    }
    previews[first + place].tellings.push_back({std::move(one), std::nullopt});
  }
  for (const Told& one : silenced) {
    // It is told when what holds it back turns out not to be, and no row of its own may wait by then.
    if (one.fire.of_deadline()) pending.stay(one.group, one.fire.completing.silence, one.fire.time);
    if (one.fire.rose) previews[first + places.at(one.group)].silenced.push_back(order_of(one.fire));
  }
  for (size_t i = 0; i < component.size(); ++i) pending.alarm(component[i], alarms[i]);
}

std::vector<Telling> LiveRows::decide(int64_t watermark, const Release& release) {
  std::vector<Told> told;
  std::vector<Row> instant;
  while (pending.take_instant(watermark, instant)) {
    for (const Row& row : instant) release(row);
    state_.advance(instant, told);
  }
  state_.decide(watermark, told);
  pending.decided(watermark);
  std::vector<Telling> tellings;
  for (Told& one : told) tellings.push_back({std::move(one), std::nullopt});
  return tellings;
}

}  // namespace weir::correlate
