// Constants made ready, and what is forgotten between events.
#include "compiler/interpret_code.h"

#include <algorithm>

namespace weir::compiler {

namespace operations = match::operations;

// ---- constants
// ----------------------------------------------------------------------------------------------------

namespace {

uint32_t v4_number(const match::Address& address) {
  const uint8_t* const bytes = address.bytes + 12;
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
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

Code::PatternEnds ends_of(const ir::PatternSpec& spec) {
  Code::PatternEnds ends;
  if (spec.wildcards.empty() || spec.rule.domain) return ends;
  const auto [first, last] = std::minmax_element(spec.wildcards.begin(), spec.wildcards.end());
  ends.cased = spec.rule.cased;
  ends.begin = match::normal(spec.text.substr(0, *first), spec.rule);
  ends.end = match::normal(spec.text.substr(*last + 1), spec.rule);
  ends.are_all = *first == *last && spec.text[*first] == '*';
  return ends;
}

std::vector<std::pair<uint32_t, uint32_t>> v4_ranges_of(const std::vector<match::Network>& networks) {
  constexpr unsigned kBefore = 96;  // bits that every address of version 4 begins with
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  for (const match::Network& network : networks) {
    if (!network.address.v4) continue;
    const unsigned bits = network.bits <= kBefore ? 0 : network.bits - kBefore;
    const uint32_t others = bits == 0 ? UINT32_MAX : bits == 32 ? 0 : UINT32_MAX >> bits;
    const uint32_t address = v4_number(network.address);
    ranges.emplace_back(address & ~others, address | others);
  }
  return ranges;
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
  for (const ir::PatternSpec& spec : module.patterns) {
    patterns.emplace_back(spec.text, spec.wildcards, spec.rule);
    pattern_ends.push_back(ends_of(spec));
  }
  for (const ir::RegexSpec& spec : module.regexes) {
    regexes.push_back(spec.made());
    regex_of_domain.push_back(spec.domain);
  }
  for (const auto& set : module.networks) {
    networks.emplace_back(set);
    v4_ranges.push_back(v4_ranges_of(set));
  }
  for (auto& set : module.numbers) numbers.emplace_back(std::move(set));
  for (ir::Table& table : module.tables) tables.push_back(table_of(std::move(table), constants));
}

// ---- scratch
// ------------------------------------------------------------------------------------------------------

namespace {

void look(const rt_slot& slot, bool domain, TextView& view) {
  if (slot.count == 0) {
    view.size = TextView::kNothing;
    return;
  }
  const rt_value& value = slot.values[0];
  const bool is_plain =
      slot.count == 1 && value.kind == RT_TEXT && (value.flags & RT_ASCII) != 0 && value.size <= INT32_MAX;
  if (!is_plain) {
    view.size = slot.count == 1 && value.kind == RT_NULL ? TextView::kNothing : TextView::kOdd;
    return;
  }
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
  for (const uint32_t number : wanted) look(event.slots[number / 2], number % 2 != 0, seen[number]);
}

void Scratch::see_addresses(const std::vector<uint32_t>& wanted, const rt_event& event) {
  if (wanted.empty()) return;
  if (seen_addresses.size() <= wanted.back()) {
    seen_addresses.resize(wanted.back() + 1);
    addresses = seen_addresses.data();
  }
  for (const uint32_t number : wanted) {
    AddressView& view = seen_addresses[number];
    if (view.generation == generation) continue;
    view.generation = generation;
    const rt_slot& slot = event.slots[number];
    view.kind = slot.count == 0 ? AddressView::nothing : AddressView::odd;
    if (slot.count != 1 || slot.values[0].kind != RT_TEXT) continue;
    const std::optional<match::Address>& found = address(number, slot.values[0]);
    if (!found) {
      view.kind = AddressView::nothing;
    } else if (found->v4) {
      view.kind = AddressView::v4;
      view.address = v4_number(*found);
    }
  }
}

const std::optional<match::Address>& Scratch::address(uint32_t slot, const rt_value& value) {
  if (parsed.size() <= slot) parsed.resize(slot + 1);
  RememberedAddress& remembered = parsed[slot];
  if (remembered.generation != generation) {
    remembered.generation = generation;
    remembered.address = match::parse_address({value.data, value.size});
  }
  return remembered.address;
}

void Scratch::forget() {
  if (++generation < (1u << 31)) return;
  std::fill(conditions.begin(), conditions.end(), 0);
  std::fill(values.begin(), values.end(), Remembered{});
  parsed.clear();
  std::fill(seen_addresses.begin(), seen_addresses.end(), AddressView{});
  generation = 1;
}

void Scratch::begin(uint64_t next) {
  serial = next;
  forget();
  arena.reset();
}

}  // namespace weir::compiler
