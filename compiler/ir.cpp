// The rows of ir.def as data, and the builder.
#include "compiler/ir.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <string_view>
#include <tuple>

namespace weir::ir {

const OpInfo& info(Op op) {
  static const OpInfo kRows[] = {
#define WEIR_OP(name, result, operands, imm, cost, meaning) \
  {Op::name, #name, Result::result, operands, Imm::imm, cost, meaning},
#include "compiler/ir.def"
#undef WEIR_OP
  };
  return kRows[static_cast<size_t>(op)];
}

namespace {

// ---- content hashes of what the pools hold
// --------------------------------------------------------------------

uint64_t mix(uint64_t seed, uint64_t value) {
  uint64_t x = seed ^ (value + 0x9e3779b97f4a7c15u + (seed << 6) + (seed >> 2));
  x ^= x >> 31;
  return x * 0xbf58476d1ce4e5b9u;
}

uint64_t digest(std::string_view text) { return std::hash<std::string_view>{}(text); }
uint64_t digest(double value) { return std::hash<double>{}(value); }
uint64_t digest(uint32_t value) { return mix(1, value); }
uint64_t digest(const match::TextRule& rule) { return (rule.cased ? 1u : 0u) + (rule.domain ? 2u : 0u); }

template <typename T>
uint64_t digest(const std::vector<T>& items);

uint64_t digest(const match::Network& network) {
  const std::string_view bytes(reinterpret_cast<const char*>(network.address.bytes),
                               sizeof network.address.bytes);
  return mix(digest(bytes), network.bits);
}
uint64_t digest(const Literal& literal) {
  return mix(mix(mix(static_cast<uint64_t>(literal.kind), digest(literal.text)),
                 static_cast<uint64_t>(literal.integer)),
             digest(literal.real));
}
uint64_t digest(const Texts& set) {
  return mix(mix(digest(set.rule), static_cast<uint64_t>(set.how)), digest(set.needles));
}
uint64_t digest(const PatternSpec& spec) {
  return mix(mix(digest(spec.text), digest(spec.wildcards)), digest(spec.rule));
}
uint64_t digest(const RegexSpec& spec) {
  const uint64_t flags = (spec.flags.ignore_case ? 1u : 0u) + (spec.flags.multi_line ? 2u : 0u) +
                         (spec.flags.dot_all ? 4u : 0u) + (spec.domain ? 8u : 0u);
  return mix(digest(spec.expression), flags);
}
uint64_t digest(const Table& table) {
  return mix(mix(digest(table.name), table.by_network.size()), table.by_domain.size());
}
uint64_t digest(const match::Step& step) {
  return mix(mix(digest(step.key), static_cast<uint64_t>(step.kind)), static_cast<uint32_t>(step.index));
}
uint64_t digest(const match::SlotSpec& slot) {
  return mix(mix(slot.axis, static_cast<uint64_t>(slot.want)), digest(slot.path));
}

template <typename T>
uint64_t digest(const std::vector<T>& items) {
  uint64_t hash = items.size();
  for (const T& item : items) hash = mix(hash, digest(item));
  return hash;
}

template <typename T>
bool equal(const T& a, const T& b) {
  return a == b;
}
bool equal(const match::Network& a, const match::Network& b) {
  return a.address == b.address && a.bits == b.bits;
}
bool equal(const std::vector<match::Network>& a, const std::vector<match::Network>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const match::Network& x, const match::Network& y) { return equal(x, y); });
}
bool equal(const Table& a, const Table& b) {
  const auto same_row = [](const auto& x, const auto& y) {
    return equal(x.first, y.first) && x.second == y.second;
  };
  return a.name == b.name && a.networks == b.networks &&
         std::equal(a.by_network.begin(), a.by_network.end(), b.by_network.begin(), b.by_network.end(),
                    same_row) &&
         std::equal(a.by_domain.begin(), a.by_domain.end(), b.by_domain.begin(), b.by_domain.end(), same_row);
}

// Kinds of pooled things; the slots of source s are kSlots + s.
enum Kind : uint64_t {
  kLiterals,
  kTexts,
  kPatterns,
  kRegexes,
  kNetworks,
  kNumbers,
  kTables,
  kTextRules,
  kSlots
};

bool address_order(const match::Network& a, const match::Network& b) {
  const auto key = [](const match::Network& n) {
    return std::tuple(
        std::string_view(reinterpret_cast<const char*>(n.address.bytes), sizeof n.address.bytes), n.bits);
  };
  return key(a) < key(b);
}

// -0 and 0 are one number, and must be one constant.
double without_sign_of_zero(double value) { return value == 0 ? 0.0 : value; }

uint64_t digest(const Inst& inst, std::span<const Value> operands) {
  uint64_t hash = mix(static_cast<uint64_t>(inst.op), inst.source);
  hash = mix(mix(hash, inst.axis), inst.imm);
  for (const Value operand : operands) hash = mix(hash, operand);
  return hash;
}

[[maybe_unused]] bool fits(const Module& module, const OpInfo& row, std::span<const Value> operands) {
  const std::string_view wanted = row.operands;
  const bool many = wanted.size() == 2 && wanted[1] == '*';
  if (!many && operands.size() != wanted.size()) return false;
  for (size_t i = 0; i < operands.size(); ++i) {
    if (operands[i] >= module.insts.size()) return false;
    const Result result = info(module.insts[operands[i]].op).result;
    if (result != (wanted[many ? 0 : i] == 'C' ? Result::C : Result::V)) return false;
  }
  return true;
}

}  // namespace

// ---- builder
// ----------------------------------------------------------------------------------------------------

Builder::Builder(Module& module) : module_(module) {
  for (Value value = 0; value < module.insts.size(); ++value) {
    known_.emplace(digest(module.insts[value], module.operands_of(module.insts[value])), value);
  }
}

template <typename Pool, typename Item>
uint32_t Builder::intern(uint64_t kind, Pool& pool, Item item) {
  if (indexed_.size() <= kind) indexed_.resize(kind + 1);
  if (!indexed_[kind]) {
    for (uint32_t i = 0; i < pool.size(); ++i) pooled_.emplace(mix(kind, digest(pool[i])), i);
    indexed_[kind] = true;
  }
  const uint64_t hash = mix(kind, digest(item));
  const auto [begin, end] = pooled_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (it->second < pool.size() && equal(pool[it->second], item)) return it->second;
  }
  pool.push_back(std::move(item));
  pooled_.emplace(hash, static_cast<uint32_t>(pool.size() - 1));
  return static_cast<uint32_t>(pool.size() - 1);
}

uint32_t Builder::slot(uint16_t source, match::SlotSpec spec) {
  assert(source < module_.sources.size());
  return intern(kSlots + uint64_t{source}, module_.sources[source].projection.slots, std::move(spec));
}

uint32_t Builder::axis(uint16_t source, match::AxisSpec spec) {
  assert(source < module_.sources.size());
  std::vector<match::AxisSpec>& axes = module_.sources[source].projection.axes;
  const auto known = std::find(axes.begin() + 1, axes.end(), spec);  // never the event itself
  if (known != axes.end()) return static_cast<uint32_t>(known - axes.begin());
  axes.push_back(std::move(spec));
  return static_cast<uint32_t>(axes.size() - 1);
}

Value Builder::field(uint16_t source, uint32_t slot) {
  assert(source < module_.sources.size() && slot < module_.sources[source].projection.slots.size());
  return add(Op::field, source, module_.sources[source].projection.slots[slot].axis, {}, slot);
}

Value Builder::literal(Literal literal) {
  literal.real = without_sign_of_zero(literal.real);
  return add(Op::literal, kAnySource, 0, {}, intern(kLiterals, module_.literals, std::move(literal)));
}

Value Builder::missing() { return make(Op::missing, {}); }

namespace {

// As match::TextSet, but twice is as once (passes add sets to sets): of several final dots none is taken here,
// the one that does not count is left to the set. Only what is compared with the end of a name loses its dot.
std::string normalised(std::string needle, match::TextSet::How how, match::TextRule rule) {
  using How = match::TextSet::How;
  if (!rule.cased) needle = match::fold(needle);
  const bool at_end = how != How::contains && how != How::starts;
  const bool dot = at_end && rule.domain && needle.size() > 1 && needle.ends_with('.') && !needle.ends_with("..");
  if (dot) needle.pop_back();
  return needle;
}

Texts normalised(Texts set) {
  for (std::string& needle : set.needles) needle = normalised(std::move(needle), set.how, set.rule);
  std::sort(set.needles.begin(), set.needles.end());
  set.needles.erase(std::unique(set.needles.begin(), set.needles.end()), set.needles.end());
  return set;
}

}  // namespace

Value Builder::texts(Value of, Texts set) {
  return derive(Op::texts, {of}, intern(kTexts, module_.texts, normalised(std::move(set))));
}

Value Builder::pattern(Value of, PatternSpec spec) {
  return derive(Op::pattern, {of}, intern(kPatterns, module_.patterns, std::move(spec)));
}

Value Builder::regex(Value of, RegexSpec spec) {
  return derive(Op::regex, {of}, intern(kRegexes, module_.regexes, std::move(spec)));
}

Value Builder::networks(Value of, std::vector<match::Network> set) {
  std::sort(set.begin(), set.end(), address_order);
  const auto same = [](const match::Network& a, const match::Network& b) { return equal(a, b); };
  set.erase(std::unique(set.begin(), set.end(), same), set.end());
  return derive(Op::networks, {of}, intern(kNetworks, module_.networks, std::move(set)));
}

Value Builder::numbers(Value of, std::vector<double> set) {
  for (double& number : set) number = without_sign_of_zero(number);
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
  return derive(Op::numbers, {of}, intern(kNumbers, module_.numbers, std::move(set)));
}

Value Builder::anywhere(uint16_t source, Texts set) {
  return add(Op::anywhere, source, 0, {}, intern(kTexts, module_.texts, normalised(std::move(set))));
}

Value Builder::anywhere_pattern(uint16_t source, PatternSpec spec) {
  return add(Op::anywhere_pattern, source, 0, {}, intern(kPatterns, module_.patterns, std::move(spec)));
}

Value Builder::table(Value of, Table table) {
  return derive(Op::lookup, {of}, intern(kTables, module_.tables, std::move(table)));
}

Value Builder::compare_texts(Op op, Value left, Value right, match::TextRule rule) {
  // `holds_below` has no immediate: domains know one rule only.
  if (info(op).imm == Imm::none) return make(op, {left, right});
  return derive(op, {left, right}, intern(kTextRules, module_.text_rules, rule));
}

Value Builder::at_least(uint32_t n, std::vector<Value> conditions) {
  return derive(Op::at_least, std::move(conditions), n);
}

Value Builder::before(int64_t seconds_since_1970) {
  const int64_t most = std::numeric_limits<uint32_t>::max();
  return add(Op::before, kAnySource, 0, {},
             static_cast<uint32_t>(std::clamp<int64_t>(seconds_since_1970, 0, most)));
}

Value Builder::on_axis(Op op, uint16_t source, uint32_t axis, std::vector<Value> operands) {
  assert(info(op).imm == Imm::axis && source < module_.sources.size());
  assert(axis != 0 && axis < module_.sources[source].projection.axes.size());
  const bool enters = op == Op::spread || op == Op::spread_condition;
  const uint32_t result = enters ? axis : module_.sources[source].projection.axes[axis].parent;
  return add(op, source, result, std::move(operands), axis);
}

Value Builder::make(Op op, std::vector<Value> operands) {
  assert(info(op).imm == Imm::none);
  return derive(op, std::move(operands), 0);
}

Value Builder::copy(const Inst& like, std::vector<Value> operands) {
  const Imm imm = info(like.op).imm;
  if (imm == Imm::axis || operands.empty())
    return add(like.op, like.source, like.axis, std::move(operands), like.imm);
  return derive(like.op, std::move(operands), like.imm);
}

match::Root Builder::root(Value value) {
  assert(value < module_.insts.size());
  module_.roots.push_back(value);
  return static_cast<match::Root>(module_.roots.size() - 1);
}

Value Builder::derive(Op op, std::vector<Value> operands, uint32_t imm) {
  uint16_t source = kAnySource;
  uint32_t axis = 0;
  for (const Value operand : operands) {
    assert(operand < module_.insts.size());
    const Inst& inst = module_.insts[operand];
    if (inst.source == kAnySource) continue;
    assert(source == kAnySource || (source == inst.source && axis == inst.axis));
    source = inst.source;
    axis = inst.axis;
  }
  return add(op, source, axis, std::move(operands), imm);
}

Value Builder::add(Op op, uint16_t source, uint32_t axis, std::vector<Value> operands, uint32_t imm) {
  assert(fits(module_, info(op), operands));
  Inst inst{.op = op, .source = source, .axis = axis, .imm = imm};
  const uint64_t hash = digest(inst, operands);
  const auto [begin, end] = known_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    const Inst& other = module_.insts[it->second];
    const std::span<const Value> others = module_.operands_of(other);
    if (other.op == op && other.source == source && other.axis == axis && other.imm == imm &&
        std::equal(operands.begin(), operands.end(), others.begin(), others.end())) {
      return it->second;
    }
  }
  inst.first = static_cast<uint32_t>(module_.operands.size());
  inst.count = static_cast<uint32_t>(operands.size());
  module_.operands.insert(module_.operands.end(), operands.begin(), operands.end());
  module_.insts.push_back(inst);
  const Value value = static_cast<Value>(module_.insts.size() - 1);
  known_.emplace(hash, value);
  return value;
}

}  // namespace weir::ir
