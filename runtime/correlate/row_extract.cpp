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

Identity128 identity_of_value(const rt_value& value, match::Identity identity) {
  std::string bytes;
  append_identity({&value, 1}, identity, bytes);
  return identity_of(bytes);
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

// A part of the group's key stands for the one element that this group has there.
Identity128 silence_of(const Evaluation& evaluation, const match::RuleOnSource& on,
                       const std::vector<KeyPart>& key) {
  std::string bytes;
  for (const match::NamedRoot& by : on.suppress_by) {
    if (by.key < key.size()) {
      append_identity({&key[by.key].value, 1}, by.identity, bytes);
    } else {
      append_identity(evaluation.values(by.root), by.identity, bytes);
    }
  }
  return identity_of(bytes);
}

std::shared_ptr<const Observation> observe(const match::Correlation& correlation,
                                           const match::RuleOnSource& on, const Evaluation& evaluation) {
  auto seen = std::make_shared<Observation>();
  seen->counted = on.counted == match::kNone || evaluation.holds(on.counted);
  for (size_t i = 0; i < on.conditions.size(); ++i)
    if (evaluation.holds(on.conditions[i])) seen->conditions |= uint64_t{1} << i;
  seen->values.resize(correlation.values.size());
  for (size_t i = 0; i < on.values.size(); ++i)
    for (const rt_value& value : present(evaluation.values(on.values[i])))
      seen->values[i].push_back({identity_of_value(value, correlation.values[i].identity), number_of(value)});
  return seen;
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

std::optional<std::vector<Row>> rows_of(const match::Program& program, uint32_t rule,
                                        const match::Decoder& decoder, rt_scratch* scratch,
                                        const EventRef& stored) {
  std::vector<Row> rows;
  const match::RuleInfo& info = program.rules[rule];
  const rt_event& event = decoder.event();
  const match::RuleOnSource* on = on_source(info, event.source);
  if (!on) return rows;
  const Evaluation evaluation(program, event, scratch);
  const auto parts = parts_of(evaluation, *on);
  const std::vector<uint32_t> sizes = sizes_of(parts);
  if (sizes.size() < info.correlation->group_by.size() || std::count(sizes.begin(), sizes.end(), 0u) > 0)
    return std::nullopt;
  const auto seen = observe(*info.correlation, *on, evaluation);
  if (!seen->counted && info.correlation->kind == match::Correlation::Kind::numbers) return rows;  // fills no window
  combinations(sizes, [&](const std::vector<uint32_t>& positions, uint32_t number) {
    const std::vector<KeyPart> key = key_at(*info.correlation, parts, positions);
    const Identity128 group = identity_of(identity_bytes(key));
    const bool own_silence = info.suppress_ms && !on->suppress_by.empty();
    rows.push_back({group, {stored, number, own_silence ? silence_of(evaluation, *on, key) : group}, seen});
  });
  // Two elements of an array may be the same: the event is in that group once.
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.group != b.group ? a.group < b.group : a.place.combination < b.place.combination;
  });
  rows.erase(
      std::unique(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.group == b.group; }),
      rows.end());
  return rows;
}

void add_rows(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
              rt_scratch* scratch, const EventRef& stored, Admissions& admissions) {
  auto rows = rows_of(program, rule, decoder, scratch, stored);
  if (!rows) {
    ++admissions.without_key[rule];
    return;
  }
  for (Row& row : *rows) admissions.rows.add(rule, std::move(row));
}

}  // namespace weir::correlate
