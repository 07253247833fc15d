// What can never hold: items that exclude each other (E307), and conditions that no event satisfies (E402,
// E504, W506).
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"
#include "compiler/satisfiable.h"
#include "runtime/match/text.h"

namespace weir::compiler {

using dsl::Code;
using How = Modifiers::How;

// ---- conditions of the IR ---------------------------------------------------------------------------------

bool contradict(const ir::Module& module, const std::set<ir::Value>& single,
                const std::vector<ir::Value>& conditions) {
  Wanted wanted;
  for (ir::Value condition : conditions) wanted.push_back({condition, true});
  return impossible({module, single}, std::move(wanted));
}

std::vector<std::string> needed_texts(const ir::Module& module, ir::Value condition, ir::Value subject) {
  const ir::Inst& inst = module.insts[condition];
  std::span<const ir::Value> operands = module.operands_of(inst);
  if (inst.op == ir::Op::texts && operands[0] == subject &&
      module.texts[inst.imm].how == match::TextSet::How::equal)
    return module.texts[inst.imm].needles;
  std::vector<std::string> out;
  if (inst.op == ir::Op::both) {
    for (ir::Value operand : operands)
      if (out = needed_texts(module, operand, subject); !out.empty()) return out;
  } else if (inst.op == ir::Op::either) {
    for (ir::Value operand : operands) {
      std::vector<std::string> some = needed_texts(module, operand, subject);
      if (some.empty()) return {};
      out.insert(out.end(), some.begin(), some.end());
    }
  }
  return out;
}

// ---- items of a map ---------------------------------------------------------------------------------------

namespace {

bool is_textual(How how) {
  return how == How::equal || how == How::contains || how == How::starts || how == How::ends ||
         how == How::domain;
}

bool matches(How how, const std::string& value, const dsl::Text& against, match::TextRule rule) {
  if (!against.wildcards.empty()) return true;  // not looked into
  switch (how) {
    case How::equal:
      return match::equal(value, against.value, rule);
    case How::contains:
      return match::contains(value, against.value, rule);
    case How::starts:
      return match::starts_with(value, against.value, rule);
    case How::ends:
      return match::ends_with(value, against.value, rule);
    case How::domain:
      return match::below(value, against.value, rule.cased);
    default:
      return true;
  }
}

std::vector<const dsl::Text*> texts_of(const LoweredItem& item) {
  std::vector<const dsl::Text*> out;
  for (const dsl::Expr* value : item.values) {
    auto* text = std::get_if<dsl::Text>(&value->node);
    if (!text) return {};
    out.push_back(text);
  }
  return out;
}

bool simple(const LoweredItem& item) {
  return item.subject.single && item.subject.value != ir::kNoValue && !item.modifiers.neq &&
         !item.values.empty() && item.modifiers.transforms.empty() && item.subject.type != Type::unknown &&
         !item.subject.aggregate;
}

match::TextRule rule_of(const LoweredItem& a, const LoweredItem& b) {
  return {.cased = a.modifiers.cased && b.modifiers.cased, .domain = a.subject.type == Type::domain};
}

// `exact` is equal to its texts; can any of them also be what `other` asks for?
bool texts_exclude(const LoweredItem& exact, const LoweredItem& other) {
  std::vector<const dsl::Text*> values = texts_of(exact), against = texts_of(other);
  if (values.empty() || against.empty()) return false;
  match::TextRule rule = rule_of(exact, other);
  bool all = other.modifiers.all != nullptr;
  return std::none_of(values.begin(), values.end(), [&](const dsl::Text* value) {
    if (!value->wildcards.empty()) return true;
    auto fits = [&](const dsl::Text* text) {
      return matches(other.modifiers.how, value->value, *text, rule);
    };
    return all ? std::all_of(against.begin(), against.end(), fits)
               : std::any_of(against.begin(), against.end(), fits);
  });
}

bool prefixes_exclude(const LoweredItem& a, const LoweredItem& b) {
  if (a.modifiers.how != b.modifiers.how || (a.modifiers.how != How::starts && a.modifiers.how != How::ends))
    return false;
  match::TextRule rule = rule_of(a, b);
  bool starts = a.modifiers.how == How::starts;
  for (const dsl::Text* x : texts_of(a))
    for (const dsl::Text* y : texts_of(b)) {
      if (!x->wildcards.empty() || !y->wildcards.empty()) return false;
      const dsl::Text& longer = x->value.size() < y->value.size() ? *y : *x;
      const dsl::Text& shorter = &longer == x ? *y : *x;
      if (starts ? match::starts_with(longer.value, shorter.value, rule)
                 : match::ends_with(longer.value, shorter.value, rule))
        return false;
    }
  return true;
}

struct Range {
  double least = -1e300, most = 1e300;
  bool without_least = false, without_most = false;
};

std::optional<Range> range_of(const LoweredItem& item) {
  if (item.values.size() != 1) return std::nullopt;
  auto* number = std::get_if<dsl::Number>(&item.values[0]->node);
  if (!number) return std::nullopt;
  double n = number->is_integer && !number->overflow ? double(number->integer) : number->value;
  switch (item.modifiers.how) {
    case How::equal:
      return Range{n, n};
    case How::gt:
      return Range{n, 1e300, true, false};
    case How::gte:
      return Range{n, 1e300};
    case How::lt:
      return Range{-1e300, n, false, true};
    case How::lte:
      return Range{-1e300, n};
    default:
      return std::nullopt;
  }
}

bool ranges_exclude(const LoweredItem& a, const LoweredItem& b) {
  std::optional<Range> x = range_of(a), y = range_of(b);
  if (!x || !y) return false;
  double least = std::max(x->least, y->least), most = std::min(x->most, y->most);
  if (least != most) return least > most;
  bool open = (x->least == least && x->without_least) || (y->least == least && y->without_least) ||
              (x->most == most && x->without_most) || (y->most == most && y->without_most);
  return open;
}

const char* must(How how) {
  switch (how) {
    case How::contains:
      return "contains this";
    case How::starts:
      return "begins with this";
    case How::ends:
      return "ends with this";
    case How::domain:
      return "is below this";
    case How::gt:
    case How::gte:
    case How::lt:
    case How::lte:
      return "is in this range";
    default:
      return "must be this";
  }
}

}  // namespace

void RuleLowering::check_conflicts(const std::vector<LoweredItem>& items) {
  for (size_t j = 1; j < items.size(); j++)
    for (size_t i = 0; i < j; i++) {
      const LoweredItem &a = items[i], &b = items[j];
      if (!simple(a) || !simple(b) || a.subject.value != b.subject.value) continue;
      bool texts = is_textual(a.modifiers.how) && is_textual(b.modifiers.how);
      bool exclude = (texts && a.modifiers.how == How::equal && texts_exclude(a, b)) ||
                     (texts && b.modifiers.how == How::equal && texts_exclude(b, a)) ||
                     prefixes_exclude(a, b) || ranges_exclude(a, b);
      if (!exclude) continue;
      add(Code::E307, "these two items exclude each other", b.item->values_span,
          fmt::format("and {}", must(b.modifiers.how)))
          .label(a.item->values_span, must(a.modifiers.how))
          .note("all items of a map must hold, so the selection can never match")
          .help("for either, use a list of maps: `selection [ { ... } { ... } ]`");
      return;
    }
}

}  // namespace weir::compiler
