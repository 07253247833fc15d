// The parts of the state: what they are keyed by and made of (docs/state-format.md).
#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>
#include <utility>

#include "runtime/correlate/live_impl.h"
#include "runtime/correlate/live_parts.h"
#include "runtime/correlate/moment.h"
#include "runtime/match/side_by_side.h"
#include "runtime/correlate/state_bytes.h"

namespace weir::correlate {
namespace {

// How much of each aggregate is kept; another question may need more (language.md, 7, Restart).
std::vector<KeptAggregate> kept_aggregates(const RuleState& state) {
  const Plan& plan = state.plan();
  std::vector<KeptAggregate> kept;
  for (size_t i = 0; i < plan.kept.aggregates.size(); ++i) {
    const match::Aggregate& aggregate = plan.correlation->aggregates[i];
    KeptAggregate one;
    one.kind = static_cast<uint8_t>(aggregate.kind);
    one.text = aggregate.text;
    one.parameter = aggregate.parameter;
    one.entries = plan.kept.aggregates[i].entries;
    one.values = plan.kept.aggregates[i].values;
    kept.push_back(std::move(one));
  }
  return kept;
}

bool same_question(const KeptAggregate& a, const KeptAggregate& b) {
  return a.kind == b.kind && a.text == b.text && a.parameter == b.parameter;
}

// How many aggregates are as they were; `less`: of one of all that there are now, too little was kept.
size_t known_aggregates(const std::vector<KeptAggregate>& was, const std::vector<KeptAggregate>& is, bool& less) {
  size_t known = 0;
  while (known < was.size() && known < is.size() && same_question(was[known], is[known])) ++known;
  less = known < is.size();
  for (size_t i = 0; i < known; ++i) {
    const bool all_values_now = is[i].values == 0 && was[i].values > 0;
    less = less || is[i].entries > was[i].entries || is[i].values > was[i].values || all_values_now;
  }
  return known;
}

SavedRule saved_rule(const match::RuleInfo& rule, LiveLine& line) {
  SavedRule saved;
  saved.name = rule.name;
  saved.shape = rule.correlation ? rule.correlation->shape : 0;
  saved.correlates = rule.correlation != nullptr;
  saved.watermark = line.watermark;
  saved.first = line.first;
  saved.knows_from = line.knows_from;
  saved.told_eviction = line.told_eviction;
  if (const RuleState* state = line.state->state()) {
    saved.aggregates = kept_aggregates(*state);
    saved.tracked = state->plan().kept.tracked;
  }
  return saved;
}

// `fill(writer)` when the part exists.
template <class Fill>
SavedPart saved_part(std::string key, bool exists, Fill fill) {
  SavedPart made{std::move(key), std::nullopt};
  if (!exists) return made;
  StateWriter writer;
  fill(writer);
  made.value = sealed(made.key, writer);
  return made;
}

}  // namespace

// Most events are let in by one of a few sets of rules.
StateWriter Live::Impl::saved_batch(std::span<const WaitingEvents::Fresh> events) const {
  SavedBatch saved;
  StateWriter writer;
  std::map<std::vector<uint32_t>, uint32_t> sets;
  std::map<uint32_t, uint32_t> names;
  for (const WaitingEvents::Fresh& fresh : events) {
    writer.append(fresh.event);
    std::vector<uint32_t> set(fresh.rules.begin(), fresh.rules.end());
    const auto [known, is_new] = sets.try_emplace(set, static_cast<uint32_t>(sets.size()));
    saved.let_in_by.push_back(known->second);
    if (!is_new) continue;
    for (uint32_t& rule : set) {
      const auto [name, first] = names.try_emplace(rule, static_cast<uint32_t>(names.size()));
      if (first) saved.rules.push_back(program.rules[rule].name);
      rule = name->second;
    }
    saved.sets.push_back(std::move(set));
  }
  writer(saved);
  return writer;
}

// Nobody waits for a replay, and it writes little else.
void Live::Impl::save_packed(Hand& hand) const {
  hand.batches.push_back(framed(saved_batch(hand.unsaved.all()), Framing::packed));
  hand.unsaved.clear();
}

void Live::Impl::save_batches(std::vector<SavedPart>& parts) {
  const auto add = [&](uint64_t number, std::string frame) {
    std::string key = part_key(kBatchPart, number);
    std::string value = sealed(key, std::move(frame));
    parts.push_back({std::move(key), std::move(value)});
  };
  while (const auto batch = waiting.next_batch())
    add(batch->number, framed(saved_batch(batch->events), Framing::plain));
  for (const std::shared_ptr<Hand>& hand : hands) {
    if (!hand->unsaved.empty()) save_packed(*hand);
    for (std::string& frame : hand->batches) add(waiting.begin_packed_batch(), std::move(frame));
    hand->batches.clear();
  }
}

// That time passes is worth no commit of its own: whoever starts again from an earlier moment takes late events a
// little longer.
constexpr int64_t kClockEveryUs = 10'000'000;

std::vector<SavedPart> Live::Impl::saved_groups(uint32_t rule) {
  LiveLine& line = *lines[rule];
  std::vector<SavedPart> parts;
  RuleState* const state = line.state->state();
  if (!state) return parts;
  if (ended) state->forget_idle(line.watermark);
  line.saved.save(*state, program.rules[rule].name, state->take_changed(), options.pack_from, parts);
  if (ended) {
    state->let_go();
    line.saved = {};
  }
  return parts;
}

std::vector<SavedPart> Live::Impl::saved_of(uint32_t rule) {
  LiveLine& line = *lines[rule];
  const std::string& name = program.rules[rule].name;
  std::vector<SavedPart> parts = std::exchange(line.last_groups, {}), groups = saved_groups(rule);
  std::move(groups.begin(), groups.end(), std::back_inserter(parts));
  Silences& silences = line.state->silences();
  for (const Identity128& key : silences.take_changed())
    parts.push_back(saved_part(part_key(kSilencePart, name, key), silences.has(key),
                               [&](StateWriter& writer) { silences.serialise(writer, key); }));
  for (auto& [id, change] : line.open.take_changes())
    parts.push_back(saved_part(
        part_key(kOpenPart, name, id), change.said.has_value(), [&, &change = change](StateWriter& writer) {
          SavedAlert saved{name, change.unit, change.said->completed_by, *change.said->alert};
          writer(saved);
        }));
  return parts;
}

std::vector<SavedPart> Live::Impl::take_saved() {
  settle();
  gather();
  std::vector<SavedPart> parts;
  for (std::string& key : std::exchange(dropped, {})) parts.push_back({std::move(key), std::nullopt});
  auto part = [&](std::string key, bool exists, auto fill) {
    parts.push_back(saved_part(std::move(key), exists, fill));
  };

  SavedHead head;
  save_batches(parts);
  for (size_t source = 0; source < delivered.size(); ++source)
    head.delivered.emplace_back(program.sources[source].name, delivered[source]);
  head.newest = newest;
  head.next_event = waiting.next_number();
  for (uint32_t rule = 0; rule < lines.size(); ++rule) {
    if (!lines[rule]) continue;
    head.rules.push_back(saved_rule(program.rules[rule], *lines[rule]));
  }
  std::vector<std::vector<SavedPart>> of_rules(lines.size());
  match::side_by_side(ended ? options.threads : 1, lines.size(), [&](size_t rule) {
    if (lines[rule]) of_rules[rule] = saved_of(static_cast<uint32_t>(rule));
  });
  for (std::vector<SavedPart>& of_rule : of_rules)
    std::move(of_rule.begin(), of_rule.end(), std::back_inserter(parts));
  for (uint64_t number : waiting.take_empty_batches())
    part(part_key(kBatchPart, number), false, [](StateWriter&) {});
  for (uint64_t number : waiting.take_changed()) {
    const WaitingEvents::Waiting* event = waiting.find(number);
    part(part_key(kEventPart, number), event != nullptr, [&](StateWriter& writer) {
      SavedEvent saved;
      for (uint32_t rule : event->rules) saved.rules.push_back(program.rules[rule].name);
      saved.of_alert = event->of_alert;
      saved.event = event->event;
      writer(saved);
    });
  }
  for (const Identity128& of : ordinals.take_changed())
    part(part_key(kOrdinalPart, "", of), ordinals.has(of),
         [&](StateWriter& writer) { ordinals.serialise(writer, of); });

  const bool may_wait = parts.empty() && head.is_but_later_than(saved_head) &&
                        earlier(head.moment(), kClockEveryUs) < saved_head.moment();
  if (!may_wait) {
    part(std::string(1, kHeadPart), true, [&](StateWriter& writer) { writer(head); });
    saved_head = std::move(head);
  }
  return parts;
}

// Reads the parts into a Live that has taken nothing yet.
class Restoration {
  using Parts = std::map<std::string_view, std::string_view>;

 public:
  Restoration(Live::Impl& live, std::vector<std::string>& forgotten) : live_(live), forgotten_(forgotten) {}

  std::optional<std::string> run(const std::vector<SavedPart>& parts, const Live::EachPart& more) {
    Parts by_key;
    for (const SavedPart& part : parts)
      if (part.value) by_key[part.key] = *part.value;
    if (by_key.empty()) return std::nullopt;
    const auto head = by_key.find(std::string_view(&kHeadPart, 1));
    if (head == by_key.end()) return "the state has no head, without which its other parts mean nothing";
    // An alert that is open has to be called for again, by the rows that wait.
    const auto is_open = [](const auto& part) { return part.first[0] == kOpenPart; };
    if (live_.packed && std::any_of(by_key.begin(), by_key.end(), is_open)) live_.unpack();
    if (!read(head->first, head->second, [&](StateReader& reader) { return restore_head(reader); })) return wrong_;
    by_key.erase(head);
    // Rows find their groups there.
    if (!restore_parts(by_key, {kPackPart}) ||
        !restore_parts(by_key, {kGroupPart, kSilencePart, kOrdinalPart}))
      return wrong_;
    for (const std::unique_ptr<LiveLine>& line : live_.lines)
      if (line && line->state->state()) line->state->state()->settle_restored();
    if (!restore_parts(by_key, {kBatchPart})) return wrong_;
    if (more) more([&](const SavedPart& part) { restore_another(part); });
    if (!wrong_.empty() || !restore_parts(by_key, {kEventPart, kOpenPart})) return wrong_;
    if (!by_key.empty()) return "the part " + printable(by_key.begin()->first) + " of the state is of no known kind";
    finish();
    return std::nullopt;
  }

 private:
  struct KnownRule {
    uint32_t rule = 0;
    size_t aggregates = 0;  // that are as they were
  };

  bool restore_parts(Parts& parts, std::initializer_list<char> kinds) {
    for (auto at = parts.begin(); at != parts.end();) {
      const auto [key, value] = *at;
      if (key.empty() || std::find(kinds.begin(), kinds.end(), key[0]) == kinds.end()) {
        ++at;
        continue;
      }
      if (!read(key, value, [&, &key = key](StateReader& reader) { return restore_part(key, reader); })) return false;
      at = parts.erase(at);
    }
    return true;
  }

  void restore_another(const SavedPart& part) {
    if (wrong_.empty() && part.value)
      read(part.key, *part.value, [&](StateReader& reader) { return restore_part(part.key, reader); });
  }

  template <class Restore>
  bool read(std::string_view key, std::string_view value, Restore restore) {
    StateReader reader("");
    std::string unpacked;
    auto wrong = unseal(key, value, live_.program, reader, unpacked);
    if (!wrong && (!restore(reader) || reader.failed() || !reader.at_end()))
      wrong = "its content is not what its key says";
    if (wrong) wrong_ = "the part " + printable(key) + " of the state cannot be read: " + *wrong;
    return !wrong;
  }

  static std::string printable(std::string_view key) {
    std::string out = "`";
    for (char byte : key.substr(0, 80)) {
      const bool plain = byte > ' ' && byte < 127;
      out += plain ? byte : '.';
    }
    return out + "`";
  }

  // ---- the head
  bool restore_head(StateReader& reader) {
    SavedHead head;
    reader(head);
    if (reader.failed()) return false;
    for (const auto& [name, delivered] : head.delivered)
      for (size_t source = 0; source < live_.delivered.size(); ++source)
        if (live_.program.sources[source].name == name) live_.delivered[source] = delivered;
    live_.newest = head.newest;
    next_event_ = head.next_event;
    for (const SavedRule& saved : head.rules) restore_rule(saved);
    // A rule that is new to the state begins now.
    for (uint32_t rule = 0; rule < live_.lines.size(); ++rule)
      if (live_.lines[rule] && !known_[live_.program.rules[rule].name]) begin_now(*live_.lines[rule]);
    return true;
  }

  void restore_rule(const SavedRule& saved) {
    for (uint32_t rule = 0; rule < live_.lines.size(); ++rule) {
      const match::RuleInfo& info = live_.program.rules[rule];
      if (info.name != saved.name || !live_.lines[rule]) continue;
      LiveLine& line = *live_.lines[rule];
      const RuleState* state = line.state->state();
      const bool same = saved.correlates == (state != nullptr) &&
                        (!state || (saved.shape == info.correlation->shape && saved.tracked == state->plan().kept.tracked));
      if (!same) break;
      KnownRule known{rule, 0};
      line.watermark = saved.watermark;
      line.knows_from = saved.knows_from;
      line.told_eviction = saved.told_eviction;
      if (state) {
        bool less = false;
        known.aggregates = known_aggregates(saved.aggregates, kept_aggregates(*state), less);
        if (less) line.knows_from = std::max(line.knows_from, saved.watermark);
      }
      if (saved.first && info.correlation && info.correlation->warmup_us) {
        line.first = saved.first;
        line.state->set_ready_from(later(*saved.first, *info.correlation->warmup_us));
      }
      known_[saved.name] = known;
      return;
    }
    forgotten_.push_back(saved.name);
  }

  void begin_now(LiveLine& line) { line.knows_from = live_.newest.value_or(kBeginningOfTime); }

  // ---- the other parts
  bool restore_part(std::string_view key, StateReader& reader) {
    PartKey of;
    if (!read_part_key(key, of)) return false;
    switch (of.kind) {
      case kGroupPart:
      case kPackPart:
      case kSilencePart:
        return restore_of_rule(key, of, reader);
      case kOpenPart:
        return restore_open(key, of, reader);
      case kEventPart:
        return restore_event(key, of, reader);
      case kBatchPart:
        return restore_batch(key, of, reader);
      case kOrdinalPart:
        live_.ordinals.serialise(reader, of.identity);
        return true;
      default:
        return false;
    }
  }

  bool drop(std::string_view key, StateReader& reader) {
    live_.dropped.emplace_back(key);
    reader = StateReader("");
    return true;
  }

  bool restore_of_rule(std::string_view key, const PartKey& of, StateReader& reader) {
    const auto& known = known_[std::string(of.rule)];
    if (!known) return drop(key, reader);
    LiveLine& line = *live_.lines[known->rule];
    LiveRule& rule = *line.state;
    RuleState* const state = rule.state();
    if (of.kind == kGroupPart)
      return state && line.saved.restore_one(of.identity, reader, *state, known->aggregates);
    if (of.kind == kPackPart)
      return state && line.saved.restore_pack(of.number, reader, *state, known->aggregates);
    rule.silences().serialise(reader, of.identity);
    return true;
  }

  // An alert of a rule that has begun anew, or tells at once now, is withdrawn; of one that is gone nobody
  // can say anything.
  bool restore_open(std::string_view key, const PartKey& of, StateReader& reader) {
    SavedAlert saved;
    reader(saved);
    if (reader.failed() || saved.rule != of.rule || saved.alert.id != of.id || saved.alert.level >= match::kLevels)
      return false;
    for (uint32_t rule = 0; rule < live_.lines.size(); ++rule) {
      if (live_.program.rules[rule].name != saved.rule) continue;
      saved.alert.rule = rule;
      const auto alert = std::make_shared<Alert>(std::move(saved.alert));
      if (live_.lines[rule]) {
        live_.lines[rule]->open.restore(saved.unit, {alert, saved.completed_by});
        live_.restored_open.push_back(alert->id);
      } else {
        live_.emit(alert, "withdrawn", nullptr);
        live_.dropped.emplace_back(key);
      }
      return true;
    }
    return drop(key, reader);
  }

  bool restore_event(std::string_view key, const PartKey& of, StateReader& reader) {
    SavedEvent saved;
    reader(saved);
    if (reader.failed() || of.number >= next_event_) return false;
    const std::vector<uint32_t> rules = known_among(saved.rules);
    if (rules.empty()) return drop(key, reader);
    live_.waiting.go_on_from(of.number);
    HeardAlert heard;
    if (!wait_again(saved.event, rules, saved.of_alert, heard)) return false;
    // One that is no alert was saved by an earlier version: it goes into a batch.
    if (heard.rows.empty() || saved.of_alert.empty()) return drop(key, reader);
    live_.restored[saved.of_alert].push_back(std::move(heard));
    return true;
  }

  bool restore_batch(std::string_view key, const PartKey& of, StateReader& reader) {
    SavedBatch saved;
    reader(saved);
    if (reader.failed() || of.number >= next_event_ || saved.let_in_by.size() != reader.events.size()) return false;
    std::vector<std::vector<uint32_t>> sets;
    for (const std::vector<uint32_t>& set : saved.sets) {
      std::vector<std::string> names;
      for (const uint32_t rule : set) {
        if (rule >= saved.rules.size()) return false;
        names.push_back(saved.rules[rule]);
      }
      sets.push_back(known_among(names));
    }
    live_.waiting.begin_batch(of.number);
    for (size_t i = 0; i < saved.let_in_by.size(); ++i) {
      if (saved.let_in_by[i] >= sets.size()) return false;
      HeardAlert none;
      const std::vector<uint32_t>& rules = sets[saved.let_in_by[i]];
      if (!rules.empty() && !wait_again(reader.events[i], rules, "", none)) return false;
      reader.events[i] = nullptr;
    }
    return live_.waiting.end_batch() || drop(key, reader);
  }

  std::vector<uint32_t> known_among(const std::vector<std::string>& names) {
    std::vector<uint32_t> rules;
    for (const std::string& name : names)
      if (const auto& known = known_[name]) rules.push_back(known->rule);
    return rules;
  }

  // Makes the rows of a saved event anew. False when it cannot be theirs.
  bool wait_again(const EventRef& saved, const std::vector<uint32_t>& rules, const std::string& of_alert,
                  HeardAlert& heard) {
    if (!saved || !live_.alerts.decode(*saved)) return false;
    match::Decoder& decoder = live_.alerts.decoder();
    const std::string_view record(saved->record.data(), saved->size);
    heard.event = store_event(live_.program, decoder, record, saved->columns, saved->where);
    for (const uint32_t rule : rules) {
      const std::vector<match::RuleOnSource>& sources = live_.program.rules[rule].sources;
      if (std::none_of(sources.begin(), sources.end(),
                       [&](const match::RuleOnSource& on) { return on.source == heard.event->source; }))
        return false;
      rt_scratch* const scratch = live_.alerts.scratch();
      if (live_.is_packed(rule)) {
        live_.wait_packed(rule, decoder, scratch, heard.event);
        continue;
      }
      Asked asked = live_.ask(rule, decoder, scratch, heard.event, live_.extraction);
      const auto rows = live_.wait(asked, of_alert);
      heard.rows.insert(heard.rows.end(), rows.begin(), rows.end());
    }
    return true;
  }

  // What was called for is called for again; what was open is compared with it when alerts are taken.
  void finish() {
    live_.waiting.go_on_from(next_event_);
    live_.waiting.take_changed();
    live_.missed = false;
    live_.counts.without_key.assign(live_.counts.without_key.size(), 0);
    for (uint32_t rule = 0; rule < live_.lines.size(); ++rule) {
      if (!live_.lines[rule]) continue;
      LiveRule& state = *live_.lines[rule]->state;
      state.silences().take_changed();
      live_.woken_to[rule] = live_.delivered_to(rule);
      state.wake(kBeginningOfTime, live_.woken_to[rule]);
    }
    // A replay calls for nothing before its end: what it called for now might not be called for then.
    if (live_.packed) live_.restored.clear();
    if (!live_.options.only_finals) live_.look_at_restored();
  }

  Live::Impl& live_;
  std::vector<std::string>& forgotten_;
  std::map<std::string, std::optional<KnownRule>, std::less<>> known_;
  uint64_t next_event_ = 0;
  std::string wrong_;
};

std::optional<std::string> Live::Impl::restore(const std::vector<SavedPart>& parts,
                                               std::vector<std::string>& forgotten, const EachPart& more) {
  return Restoration(*this, forgotten).run(parts, more);
}

}  // namespace weir::correlate
