// Roots are evaluated once for an event, however many groups it is in.
#include "runtime/correlate/row_extract.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/correlate/on_source.h"
#include "runtime/correlate/value_text.h"

namespace weir::correlate {
namespace {

Number number_of(const rt_value& value) {
  switch (value.kind) {
    case RT_INT:
    case RT_TIME:
    case RT_SPAN:
      return Number::of(value.integer);
    case RT_REAL:
      return std::isfinite(value.real) ? Number::of(value.real) : Number();
    default:
      return {};
  }
}

// The values that are there.
std::vector<rt_value> present(rt_list list) {
  std::vector<rt_value> values(list.values, list.values + list.count);
  std::erase_if(values, [](const rt_value& value) { return value.kind == RT_NULL; });
  return values;
}

// The scratch may reuse its memory from one root to the next: parts are copied, which borrows only from the
// event and from results that last until the next event.
std::vector<std::vector<rt_value>> parts_of(const Evaluation& evaluation, const match::RuleOnSource& on) {
  std::vector<std::vector<rt_value>> parts;
  for (match::Root root : on.group_by) parts.push_back(present(evaluation.values(root)));
  return parts;
}

std::vector<uint32_t> sizes_of(const std::vector<std::vector<rt_value>>& parts) {
  std::vector<uint32_t> sizes;
  for (const auto& part : parts) sizes.push_back(static_cast<uint32_t>(part.size()));
  return sizes;
}

std::vector<KeyPart> key_at(const match::Correlation& correlation,
                            const std::vector<std::vector<rt_value>>& parts,
                            const std::vector<uint32_t>& positions) {
  std::vector<KeyPart> key;
  for (size_t i = 0; i < parts.size(); ++i)
    key.push_back({parts[i][positions[i]], correlation.group_by[i].identity});
  return key;
}

}  // namespace

Admissions::Admissions(const match::Program& program, SpillOptions spill)
    : rows(program.rules.size(), std::move(spill)),
      without_key(program.rules.size()),
      first(program.sources.size()) {}

void Admissions::saw(uint16_t source, int64_t time) {
  if (!first[source] || time < *first[source]) first[source] = time;
  if (!newest || time > *newest) newest = time;
}

void Admissions::merge(Admissions&& other) {
  rows.merge(std::move(other.rows));
  for (size_t i = 0; i < without_key.size(); ++i) without_key[i] += other.without_key[i];
  for (uint16_t source = 0; source < first.size(); ++source)
    if (other.first[source]) saw(source, *other.first[source]);
  if (other.newest && (!newest || *other.newest > *newest)) newest = other.newest;
}

EventRef store_event(const match::Program& program, const match::Decoder& decoder, std::string_view record,
                     bool columns, std::string where) {
  const rt_event& event = decoder.event();
  auto stored = std::make_shared<StoredEvent>();
  stored->order.time = event.time;
  stored->order.source = program.sources[event.source].name;
  stored->content = decoder.canonical_hash();
  stored->order.id = decoder.id();
  if (stored->order.id.empty()) stored->order.id = fmt::format("{:016x}", stored->content);
  stored->source = event.source;
  stored->columns = columns;
  stored->size = record.size();
  stored->record.reserve(record.size() + match::kPadding);
  stored->record = record;
  stored->record.resize(record.size() + match::kPadding);
  stored->where = std::move(where);
  return stored;
}

std::string identity_bytes(const std::vector<KeyPart>& key) {
  std::string bytes;
  for (const KeyPart& part : key) append_identity({&part.value, 1}, part.identity, bytes);
  return bytes;
}

std::vector<KeyPart> key_of(const match::Program& program, const match::RuleInfo& rule, const rt_event& event,
                            rt_scratch* scratch, uint32_t number) {
  std::vector<KeyPart> key;
  const match::RuleOnSource* on = on_source(rule, event.source);
  if (!on) return key;
  const auto parts = parts_of({program, event, scratch}, *on);
  combinations(sizes_of(parts), [&](const std::vector<uint32_t>& positions, uint32_t at) {
    if (at == number) key = key_at(*rule.correlation, parts, positions);
  });
  return key;
}

RowExtraction::Answer RowExtraction::answer(const Evaluation& evaluation, match::Root root,
                                            match::Identity identity) {
  if (root == match::kNone) return {};
  if (root >= places_.size()) places_.resize(root + 1);
  const uint32_t place = places_[root];
  if (place < answers_.size() && answers_[place].root == root && answers_[place].identity == identity)
    return answers_[place];
  Answer answer{root, identity, static_cast<uint32_t>(values_.size()), 0, false};
  const rt_list list = evaluation.values(root);
  for (uint32_t i = 0; i < list.count; ++i) {
    const rt_value& value = list.values[i];
    if (value.kind == RT_NULL) continue;
    const size_t begin = bytes_.size();
    append_identity({&value, 1}, identity, bytes_);
    values_.push_back({identity_of(std::string_view(bytes_).substr(begin)), number_of(value),
                       static_cast<uint32_t>(begin), static_cast<uint32_t>(bytes_.size())});
  }
  answer.end = static_cast<uint32_t>(values_.size());
  places_[root] = static_cast<uint32_t>(answers_.size());
  answers_.push_back(answer);
  return answer;
}

void RowExtraction::add_texts(const Evaluation& evaluation, const Answer& answer) {
  if (answer.root == match::kNone) return;
  Answer& known = answers_[places_[answer.root]];
  if (std::exchange(known.has_texts, true)) return;
  const rt_list list = evaluation.values(answer.root);
  for (uint32_t i = 0, at = answer.begin; i < list.count; ++i) {
    if (list.values[i].kind == RT_NULL) continue;
    Value& value = values_[at++];
    value.text = static_cast<uint32_t>(bytes_.size());
    append_text(list.values[i], bytes_);
    value.text_end = static_cast<uint32_t>(bytes_.size());
  }
}

void RowExtraction::observe(const match::Correlation& correlation, const match::RuleOnSource& on,
                            const std::vector<bool>& shown, const Evaluation& evaluation) {
  seen_->conditions = 0;
  for (size_t i = 0; i < on.conditions.size(); ++i)
    if (evaluation.holds(on.conditions[i])) seen_->conditions |= uint64_t{1} << i;
  for (std::vector<RowValue>& values : seen_->values) values.clear();
  seen_->texts.clear();
  for (size_t i = 0; i < on.values.size(); ++i) {
    const Answer answer = this->answer(evaluation, on.values[i], correlation.values[i].identity);
    if (shown[i]) add_texts(evaluation, answer);
    for (uint32_t at = answer.begin; at < answer.end; ++at) {
      const Value& value = values_[at];
      RowValue& row_value = seen_->values[i].emplace_back(RowValue{value.identity, value.number});
      if (shown[i])
        seen_->add_text(row_value, std::string_view(bytes_).substr(value.text, value.text_end - value.text));
    }
  }
}

// As identity_of(identity_bytes(key)) for the key that these positions give.
Identity128 RowExtraction::group_at(const std::vector<uint32_t>& positions) {
  const std::vector<Answer>& key = *key_;
  if (key.size() == 1) return values_[key[0].begin + positions[0]].identity;
  work_.clear();
  for (size_t i = 0; i < key.size(); ++i) {
    const Value& value = values_[key[i].begin + positions[i]];
    work_.append(bytes_, value.begin, value.end - value.begin);
  }
  return identity_of(work_);
}

// A part of the group's key stands for the one element that this group has there.
Identity128 RowExtraction::silence_at(const std::vector<uint32_t>& positions, const match::RuleOnSource& on,
                                      const Evaluation& evaluation) {
  work_.clear();
  for (const match::NamedRoot& by : on.suppress_by) {
    if (by.key < key_->size()) {
      const Answer part = answer(evaluation, on.group_by[by.key], by.identity);
      const Value& value = values_[part.begin + positions[by.key]];
      work_.append(bytes_, value.begin, value.end - value.begin);
    } else {
      append_identity(evaluation.values(by.root), by.identity, work_);
    }
  }
  return identity_of(work_);
}

const RowExtraction::Asks& RowExtraction::asks_of(const match::Program& program, uint32_t rule,
                                                  const match::RuleOnSource& on) {
  if (program_ != &program) {
    program_ = &program;
    asks_.assign(program.rules.size() * program.sources.size(), {});
    keys_.clear();
    silences_.clear();
  }
  Asks& asks = asks_[rule * program.sources.size() + on.source];
  if (asks.key != Asks::kUnknown) return asks;
  const match::Correlation& correlation = *program.rules[rule].correlation;
  const auto place_of = [](auto& all, auto&& parts) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.parts == parts; });
    const auto place = static_cast<uint32_t>(found - all.begin());
    if (found == all.end()) all.emplace_back().parts = std::move(parts);
    return place;
  };
  decltype(Key::parts) parts;
  for (size_t i = 0; i < on.group_by.size(); ++i)
    parts.emplace_back(on.group_by[i], correlation.group_by[i].identity);
  asks.key = place_of(keys_, std::move(parts));
  decltype(Silence::parts) by_parts;
  for (const match::NamedRoot& by : on.suppress_by) {
    const bool of_key = by.key < on.group_by.size();
    by_parts.push_back({of_key ? on.group_by[by.key] : by.root, by.identity, of_key});
  }
  asks.silence = place_of(silences_, std::move(by_parts));
  asks.shown.resize(correlation.values.size());
  for (const match::Aggregate& aggregate : correlation.aggregates)
    if (aggregate.kind == match::Aggregate::Kind::sample) asks.shown[aggregate.values[0]] = true;
  return asks;
}

void RowExtraction::read(Key& key, const Evaluation& evaluation) {
  key.event = event_number_;
  key.missing = false;
  key.single = true;
  key.answers.clear();
  for (const auto& [root, identity] : key.parts) {
    const Answer part = answer(evaluation, root, identity);
    key.answers.push_back(part);
    key.missing |= part.end == part.begin;
    key.single &= part.end - part.begin == 1;
  }
  if (!key.single) return;
  key_ = &key.answers;
  firsts_.assign(key.answers.size(), 0);
  key.group = group_at(firsts_);
}

bool RowExtraction::extract(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
                            rt_scratch* scratch, const EventRef& stored) {
  if (event_ != stored) {
    event_ = stored;
    ++event_number_;
    answers_.clear();
    values_.clear();
    bytes_.clear();
  }
  groups_.clear();
  const match::RuleInfo& info = program.rules[rule];
  const match::Correlation& correlation = *info.correlation;
  const rt_event& event = decoder.event();
  const match::RuleOnSource* on = on_source(info, event.source);
  if (!on) return true;
  const Evaluation evaluation(program, event, scratch);
  if (on->group_by.size() < correlation.group_by.size()) return false;
  const Asks& asks = asks_of(program, rule, *on);
  Key& key = keys_[asks.key];
  if (key.event != event_number_) read(key, evaluation);
  if (key.missing) return false;
  key_ = &key.answers;
  if (observations_.size() <= correlation.values.size()) observations_.resize(correlation.values.size() + 1);
  seen_ = &observations_[correlation.values.size()];
  seen_->values.resize(correlation.values.size());
  seen_->counted = on->counted == match::kNone || evaluation.holds(on->counted);
  if (!seen_->counted && correlation.kind == match::Correlation::Kind::numbers)
    return true;  // fills no window
  observe(correlation, *on, asks.shown, evaluation);
  const bool own_silence = info.suppress_ms && !on->suppress_by.empty();
  if (!key.single) return enter_all(*on, evaluation, own_silence);
  if (!own_silence) {
    groups_.push_back({key.group, 0, key.group});
    return true;
  }
  Silence& silence = silences_[asks.silence];
  if (silence.event != event_number_) {
    silence.event = event_number_;
    firsts_.assign(key.answers.size(), 0);
    silence.key = silence_at(firsts_, *on, evaluation);
  }
  groups_.push_back({key.group, 0, silence.key});
  return true;
}

// All ways to take one value of each part.
bool RowExtraction::enter_all(const match::RuleOnSource& on, const Evaluation& evaluation, bool own_silence) {
  sizes_.clear();
  for (const Answer& part : *key_) sizes_.push_back(part.end - part.begin);
  combinations(sizes_, [&](const std::vector<uint32_t>& positions, uint32_t number) {
    const Identity128 group = group_at(positions);
    groups_.push_back({group, number, own_silence ? silence_at(positions, on, evaluation) : group});
  });
  // Two elements of an array may be the same: the event is in that group once.
  std::sort(groups_.begin(), groups_.end(), [](const RowGroup& a, const RowGroup& b) {
    return a.group != b.group ? a.group < b.group : a.combination < b.combination;
  });
  groups_.erase(std::unique(groups_.begin(), groups_.end(),
                            [](const RowGroup& a, const RowGroup& b) { return a.group == b.group; }),
                groups_.end());
  std::sort(groups_.begin(), groups_.end(),
            [](const RowGroup& a, const RowGroup& b) { return a.combination < b.combination; });
  return true;
}

std::optional<std::vector<Row>> rows_of(const match::Program& program, uint32_t rule,
                                        const match::Decoder& decoder, rt_scratch* scratch,
                                        const EventRef& stored, RowExtraction& extraction) {
  if (!extraction.extract(program, rule, decoder, scratch, stored)) return std::nullopt;
  std::vector<Row> rows;
  if (extraction.groups().empty()) return rows;
  const auto seen = std::make_shared<Observation>(extraction.seen());
  rows.reserve(extraction.groups().size());
  for (const RowGroup& group : extraction.groups())
    rows.push_back({group.group, {stored, group.combination, group.silence}, seen});
  return rows;
}

void add_rows(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
              rt_scratch* scratch, const EventRef& stored, Admissions& admissions) {
  RowExtraction& extraction = admissions.extraction;
  if (extraction.extract(program, rule, decoder, scratch, stored)) {
    admissions.rows.add(rule, stored, extraction.seen(), extraction.groups());
  } else {
    ++admissions.without_key[rule];
  }
}

}  // namespace weir::correlate
