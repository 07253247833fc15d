// What is called for now follows from the decided state and the rows that wait; nothing else is remembered but
// what was said of it.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "runtime/correlate/heard.h"
#include "runtime/correlate/live_impl.h"
#include "runtime/correlate/moment.h"

namespace weir::correlate {
namespace {

// A rule's groups are led through all rows that wait, again and again while more come: of a busy group with
// many rows that would be most of what the thread does.
constexpr int64_t kRest = 10;  // times what the last look took, and the number of rules to look at
constexpr int64_t kLongestRest = 1'000'000;  // microseconds

// All that the alert is made of, as bytes.
class Content {
 public:
  template <class T>
  void plain(const T& value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void number(const std::optional<double>& value) {
    plain(value.has_value());
    plain(value.value_or(0));
  }
  void identity(const Identity128& identity) {
    plain(identity.high);
    plain(identity.low);
  }
  void place(const Place& place) {
    plain(place.event->order.time);
    plain(place.event->content);
    plain(place.event->source);
    plain(place.combination);
    text(place.event->order.id);
  }
  void text(std::string_view text) {
    bytes_ += text;
    bytes_ += '\0';
  }
  Identity128 hash() const { return identity_of(bytes_); }

 private:
  std::string bytes_;
};

bool in_one_place(const Telling& a, const Telling& b) {
  const OrderKey &of_a = a.told.fire.completing.event->order, &of_b = b.told.fire.completing.event->order;
  return a.told.group == b.told.group && a.told.fire.time == b.told.fire.time && of_a.source == of_b.source &&
         of_a.id == of_b.id;
}

}  // namespace

Identity128 content_of(const Telling& telling) {
  const Fire& fire = telling.told.fire;
  Content content;
  content.plain(fire.time);
  content.place(fire.completing);
  content.plain(fire.from);
  content.plain(fire.events);
  content.plain(fire.approximate);
  content.plain(telling.told.held_back);
  content.plain(telling.ordinal.value_or(0));
  content.plain(fire.readings.size());
  for (const Reading& reading : fire.readings) {
    content.number(reading.value);
    content.plain(reading.at_least);
  }
  for (const auto& number : fire.numbers) content.number(number);
  for (const auto& [aggregate, sample] : fire.samples) {
    content.plain(sample.values.size());
    for (const Sample::Value& value : sample.values) {
      content.identity(value.identity);
      content.text(value.text);
    }
  }
  for (const auto& [condition, place] : fire.steps) content.place(place);
  return content.hash();
}

Alert Live::Impl::alert_of(uint32_t rule, const Telling& telling) {
  const Told& told = telling.told;
  if (!program.rules[rule].correlation) {
    Alert alert = alerts.alert_of(rule, *told.fire.completing.event);
    alert.held_back = told.held_back;
    return alert;
  }
  Alert alert = alerts.alert_of(rule, told);
  alert.learning = earlier(told.fire.time, program.rules[rule].correlation->span_us) < lines[rule]->knows_from;
  return alert;
}

// Alerts of a correlation that one event completes: ordinals as order_alerts() gives them.
void Live::Impl::number(uint32_t rule, std::vector<Telling>& tellings) {
  for (size_t i = 0, end = 0; i < tellings.size(); i = end) {
    for (end = i; end < tellings.size() && in_one_place(tellings[i], tellings[end]);) ++end;
    if (tellings[i].ordinal) continue;
    tellings[i].ordinal = 0;
    if (end == i + 1) continue;
    std::vector<std::pair<Alert, size_t>> equals;
    for (size_t at = i; at < end; ++at) equals.emplace_back(alert_of(rule, tellings[at]), at);
    std::sort(equals.begin(), equals.end(),
              [&](const auto& a, const auto& b) { return comes_before(program, a.first, b.first); });
    uint64_t ordinal = 0;
    for (size_t at = 0; at < equals.size(); ++at) {
      ordinal = at > 0 && same_completion(equals[at - 1].first, equals[at].first) ? ordinal + 1 : 0;
      tellings[equals[at].second].ordinal = ordinal;
    }
  }
}

// Makes the alerts that were not called for before, or say something else now.
std::vector<CalledFor> Live::Impl::called_for(uint32_t rule, std::vector<Telling> tellings,
                                              std::vector<CalledFor> before) {
  number(rule, tellings);
  std::unordered_map<Identity128, size_t, IdentityHash> known;
  for (size_t i = 0; i < before.size(); ++i) known[before[i].content] = i;
  std::vector<CalledFor> now;
  for (const Telling& telling : tellings) {
    const Identity128 content = content_of(telling);
    const auto found = known.find(content);
    if (found != known.end() && before[found->second].alert) {
      now.push_back(std::move(before[found->second]));
      before[found->second].alert = nullptr;
      continue;
    }
    auto alert = std::make_shared<Alert>(alert_of(rule, telling));
    alert->id = alert_id(program.rules[rule], *alert, *telling.ordinal);
    CalledFor& fresh = now.emplace_back(CalledFor{alert, content, "", false, {}});
    if (const auto* event = waiting.find(telling.told.fire.completing.event.get()))
      fresh.completed_by = event->of_alert;
  }
  for (const CalledFor& old : before)
    if (old.alert) unhear(old.heard);
  return now;
}

void Live::Impl::look_again(uint32_t rule) {
  LiveLine& line = *lines[rule];
  const int64_t began_us = steady_us();
  for (Preview& preview : line.state->preview(delivered_to(rule))) {
    OpenAlerts::Unit* known = line.open.find(preview.unit);
    if (!known && preview.tellings.empty()) continue;
    OpenAlerts::Unit& unit = line.open.change(preview.unit);
    unit.silenced = std::move(preview.silenced);
    unit.now = called_for(rule, std::move(preview.tellings), std::move(unit.now));
    for (CalledFor& one : unit.now) {
      line.called_for_from = std::min(line.called_for_from, one.alert->order.time);
      if (!std::exchange(one.was_heard, true)) one.heard = hear(*one.alert);
    }
  }
  const int64_t ended_us = steady_us();
  line.rests_until = ended_us + std::min(kRest * busy * (ended_us - began_us), kLongestRest);
}

// Rules that hear alerts never rest: what they call for must be known to others before these are decided.
bool Live::Impl::rests(uint32_t rule) const {
  const LiveLine& line = *lines[rule];
  return may_rest && !ended && !line.hears && advanced_us < line.rests_until;
}

// By value: who walks over it may find that a rule is deeper.
std::vector<uint32_t> Live::Impl::by_depth() {
  if (!order.empty()) return order;
  for (uint32_t rule = 0; rule < lines.size(); ++rule)
    if (lines[rule]) order.push_back(rule);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return lines[a]->depth < lines[b]->depth; });
  return order;
}

// Rules that hear alerts come after those that they hear; a rule that is found to hear a later one is looked at
// once more. There are no circles.
void Live::Impl::look_at_all() {
  busy = std::count_if(lines.begin(), lines.end(),
                       [](const auto& line) { return line && line->state->pending.touched(); });
  for (size_t round = 0; round <= lines.size(); ++round) {
    bool any = false;
    for (uint32_t rule : by_depth()) {
      if (!lines[rule]->state->pending.touched() || rests(rule)) continue;
      look_again(rule);
      any = true;
    }
    if (!any) break;
  }
}

// What was open and is not called for any more is not heard any more.
void Live::Impl::look_at_restored() {
  look_at_all();
  for (const std::string& id : std::exchange(restored_open, {})) {
    const auto heard = restored.find(id);
    if (heard == restored.end()) continue;
    unhear(heard->second);
    restored.erase(heard);
  }
  restored.clear();
}

void Live::Impl::settle() {
  if (options.only_finals && !ended) return;
  look_at_all();
  amended.clear();
  for (uint32_t rule : by_depth())
    lines[rule]->open.tell(amended, [&](const AlertRef& alert, const char* state, const std::string* replaces) {
      emit(alert, state, replaces);
    });
}

void Live::Impl::emit(const AlertRef& alert, const char* state, const std::string* replaces) {
  Alert& out = told.emplace_back(*alert);
  out.state = state;
  if (replaces) out.replaces = *replaces;
}

// What rules heard of it in another process, and still wait with.
std::optional<std::vector<HeardAlert>> Live::Impl::heard_before(const Alert& alert, std::string_view line) {
  const auto found = restored.find(alert.id);
  if (found == restored.end()) return std::nullopt;
  std::vector<HeardAlert> heard = std::move(found->second);
  restored.erase(found);
  if (std::all_of(heard.begin(), heard.end(), [&](const HeardAlert& one) {
        return line == std::string_view(one.event->record).substr(0, one.event->size);
      }))
    return heard;
  unhear(heard);
  return std::nullopt;
}

std::vector<HeardAlert> Live::Impl::hear(const Alert& alert) {
  std::vector<HeardAlert> heard;
  if (!has_alert_sources) return heard;
  const std::string line = heard_line(program, alert);
  if (auto known = heard_before(alert, line)) return *known;
  for (uint16_t source = 0; source < program.sources.size(); ++source) {
    if (!program.sources[source].is_alert) continue;
    const StoredEvent event = heard_event(line, source);
    if (!alerts.decode(event)) continue;
    match::Decoder& decoder = alerts.decoder();
    heard_match.assign(program.match_words(), 0);
    program.match(program.code.get(), &decoder.event(), alerts.scratch(), heard_match.data());
    HeardAlert one;
    for (uint32_t rule = 0; rule < program.rules.size(); ++rule) {
      if (!(heard_match[rule / 64] >> (rule % 64) & 1) || rule == alert.rule) continue;
      if (lines[alert.rule]) {
        const uint32_t depth = std::min(std::max(lines[rule]->depth, lines[alert.rule]->depth + 1),
                                        static_cast<uint32_t>(lines.size()));
        if (std::exchange(lines[rule]->depth, depth) != depth) order.clear();
      }
      if (!one.event) one.event = store_event(program, decoder, line, false, alert.where);
      Asked asked = ask(rule, decoder, alerts.scratch(), one.event, extraction);
      const auto rows = wait(asked, alert.id);
      one.rows.insert(one.rows.end(), rows.begin(), rows.end());
    }
    if (one.event) heard.push_back(std::move(one));
  }
  return heard;
}

void Live::Impl::unhear(const std::vector<HeardAlert>& heard) {
  for (const HeardAlert& one : heard)
    for (const auto& [rule, unit] : one.rows)
      waiting.release(one.event.get(), lines[rule]->state->pending.remove(unit, one.event.get()));
}

}  // namespace weir::correlate
