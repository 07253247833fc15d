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
  Answer answer{root, identity, static_cast<uint32_t>(values_.size()), 0};
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

void RowExtraction::observe(const match::Correlation& correlation, const match::RuleOnSource& on,
                            const Evaluation& evaluation) {
  seen_.conditions = 0;
  for (size_t i = 0; i < on.conditions.size(); ++i)
    if (evaluation.holds(on.conditions[i])) seen_.conditions |= uint64_t{1} << i;
  seen_.values.resize(correlation.values.size());
  for (std::vector<RowValue>& values : seen_.values) values.clear();
  for (size_t i = 0; i < on.values.size(); ++i) {
    const Answer answer = this->answer(evaluation, on.values[i], correlation.values[i].identity);
    for (uint32_t at = answer.begin; at < answer.end; ++at)
      seen_.values[i].push_back({values_[at].identity, values_[at].number});
  }
}

// As identity_of(identity_bytes(key)) for the key that these positions give.
Identity128 RowExtraction::group_at(const std::vector<uint32_t>& positions) {
  if (key_.size() == 1) return values_[key_[0].begin + positions[0]].identity;
  work_.clear();
  for (size_t i = 0; i < key_.size(); ++i) {
    const Value& value = values_[key_[i].begin + positions[i]];
    work_.append(bytes_, value.begin, value.end - value.begin);
  }
  return identity_of(work_);
}

// A part of the group's key stands for the one element that this group has there.
Identity128 RowExtraction::silence_at(const std::vector<uint32_t>& positions, const match::RuleOnSource& on,
                                      const Evaluation& evaluation) {
  work_.clear();
  for (const match::NamedRoot& by : on.suppress_by) {
    if (by.key < key_.size()) {
      const Answer part = answer(evaluation, on.group_by[by.key], by.identity);
      const Value& value = values_[part.begin + positions[by.key]];
      work_.append(bytes_, value.begin, value.end - value.begin);
    } else {
      append_identity(evaluation.values(by.root), by.identity, work_);
    }
  }
  return identity_of(work_);
}

bool RowExtraction::extract(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
                            rt_scratch* scratch, const EventRef& stored) {
  if (event_ != stored) {
    event_ = stored;
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
  key_.clear();
  sizes_.clear();
  for (size_t i = 0; i < on->group_by.size(); ++i) {
    key_.push_back(answer(evaluation, on->group_by[i], correlation.group_by[i].identity));
    sizes_.push_back(key_.back().end - key_.back().begin);
    if (sizes_.back() == 0) return false;
  }
  seen_.counted = on->counted == match::kNone || evaluation.holds(on->counted);
  if (!seen_.counted && correlation.kind == match::Correlation::Kind::numbers) return true;  // fills no window
  observe(correlation, *on, evaluation);
  const bool own_silence = info.suppress_ms && !on->suppress_by.empty();
  const auto enter = [&](const std::vector<uint32_t>& positions, uint32_t number) {
    const Identity128 group = group_at(positions);
    groups_.push_back({group, number, own_silence ? silence_at(positions, *on, evaluation) : group});
  };
  if (std::all_of(sizes_.begin(), sizes_.end(), [](uint32_t size) { return size == 1; })) {
    firsts_.assign(sizes_.size(), 0);
    enter(firsts_, 0);
    return true;
  }
  combinations(sizes_, enter);
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
