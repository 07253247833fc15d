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

Live::Impl::Coming Live::Impl::coming(uint16_t source, int64_t time, int64_t at) const {
  const match::SourceInfo& info = program.sources[source];
  if (time > later(at, info.ahead_ms * 1000)) return Coming::ahead;
  const int64_t late_us = info.late_ms * 1000;
  const bool late = time < earlier(at, late_us) || time <= earlier(delivered[source], late_us);
  return late ? Coming::late : Coming::in_time;
}

// Counts the event. Whether correlations hear of it.
bool Live::Impl::comes_in(uint16_t source, int64_t time, int64_t at) {
  const Coming how = coming(source, time, at);
  if (how != Coming::in_time) {
    ++(how == Coming::ahead ? counts.ahead : counts.late)[source];
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

// ---- beside other threads: what is read here does not change while there is something to take

bool Live::Impl::prepare(Hand& hand, const uint64_t* matched) const {
  const rt_event& event = hand.decoder->event();
  hand.asked.clear();
  hand.missed = false;
  // Of rules that are packed nothing else decides whether they hear of it.
  const bool in_time = !packed || coming(event.source, event.time, hand.delivered) == Coming::in_time;
  EventRef stored;
  for (size_t word = 0; word < program.match_words(); ++word) {
    for (uint64_t bits = matched[word]; bits; bits &= bits - 1) {
      const auto rule = static_cast<uint32_t>(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
      if (!lines[rule]) {
        Asked& asked = hand.asked.emplace_back();
        asked.rule = rule;
        asked.alert = make_alert(program, rule, *hand.decoder, hand.scratch, hand.where);
        continue;
      }
      if (!stored) stored = store_event(program, *hand.decoder, hand.record, hand.text, hand.where);
      if (!is_packed(rule)) {
        hand.asked.push_back(ask(rule, *hand.decoder, hand.scratch, stored, hand.extraction));
      } else if (in_time) {
        pack(hand, rule, stored);
      }
    }
  }
  if (!in_time || hand.missed || !hand.asked.empty() || !packed) return true;
  std::optional<int64_t>& first = hand.first[event.source];
  if (!first || event.time < *first) first = event.time;
  if (!hand.newest || event.time > *hand.newest) hand.newest = event.time;
  return false;
}

void Live::Impl::pack(Hand& hand, uint32_t rule, const EventRef& stored) const {
  if (stored->order.time <= lines[rule]->watermark) {
    hand.missed = true;
  } else if (!hand.extraction.extract(program, rule, *hand.decoder, hand.scratch, stored)) {
    ++hand.without_key[rule];
  } else if (!hand.extraction.groups().empty()) {
    hand.rows->add(rule, stored, hand.extraction.seen(), hand.extraction.groups());
    hand.unsaved.add(stored, rule);
    if (hand.unsaved.bytes() >= WaitingEvents::kBytesOfBatch) save_packed(hand);
  }
}

Asked Live::Impl::ask(uint32_t rule, match::Decoder& decoder, rt_scratch* scratch, const EventRef& stored,
                      RowExtraction& extraction) const {
  const match::RuleInfo& info = program.rules[rule];
  Asked asked;
  asked.rule = rule;
  if (info.correlation) {
    auto of_event = rows_of(program, rule, decoder, scratch, stored, extraction);
    asked.has_key = of_event.has_value();
    if (of_event) asked.rows = std::move(*of_event);
  } else {
    const Identity128 unit = unit_of(info, decoder, scratch, *stored);
    asked.rows.push_back({unit, {stored, 0, unit}, nullptr});
  }
  return asked;
}

// ---- one thread

void Live::Impl::take(Hand& hand) {
  const rt_event& event = hand.decoder->event();
  const bool in_time = comes_in(event.source, event.time, hand.delivered);
  for (Asked& asked : hand.asked) {
    if (asked.alert) {
      tell_at_once(asked.rule, event.source, std::move(*asked.alert), in_time);
    } else if (in_time) {
      wait(asked, "");
    } else if (!program.rules[asked.rule].correlation) {
      tell_at_once(asked.rule, event.source,
                   make_alert(program, asked.rule, *hand.decoder, hand.scratch, hand.where), false);
    }
  }
  counts.late[event.source] += std::exchange(missed, false) || (in_time && hand.missed);
  if (waiting.bytes() > options.rows_bytes) make_room();
}

void Live::Impl::tell_at_once(uint32_t rule, uint16_t source, Alert made, bool in_time) {
  const match::RuleInfo& info = program.rules[rule];
  auto alert = std::make_shared<Alert>(std::move(made));
  alert->out_of_time = !in_time;
  // Where records have ids, an equal one is a copy and does not come here.
  const match::SourceInfo& of = program.sources[source];
  uint64_t ordinal = of.id_slot == match::kNone ? ordinals.next(*alert, info, remembered_for(of.late_ms)) : 0;
  if (lines[rule]) ordinal += kFirstOutOfTime;
  alert->id = alert_id(info, *alert, ordinal);
  emit(alert, "final", nullptr);
  if (!in_time) return;
  begin_warmups_of_alerts(alert->order.time);
  hear(*alert);
}

std::vector<std::pair<uint32_t, Identity128>> Live::Impl::wait(Asked& asked, const std::string& of_alert) {
  LiveLine& line = *lines[asked.rule];
  std::vector<std::pair<uint32_t, Identity128>> units;
  if (!asked.rows.empty() && asked.rows[0].time() <= line.watermark) {
    missed = true;
    return units;
  }
  counts.without_key[asked.rule] += !asked.has_key;
  for (Row& row : asked.rows) {
    units.emplace_back(asked.rule, row.group);
    waiting.hold(row.place.event, asked.rule, of_alert);
    line.state->add(std::move(row));
  }
  return units;
}

// What was saved of a replay.
void Live::Impl::wait_packed(uint32_t rule, match::Decoder& decoder, rt_scratch* scratch,
                             const EventRef& stored) {
  if (stored->order.time <= lines[rule]->watermark) return;
  if (!extraction.extract(program, rule, decoder, scratch, stored) || extraction.groups().empty()) return;
  waiting.hold_packed();
  packed->add(rule, stored, extraction.seen(), extraction.groups());
}

void Live::Impl::gather() {
  for (const std::shared_ptr<Hand>& hand : hands) {
    for (uint16_t source = 0; source < hand->first.size(); ++source)
      if (const auto first = std::exchange(hand->first[source], std::nullopt)) begin_warmups(source, *first);
    if (hand->newest && (!newest || *hand->newest > *newest)) newest = hand->newest;
    for (size_t rule = 0; rule < hand->without_key.size(); ++rule)
      counts.without_key[rule] += std::exchange(hand->without_key[rule], 0);
  }
}

// What silences each other; where nothing is silenced, equal records.
Identity128 Live::Impl::unit_of(const match::RuleInfo& rule, match::Decoder& decoder, rt_scratch* scratch,
                                const StoredEvent& stored) const {
  std::string bytes;
  if (rule.suppress_ms) {
    const rt_event& event = decoder.event();
    const Evaluation evaluation(program, event, scratch);
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
    if (lines[most]->hears) {  // it is decided without what it does not hear now
      const bool rested = std::exchange(may_rest, false);
      settle();
      may_rest = rested;
      rows = lines[most]->state->pending.size();
      if (rows == 0) continue;
    }
    const int64_t until = *lines[most]->state->pending.time_of(rows / 4);
    decide(most, until);
    counts.decided_early[most] += rows - lines[most]->state->pending.size();
    settle();
  }
}

}  // namespace weir::correlate
