// Only texts long enough for FieldTexts; all without regard to case, which only ever finds more.
#include "compiler/searches.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_set>

#include "runtime/match/utf8.h"

namespace weir::compiler {
namespace {

using ir::Op;
using How = match::TextSet::How;

constexpr size_t kWorth = 3;       // conditions of a chain: fewer are asked one by one
constexpr size_t kMostTexts = 64;  // of a condition

// What one of has to be in a value for the condition to hold.
struct Sought {
  std::vector<std::string> texts;  // folded; those that are not ASCII are in no ASCII value, and left out
  bool exact = false;
};

std::optional<Sought> sought_by(const ir::Texts& set) {
  if (set.how != How::contains || set.needles.empty() || set.needles.size() > kMostTexts) return std::nullopt;
  Sought sought{.exact = !set.rule.cased && !set.rule.domain};
  for (const std::string& needle : set.needles) {
    std::string folded = match::normal(needle, {.cased = false});
    if (folded.size() < FieldTexts::kShortestPart) return std::nullopt;
    if (match::is_ascii(folded)) sought.texts.push_back(std::move(folded));
  }
  return sought;
}

// What stands between two wildcards; how the value begins and ends is compared where it is asked.
std::optional<Sought> sought_by(const ir::PatternSpec& spec) {
  std::vector<uint32_t> wildcards = spec.wildcards;
  std::sort(wildcards.begin(), wildcards.end());
  std::string longest;
  for (size_t i = 0; i + 1 < wildcards.size(); ++i) {
    const size_t begin = wildcards[i] + 1, end = wildcards[i + 1];
    std::string piece = match::normal(spec.text.substr(begin, end - begin), {.cased = false});
    if (piece.size() > longest.size()) longest = std::move(piece);
  }
  if (longest.size() < FieldTexts::kShortestPart) return std::nullopt;
  Sought sought;
  if (match::is_ascii(longest)) sought.texts.push_back(std::move(longest));
  return sought;
}

std::optional<Sought> sought_by(const ir::Module& module, const ir::Inst& inst) {
  if (inst.op == Op::texts) return sought_by(module.texts[inst.imm]);
  if (inst.op == Op::pattern) return sought_by(module.patterns[inst.imm]);
  return std::nullopt;
}

// The conditions on fields of the event that a search could decide, each once.
std::vector<ir::Value> searchable(const ir::Module& module, const std::vector<ir::Plan::Rule>& rules) {
  std::vector<ir::Value> conditions, open;
  std::unordered_set<ir::Value> seen;
  for (const ir::Plan::Rule& rule : rules) open.push_back(rule.match);
  while (!open.empty()) {
    const ir::Value value = open.back();
    open.pop_back();
    const ir::Inst& inst = module.insts[value];
    if (inst.axis != 0 || !seen.insert(value).second) continue;
    if (inst.op == Op::texts || inst.op == Op::pattern) {
      const ir::Inst& field = module.insts[module.operands_of(inst)[0]];
      if (field.op == Op::field && field.axis == 0 && sought_by(module, inst)) conditions.push_back(value);
    } else if (inst.op == Op::both || inst.op == Op::either || inst.op == Op::negate ||
               inst.op == Op::at_least) {
      for (const ir::Value operand : module.operands_of(inst)) open.push_back(operand);
    }
  }
  return conditions;
}

}  // namespace

Searches::Searches(const ir::Module& module, const std::vector<ir::Plan::Rule>& chain) {
  std::map<uint32_t, std::vector<ir::Value>> by_slot;
  for (const ir::Value condition : searchable(module, chain))
    by_slot[module.insts[module.operands_of(module.insts[condition])[0]].imm].push_back(condition);
  for (const auto& [slot, conditions] : by_slot) {
    if (conditions.size() >= kWorth) add(module, slot, conditions);
  }
}

void Searches::add(const ir::Module& module, uint32_t slot, const std::vector<ir::Value>& conditions) {
  Search& search = searches_.emplace_back(Search{.slot = slot, .first_word = static_cast<uint32_t>(words_)});
  uint32_t bit = 0;
  for (const ir::Value condition : conditions) {
    const std::optional<Sought> sought = sought_by(module, module.insts[condition]);
    for (const std::string& text : sought->texts) search.texts.add(How::contains, text, bit);
    found_.emplace(condition, Found{64 * search.first_word + bit++, sought->exact});
  }
  search.texts.finish();
  search.words = (bit + 63) / 64;
  words_ += search.words;
}

std::optional<Searches::Found> Searches::find(ir::Value condition) const {
  const auto it = found_.find(condition);
  return it == found_.end() ? std::nullopt : std::optional(it->second);
}

void Searches::run(const rt_event& event, uint64_t* found) const {
  for (const Search& search : searches_) {
    const rt_slot& slot = event.slots[search.slot];
    const rt_value* const value = slot.count == 1 ? slot.values : nullptr;
    const bool is_plain = value != nullptr && value->kind == RT_TEXT && (value->flags & RT_ASCII) != 0 &&
                          value->size <= INT32_MAX;
    // Nothing has no text; of anything but one plain text all may hold.
    const bool none = is_plain || slot.count == 0 || (value != nullptr && value->kind == RT_NULL);
    uint64_t* const bits = found + search.first_word;
    for (uint32_t word = 0; word < search.words; ++word) bits[word] = none ? 0 : ~uint64_t{0};
    if (is_plain) search.texts.note({value->data, value->size}, bits);
  }
}

}  // namespace weir::compiler
