// Constants made ready, and the tables by which an event finds its rules.
#include "compiler/interpret_code.h"

#include <algorithm>
#include <array>

namespace weir::compiler {

namespace operations = match::operations;

// ---- routes
// -------------------------------------------------------------------------------------------------------

uint32_t Routes::Key::intern(const std::string& value) {
  if (value.empty()) return 0;
  longest = std::max(longest, value.size());
  return ids.emplace(value, static_cast<uint32_t>(ids.size() + 1)).first->second;
}

uint32_t Routes::Key::find(std::string_view text) const {
  const auto look_up = [this](std::string_view normal) {
    const auto it = ids.find(normal);
    return it == ids.end() ? 0 : it->second;
  };
  const auto look_up_slowly = [&] { return look_up(match::normal(text, rule)); };

  // Folding ASCII keeps the length, and needs no allocation. Anything unusual goes the long way.
  std::array<char, 256> folded;
  if (rule.cased || (rule.domain && text.ends_with('.')) || longest > folded.size()) return look_up_slowly();
  const size_t size = std::min(text.size(), longest);
  for (size_t i = 0; i < size; ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) return look_up_slowly();
    folded[i] = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  if (text.size() == size) return look_up({folded.data(), size});
  const bool ascii = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
  return ascii ? 0 : look_up_slowly();
}

Routes::Routes(const ir::Dispatch::Source& source, uint16_t index, const ir::Module& module) {
  const auto rule_of = [&](uint32_t rule) {
    for (const match::RuleOnSource& on : module.rules[rule].sources) {
      if (on.source == index) return Rule{rule, module.roots[on.match]};
    }
    return Rule{rule, ir::kNoValue};
  };
  const auto rules_of = [&](const std::vector<uint32_t>& rules) {
    std::vector<Rule> result;
    for (const uint32_t rule : rules) {
      result.push_back(rule_of(rule));
      if (result.back().match == ir::kNoValue) result.pop_back();
    }
    return result;
  };

  generic_ = rules_of(source.generic);
  for (size_t i = 0; i < source.key_slots.size(); ++i)
    keys_.push_back({source.key_slots[i], source.key_rules[i], {}, 0});
  for (const ir::Dispatch::Bucket& bucket : source.buckets) {
    const uint32_t first = keys_[0].intern(bucket.values[0]);
    const uint32_t second = keys_.size() > 1 ? keys_[1].intern(bucket.values[1]) : 0;
    if (rows_.size() <= first) rows_.resize(first + 1);
    const uint32_t number = static_cast<uint32_t>(buckets_.size());
    buckets_.push_back(rules_of(bucket.rules));
    if (second == 0) {
      rows_[first].otherwise = number;
    } else {
      rows_[first].buckets.emplace_back(second, number);
    }
  }
  for (Row& row : rows_) std::sort(row.buckets.begin(), row.buckets.end());
}

void Routes::ids(size_t key, const rt_event& event, std::vector<uint32_t>& ids) const {
  ids.clear();
  const rt_slot& slot = event.slots[keys_[key].slot];
  for (uint32_t i = 0; i < slot.count; ++i) {
    operations::Spelling spelling;
    const std::string_view text = operations::text_of(slot.values[i], spelling);
    if (text.data() == nullptr) continue;
    const uint32_t id = keys_[key].find(text);
    if (id != 0) ids.push_back(id);
  }
  if (ids.empty()) ids.push_back(0);
  if (ids.size() == 1) return;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

uint32_t Routes::bucket_in(const Row& row, uint32_t second) {
  const auto it = std::lower_bound(row.buckets.begin(), row.buckets.end(), second,
                                   [](const auto& entry, uint32_t id) { return entry.first < id; });
  return it != row.buckets.end() && it->first == second ? it->second : UINT32_MAX;
}

const std::vector<Routes::Rule>* Routes::bucket(uint32_t first, uint32_t second) const {
  uint32_t found = UINT32_MAX;
  if (first < rows_.size()) {
    found = bucket_in(rows_[first], second);
    if (found == UINT32_MAX) found = rows_[first].otherwise;
  }
  if (found == UINT32_MAX && !rows_.empty()) found = bucket_in(rows_[0], second);
  return found == UINT32_MAX ? nullptr : &buckets_[found];
}

// ---- constants
// ----------------------------------------------------------------------------------------------------

namespace {

// For want of a dispatch.
ir::Dispatch::Source every_rule(const ir::Module& module) {
  ir::Dispatch::Source source;
  for (uint32_t rule = 0; rule < module.rules.size(); ++rule) source.generic.push_back(rule);
  return source;
}

rt_value value_of(const ir::Literal& literal, match::ResultArena& arena) {
  using Kind = ir::Literal::Kind;
  switch (literal.kind) {
    case Kind::text:
      return operations::text_value(literal.text);
    case Kind::integer:
      return operations::integer_value(literal.integer);
    case Kind::boolean:
      return operations::boolean_value(literal.integer != 0);
    case Kind::span:
      return operations::span_value(literal.integer);
    case Kind::time:
      return operations::time_value(literal.integer, arena);
    case Kind::real:
      break;
  }
  rt_value real{};
  real.real = literal.real;
  real.kind = RT_REAL;
  return real;
}

Code::Table table_of(ir::Table&& from, match::ResultArena& arena) {
  Code::Table table;
  table.networks = from.networks;
  for (auto& [network, literal] : from.by_network) {
    table.keys.add(network, static_cast<uint32_t>(table.literals.size()));
    table.literals.push_back(std::move(literal));
  }
  for (auto& [domain, literal] : from.by_domain) {
    table.keys.add(domain, static_cast<uint32_t>(table.literals.size()));
    table.literals.push_back(std::move(literal));
  }
  for (const ir::Literal& literal : table.literals) table.rows.push_back(value_of(literal, arena));
  return table;
}

}  // namespace

Code::Code(ir::Module module, const ir::Dispatch& dispatch) {
  for (uint16_t i = 0; i < module.sources.size(); ++i) {
    routes.emplace_back(i < dispatch.sources.size() ? dispatch.sources[i] : every_rule(module), i, module);
  }
  for (const match::SourceInfo& source : module.sources) axes.push_back(source.projection.axes);
  insts = std::move(module.insts);
  operands = std::move(module.operands);
  roots = std::move(module.roots);
  text_rules = std::move(module.text_rules);
  literals = std::move(module.literals);
  for (const ir::Literal& literal : literals) literal_values.push_back(value_of(literal, constants));
  for (ir::Texts& set : module.texts) texts.emplace_back(set.how, set.rule, std::move(set.needles));
  for (const ir::PatternSpec& spec : module.patterns)
    patterns.emplace_back(spec.text, spec.wildcards, spec.rule);
  for (const ir::RegexSpec& spec : module.regexes) {
    regexes.emplace_back(spec.expression, spec.flags);
    regex_of_domain.push_back(spec.domain);
  }
  for (const auto& set : module.networks) networks.emplace_back(set);
  for (auto& set : module.numbers) numbers.emplace_back(std::move(set));
  for (ir::Table& table : module.tables) tables.push_back(table_of(std::move(table), constants));
}

// ---- scratch
// ------------------------------------------------------------------------------------------------------

void Scratch::forget() {
  if (++generation < (1u << 31)) return;
  std::fill(conditions.begin(), conditions.end(), 0);
  std::fill(values.begin(), values.end(), Remembered{});
  generation = 1;
}

void Scratch::begin(uint64_t next) {
  serial = next;
  forget();
  arena.reset();
}

}  // namespace weir::compiler
