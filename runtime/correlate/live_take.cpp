// Events come in: those in time wait as rows, the others are seen by rules without correlation only.
#include <algorithm>
#include <bit>
#include <utility>

#include "runtime/correlate/duplicates.h"
#include "runtime/correlate/live_impl.h"
#include "runtime/correlate/moment.h"
#include "runtime/correlate/on_source.h"

namespace weir::correlate {

namespace {

// Those that wait for the watermark are numbered then: what came too late for that must not take their ids.
constexpr uint64_t kFirstOutOfTime = uint64_t{1} << 32;

}  // namespace

// Counts the event. Whether correlations hear of it.
bool Live::Impl::comes_in(uint16_t source, int64_t time, int64_t at) {
  const match::SourceInfo& info = program.sources[source];
  if (time > later(at, info.ahead_ms * 1000)) {
    ++counts.ahead[source];
    return false;
  }
  const int64_t late_us = info.late_ms * 1000;
  if (time < earlier(at, late_us) || time <= earlier(delivered[source], late_us)) {
    ++counts.late[source];
    return false;
  }
  if (!newest || time > *newest) newest = time;
  begin_warmups(source, time);
  return true;
}

void Live::Impl::begin_warmups(uint16_t source, int64_t time) {
  for (uint32_t rule : warming[source]) {
    LiveLine& line = *lines[rule];
    if (line.first && *line.first <= time) continue;
    line.first = time;
    line.state->set_ready_from(later(time, *program.rules[rule].correlation->warmup_us));
  }
}

void Live::Impl::begin_warmups_of_alerts(int64_t time) {
  if (!has_alert_sources) return;
  for (uint16_t source = 0; source < program.sources.size(); ++source)
    if (program.sources[source].is_alert) begin_warmups(source, time);
}

void Live::Impl::take(match::Decoder& decoder, rt_scratch* scratch, const uint64_t* matched,
                      std::string_view record, bool text, std::string where, int64_t at) {
  const rt_event& event = decoder.event();
  const Arrival arrival{decoder, scratch, comes_in(event.source, event.time, at)};
  EventRef stored;
  for (size_t word = 0; word < program.match_words(); ++word) {
    for (uint64_t bits = matched[word]; bits; bits &= bits - 1) {
      const auto rule = static_cast<uint32_t>(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
      if (!arrival.in_time && program.rules[rule].correlation) continue;
      if (!arrival.in_time || !lines[rule]) {
        tell_at_once(rule, arrival, where);
        continue;
      }
      if (!stored) stored = store_event(program, decoder, record, text, where);
      wait(rule, arrival, stored, "");
    }
  }
  counts.late[event.source] += std::exchange(missed, false);
  if (waiting.bytes() > options.rows_bytes) make_room();
}

void Live::Impl::tell_at_once(uint32_t rule, const Arrival& arrival, const std::string& where) {
  const match::RuleInfo& info = program.rules[rule];
  auto alert = std::make_shared<Alert>(make_alert(program, rule, arrival.decoder, arrival.scratch, where));
  const match::SourceInfo& source = program.sources[arrival.decoder.event().source];
  alert->out_of_time = !arrival.in_time;
  uint64_t ordinal = ordinals.next(*alert, info, remembered_for(source.late_ms));
  if (lines[rule]) ordinal += kFirstOutOfTime;
  alert->id = alert_id(info, *alert, ordinal);
  emit(alert, "final", nullptr);
  if (!arrival.in_time) return;
  begin_warmups_of_alerts(alert->order.time);
  hear(*alert);
}

std::vector<std::pair<uint32_t, Identity128>> Live::Impl::wait(uint32_t rule, const Arrival& arrival,
                                                               const EventRef& stored,
                                                               const std::string& of_alert) {
  LiveLine& line = *lines[rule];
  const match::RuleInfo& info = program.rules[rule];
  std::vector<std::pair<uint32_t, Identity128>> units;
  if (stored->order.time <= line.watermark) {
    missed = true;
    return units;
  }
  if (is_packed(rule)) {
    if (!extraction.extract(program, rule, arrival.decoder, arrival.scratch, stored)) {
      ++counts.without_key[rule];
    } else if (!extraction.groups().empty()) {
      waiting.hold_packed(stored, rule);
      packed->add(rule, stored, extraction.seen(), extraction.groups());
    }
    return units;
  }
  std::vector<Row> rows;
  if (info.correlation) {
    auto of_event = rows_of(program, rule, arrival.decoder, arrival.scratch, stored, extraction);
    if (!of_event) ++counts.without_key[rule];
    if (of_event) rows = std::move(*of_event);
  } else {
    const Identity128 unit = unit_of(info, arrival, *stored);
    rows.push_back({unit, {stored, 0, unit}, nullptr});
  }
  for (Row& row : rows) {
    units.emplace_back(rule, row.group);
    waiting.hold(stored, rule, of_alert);
    line.state->add(std::move(row));
  }
  return units;
}

// What silences each other; where nothing is silenced, equal records.
Identity128 Live::Impl::unit_of(const match::RuleInfo& rule, const Arrival& arrival, const StoredEvent& stored) const {
  std::string bytes;
  if (rule.suppress_ms) {
    const rt_event& event = arrival.decoder.event();
    const Evaluation evaluation(program, event, arrival.scratch);
    if (const match::RuleOnSource* on = on_source(rule, event.source))
      for (const match::NamedRoot& by : on->suppress_by)
        append_identity(evaluation.values(by.root), by.identity, bytes);
  } else {
    bytes = stored.order.source + '\0' + stored.order.id + '\0' + std::to_string(stored.order.time);
  }
  return identity_of(bytes);
}

void Live::Impl::make_room() {
  settle();
  while (waiting.bytes() > options.rows_bytes / 8 * 7) {
    uint32_t most = 0;
    size_t rows = 0;
    for (uint32_t rule = 0; rule < lines.size(); ++rule) {
      if (!lines[rule] || lines[rule]->state->pending.size() <= rows) continue;
      most = rule;
      rows = lines[rule]->state->pending.size();
    }
    if (rows == 0) return;
    const int64_t until = *lines[most]->state->pending.time_of(rows / 4);
    decide(most, until);
    counts.decided_early[most] += rows - lines[most]->state->pending.size();
    settle();
  }
}

}  // namespace weir::correlate
