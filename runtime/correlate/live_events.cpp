// Rows stand for the matching events: the unit is their group. Ordinals count all of one completion, silenced
// or not, as order_alerts() does.
#include "runtime/correlate/live_events.h"

#include <algorithm>
#include <utility>

namespace weir::correlate {

LiveEvents::LiveEvents(const match::Program& program, uint32_t rule, FireAlerts& alerts)
    : LiveRule(false), program_(program), rule_(rule), alerts_(alerts) {
  silences_.watch();
}

// Events of one order key: by what their alerts say, which only differs when one id has several contents.
void LiveEvents::order(std::vector<Row>& equals) {
  const uint64_t content = equals.front().place.event->content;
  if (std::all_of(equals.begin(), equals.end(),
                  [&](const Row& row) { return row.place.event->content == content; }))
    return;
  std::vector<std::pair<Alert, Row>> told;
  for (Row& row : equals) told.emplace_back(alerts_.alert_of(rule_, *row.place.event), std::move(row));
  std::sort(told.begin(), told.end(),
            [&](const auto& a, const auto& b) { return comes_before(program_, a.first, b.first); });
  for (size_t i = 0; i < told.size(); ++i) equals[i] = std::move(told[i].second);
}

// `rows`: of one unit, in the total order.
void LiveEvents::tell(std::vector<Row> rows, Silences& silences, std::vector<Telling>& told,
                      std::vector<OrderKey>* held) {
  const std::optional<int64_t>& suppress_ms = program_.rules[rule_].suppress_ms;
  std::vector<Row> equals;
  for (size_t i = 0; i < rows.size(); ++i) {
    equals.push_back(rows[i]);
    if (i + 1 < rows.size() && rows[i + 1].place.event->order == rows[i].place.event->order) continue;
    order(equals);
    for (uint64_t ordinal = 0; ordinal < equals.size(); ++ordinal) {
      const Row& row = equals[ordinal];
      const auto held_back =
          suppress_ms ? silences.tell(row.group, row.time(), *suppress_ms * 1000) : std::optional<uint64_t>(0);
      if (!held_back) {
        if (held) held->push_back(row.place.event->order);
        continue;
      }
      Telling& telling = told.emplace_back();
      telling.told.fire.time = row.time();
      telling.told.fire.completing = row.place;
      telling.told.held_back = *held_back;
      telling.told.group = row.group;
      telling.ordinal = ordinal;
    }
    equals.clear();
  }
}

std::vector<Preview> LiveEvents::preview(int64_t) {
  std::vector<Preview> previews;
  for (const PendingRows::Groups& component : pending.take_touched()) {
    Preview& preview = previews.emplace_back(Preview{component.front(), {}, {}});
    const Queue<Row>* rows = pending.rows(preview.unit);
    if (!rows) continue;
    Silences silences;
    silences.copy(silences_, preview.unit);
    tell({rows->begin(), rows->end()}, silences, preview.tellings, &preview.silenced);
  }
  return previews;
}

std::vector<Telling> LiveEvents::decide(int64_t watermark, const Release& release) {
  std::vector<Telling> told;
  std::vector<Row> instant;
  while (pending.take_instant(watermark, instant)) {
    for (const Row& row : instant) release(row);
    std::stable_sort(instant.begin(), instant.end(),
                     [](const Row& a, const Row& b) { return a.group < b.group; });
    std::vector<Row> of_unit;
    for (size_t i = 0; i < instant.size(); ++i) {
      of_unit.push_back(instant[i]);
      if (i + 1 < instant.size() && instant[i + 1].group == instant[i].group) continue;
      tell(std::move(of_unit), silences_, told, nullptr);
      of_unit.clear();
    }
  }
  return told;
}

}  // namespace weir::correlate
