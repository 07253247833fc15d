// Constants made ready, and what is forgotten between events.
#include "compiler/interpret_code.h"

#include <algorithm>

namespace weir::compiler {

namespace operations = match::operations;

// ---- constants
// ----------------------------------------------------------------------------------------------------

namespace {

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

Code::Code(ir::Module module) {
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

namespace {

void look(const rt_slot& slot, bool domain, TextView& view) {
  view.size = slot.count == 0 ? TextView::kNothing : TextView::kOdd;
  if (slot.count != 1) return;
  const rt_value& value = slot.values[0];
  if (value.kind == RT_NULL) view.size = TextView::kNothing;
  if (value.kind != RT_TEXT || (value.flags & RT_ASCII) == 0 || value.size > INT32_MAX) return;
  view.data = value.data;
  view.size = static_cast<int32_t>(value.size);
  // The name of the root, ".", keeps its dot.
  if (domain && view.size > 1 && view.data[view.size - 1] == '.') --view.size;
}

}  // namespace

void Scratch::see(const std::vector<uint32_t>& wanted, const rt_event& event) {
  if (!wanted.empty() && seen.size() <= wanted.back()) {
    seen.resize(wanted.back() + 1);
    views = seen.data();
  }
  for (const uint32_t number : wanted) {
    TextView& view = seen[number];
    if (view.generation == generation) continue;
    view.generation = generation;
    look(event.slots[number / 2], number % 2 != 0, view);
  }
}

void Scratch::forget() {
  if (++generation < (1u << 31)) return;
  std::fill(conditions.begin(), conditions.end(), 0);
  std::fill(values.begin(), values.end(), Remembered{});
  addresses.clear();
  std::fill(seen.begin(), seen.end(), TextView{});
  generation = 1;
}

void Scratch::begin(uint64_t next) {
  serial = next;
  forget();
  arena.reset();
}

}  // namespace weir::compiler
