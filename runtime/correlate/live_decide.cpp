// The watermark passes: what was called for is final.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/correlate/live_impl.h"
#include "runtime/correlate/moment.h"
#include "runtime/match/side_by_side.h"

namespace weir::correlate {
namespace {

constexpr int64_t kHour = 3'600'000'000;

}  // namespace

int64_t Live::Impl::delivered_to(uint32_t rule) const {
  int64_t to = kEndOfTime;
  for (uint16_t source : waits_for[rule]) to = std::min(to, delivered[source]);
  return to;
}

int64_t Live::Impl::watermark_of(uint32_t rule) const {
  int64_t to = kEndOfTime;
  for (uint16_t source : waits_for[rule])
    to = std::min(to, earlier(delivered[source], ended ? 0 : program.sources[source].late_ms * 1000));
  return to;
}

void Live::Impl::advance(const std::vector<int64_t>& to) {
  for (size_t source = 0; source < delivered.size() && source < to.size(); ++source)
    delivered[source] = std::max(delivered[source], to[source]);
  advanced_us = steady_us();
  decide_all();
}

void Live::Impl::end() {
  ended = true;
  gather();
  if (!newest) return;
  std::fill(delivered.begin(), delivered.end(), *newest);
  if (packed) {
    decide_unheard();
  } else if (options.only_finals) {
    look_at_restored();
  }
  decide_all();
  withdraw_all();
}

// Nothing was called for before the end, so what hears no alerts is decided without a look at what it would
// call for. Rules whose rows are packed touch nothing but what is their own.
void Live::Impl::decide_unheard() {
  for (const std::shared_ptr<Hand>& hand : hands) {
    packed->merge(std::move(*hand->rows));
    hand->unsaved.clear();
    hand->batches.clear();
  }
  failure = packed->failure();
  packed->order_events();
  std::vector<uint32_t> rules;
  for (uint32_t rule = 0; rule < lines.size(); ++rule)
    if (lines[rule] && is_packed(rule)) rules.push_back(rule);
  std::vector<std::vector<Telling>> tellings(lines.size());
  match::side_by_side(options.threads, rules.size(), [&](size_t i) {
    LiveLine& line = *lines[rules[i]];
    line.watermark = std::max(line.watermark, watermark_of(rules[i]));
    tellings[rules[i]] = line.state->decide(line.watermark, [](const Row&) {});
    // Of few rules at a time the groups are in memory.
    line.last_groups = saved_groups(rules[i]);
  });
  for (uint32_t rule = 0; rule < lines.size(); ++rule) {
    if (!lines[rule] || lines[rule]->hears) continue;
    if (!is_packed(rule)) {
      if (const int64_t watermark = watermark_of(rule); watermark > lines[rule]->watermark)
        decide(rule, watermark);
      continue;
    }
    tell_decided(rule, std::move(tellings[rule]));
    if (const auto& state = static_cast<const PackedRows&>(*lines[rule]->state); !state.failure().empty())
      failure = state.failure();
  }
  waiting.release_packed();
}

// Absences that the clock of delivery opened, and that no event's time decides.
void Live::Impl::withdraw_all() {
  for (const std::unique_ptr<LiveLine>& line : lines) {
    if (!line) continue;
    line->open.each([&](const Identity128& identity, OpenAlerts::Unit& unit) {
      for (const CalledFor& one : unit.now) unhear(one.heard);
      unit.now.clear();
      line->open.change(identity);
    });
  }
  settle();
}

void Live::Impl::decide_all() {
  for (uint32_t rule = 0; rule < lines.size(); ++rule) {
    if (!lines[rule]) continue;
    const int64_t to = delivered_to(rule);
    lines[rule]->state->wake(woken_to[rule], to);
    woken_to[rule] = to;
  }
  settle();
  // What a decision tells (an eviction, say) may be heard by rules that are decided after it.
  for (uint32_t rule : by_depth()) {
    const int64_t watermark = watermark_of(rule);
    if (lines[rule]->hears) settle();
    if (watermark > lines[rule]->watermark) decide(rule, watermark);
  }
  settle();
}

void Live::Impl::decide(uint32_t rule, int64_t watermark) {
  LiveLine& line = *lines[rule];
  line.watermark = watermark;
  tell_decided(rule, line.state->decide(watermark,
                                        [&](const Row& row) { waiting.release(row.place.event.get(), 1); }));
}

void Live::Impl::tell_decided(uint32_t rule, std::vector<Telling> tellings) {
  tell_final(rule, std::move(tellings));
  tell_eviction(rule);
}

void Live::Impl::tell_final(uint32_t rule, std::vector<Telling> tellings) {
  LiveLine& line = *lines[rule];
  std::stable_sort(tellings.begin(), tellings.end(), [](const Telling& a, const Telling& b) {
    return a.told.fire.time != b.told.fire.time ? a.told.fire.time < b.told.fire.time
                                                : a.told.group < b.told.group;
  });
  number(rule, tellings);
  std::vector<AlertRef> finals;
  for (const Telling& telling : tellings) {
    auto alert = std::make_shared<Alert>(alert_of(rule, telling));
    alert->id = alert_id(program.rules[rule], *alert, *telling.ordinal);
    finals.push_back(alert);
    begin_warmups_of_alerts(alert->order.time);
    OpenAlerts::Unit* unit = line.open.find(telling.told.group);
    bool called_for = false;
    if (unit) {
      line.open.close(*unit, alert->id);
      std::erase_if(unit->now, [&](const CalledFor& one) {
        if (one.alert->id != alert->id) return false;
        // It may say something else by now, of a rule that rests.
        called_for = !has_alert_sources || one.content == content_of(telling);
        if (!called_for) unhear(one.heard);
        return true;
      });
    }
    if (!called_for) hear(*alert);
  }
  std::sort(finals.begin(), finals.end(),
            [&](const AlertRef& a, const AlertRef& b) { return comes_before(program, *a, *b); });
  for (const AlertRef& alert : finals) emit(alert, "final", nullptr);
  if (!finals.empty() || line.called_for_from <= line.watermark) drop_called_for(line);
}

// Nothing else that was called for up to the watermark can be left, unless its group went for want of room.
void Live::Impl::drop_called_for(LiveLine& line) {
  line.called_for_from = INT64_MAX;
  line.open.each([&](const Identity128& unit, OpenAlerts::Unit& of) {
    bool left = false;
    std::erase_if(of.now, [&](const CalledFor& one) {
      const int64_t time = one.alert->order.time;
      if (time > line.watermark) {
        line.called_for_from = std::min(line.called_for_from, time);
        return false;
      }
      unhear(one.heard);
      left = true;
      return true;
    });
    if (left) line.open.change(unit);
  });
  line.open.forget_empty();
}

void Live::Impl::tell_eviction(uint32_t rule) {
  LiveLine& line = *lines[rule];
  const RuleState* state = line.state->state();
  if (!state || state->evicted() == line.evicted) return;
  const uint64_t groups = state->evicted() - std::exchange(line.evicted, state->evicted());
  counts.evicted[rule] += groups;
  const int64_t time = state->last_evicted();
  if (line.told_eviction && time < later(*line.told_eviction, kHour)) return;
  line.told_eviction = time;
  auto alert = std::make_shared<Alert>(eviction_alert(program, rule, time, state->evicted()));
  emit(alert, "final", nullptr);
  hear(*alert);
}

}  // namespace weir::correlate
