// See value_facts.h.
#include "compiler/value_facts.h"

#include <algorithm>
#include <limits>

#include "runtime/match/text.h"

namespace weir::compiler {
namespace {

using How = match::TextSet::How;

const ir::Inst& inst_of(const ir::Module& module, const Fact& fact) { return module.insts[fact.predicate]; }

bool asks_presence(ir::Op op) { return op == ir::Op::is_null || op == ir::Op::exists; }

// Of predicates that compare something there is; a null is nothing.
bool needs_value(const ir::Module& module, const std::vector<Fact>& facts) {
  return std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) {
    return fact.holds && !asks_presence(inst_of(module, fact).op);
  });
}

bool presence_excludes(const ir::Module& module, const std::vector<Fact>& facts) {
  bool compared = needs_value(module, facts), truth = false, falsehood = false;
  for (const Fact& fact : facts) {
    ir::Op op = inst_of(module, fact).op;
    if (op == ir::Op::is_null && fact.holds && compared) return true;
    if (op == ir::Op::exists && !fact.holds && compared) return true;
    truth = truth || (op == ir::Op::is_true && fact.holds);
    falsehood = falsehood || (op == ir::Op::is_false && fact.holds);
  }
  return truth && falsehood;
}

// ---- texts ------------------------------------------------------------------------------------------------

bool fits(How how, const std::string& text, const std::string& needle, match::TextRule rule) {
  switch (how) {
    case How::equal:
      return match::equal(text, needle, rule);
    case How::contains:
      return match::contains(text, needle, rule);
    case How::starts:
      return match::starts_with(text, needle, rule);
    case How::ends:
      return match::ends_with(text, needle, rule);
    case How::below:
      return match::below(text, needle);
  }
  return false;
}

// Whether a predicate holds of a text that is known but for case (and, with `domain`, for a final dot);
// nothing when that does not tell.
std::optional<bool> judged(const ir::Module& module, const ir::Inst& inst, const std::string& text,
                           bool domain) {
  if (inst.op == ir::Op::is_null) return false;
  if (inst.op == ir::Op::exists) return true;
  if (inst.op == ir::Op::texts) {
    const ir::Texts& set = module.texts[inst.imm];
    if (set.rule.cased || (domain && !set.rule.domain)) return std::nullopt;
    return std::any_of(set.needles.begin(), set.needles.end(),
                       [&](const std::string& needle) { return fits(set.how, text, needle, set.rule); });
  }
  if (inst.op == ir::Op::pattern) {
    const ir::PatternSpec& spec = module.patterns[inst.imm];
    if (spec.rule.cased || (domain && !spec.rule.domain)) return std::nullopt;
    return match::Pattern(spec.text, spec.wildcards, spec.rule).matches(text);
  }
  return std::nullopt;
}

// What the subject may be, before each of it is judged by all the facts: the texts of a set, or known values.
struct Candidates {
  const ir::Texts* of = nullptr;
  const std::vector<std::string>* known = nullptr;  // as written

  bool domain() const { return of && of->rule.domain; }
  size_t size() const { return of ? of->needles.size() : known->size(); }
  std::string text(size_t i) const { return of ? of->needles[i] : match::fold((*known)[i]); }
};

std::optional<Candidates> candidates(const ir::Module& module, const std::vector<Fact>& facts,
                                     const FieldInfo* field) {
  const ir::Texts* fewest = nullptr;
  for (const Fact& fact : facts) {
    const ir::Inst& inst = inst_of(module, fact);
    if (!fact.holds || inst.op != ir::Op::texts) continue;
    const ir::Texts& set = module.texts[inst.imm];
    if (set.how != How::equal || set.rule.cased) continue;
    if (!fewest || set.needles.size() < fewest->needles.size()) fewest = &set;
  }
  if (fewest) return Candidates{fewest, nullptr};
  bool there = field && (field->required || needs_value(module, facts));
  if (!there || field->open || field->known.empty() || field->type != Type::string) return std::nullopt;
  return Candidates{nullptr, &field->known};
}

bool is_left(const ir::Module& module, const std::vector<Fact>& facts, const Candidates& all, const std::string& text) {
  return std::none_of(facts.begin(), facts.end(), [&](const Fact& fact) {
    const ir::Inst& inst = inst_of(module, fact);
    if (all.of && fact.holds && inst.op == ir::Op::texts && &module.texts[inst.imm] == all.of) return false;
    const std::optional<bool> holds = judged(module, inst, text, all.domain());
    return holds && *holds != fact.holds;
  });
}

// Two sets of beginnings (or ends, or domains above): some text can have one of each.
bool meet(const ir::Texts& a, const ir::Texts& b) {
  if (a.rule != b.rule || a.how != b.how) return true;
  for (const std::string& x : a.needles)
    for (const std::string& y : b.needles) {
      const std::string& longer = x.size() < y.size() ? y : x;
      const std::string& shorter = x.size() < y.size() ? x : y;
      if (fits(a.how, longer, shorter, a.rule)) return true;
    }
  return false;
}

bool ends_exclude(const ir::Module& module, const std::vector<Fact>& facts) {
  std::vector<const ir::Texts*> sets;
  for (const Fact& fact : facts) {
    const ir::Inst& inst = inst_of(module, fact);
    if (!fact.holds || inst.op != ir::Op::texts) continue;
    const ir::Texts& set = module.texts[inst.imm];
    bool at_an_end = set.how == How::starts || set.how == How::ends || set.how == How::below;
    if (at_an_end && !set.rule.cased) sets.push_back(&set);
  }
  for (size_t i = 1; i < sets.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (!meet(*sets[i], *sets[j])) return true;
  return false;
}

// ---- numbers ----------------------------------------------------------------------------------------------

constexpr double kExact = 9.0e15;  // beyond, a double may be a neighbour

std::optional<double> number_of(const ir::Module& module, ir::Value value) {
  const ir::Inst& inst = module.insts[value];
  if (inst.op != ir::Op::literal) return std::nullopt;
  const ir::Literal& literal = module.literals[inst.imm];
  double number;
  switch (literal.kind) {
    case ir::Literal::Kind::integer:
    case ir::Literal::Kind::time:
    case ir::Literal::Kind::span:
      number = double(literal.integer);
      break;
    case ir::Literal::Kind::real:
      number = literal.real;
      break;
    default:
      return std::nullopt;
  }
  return number > -kExact && number < kExact ? std::optional(number) : std::nullopt;
}

struct Range {
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  bool without_least = false, without_most = false;

  void at_least(double n, bool strictly) {
    if (n > least || (n == least && strictly)) least = n, without_least = strictly;
  }
  void at_most(double n, bool strictly) {
    if (n < most || (n == most && strictly)) most = n, without_most = strictly;
  }
  bool empty() const { return least > most || (least == most && (without_least || without_most)); }
  bool holds(double n) const {
    return (n > least || (n == least && !without_least)) && (n < most || (n == most && !without_most));
  }
};

// Order: `less` and `less_equal` between the subject and a literal, as they hold; a comparison that does not
// hold says something only of a value that is known to be a number.
bool numbers_exclude(const ir::Module& module, const std::vector<Fact>& facts) {
  auto orders = [](ir::Op op) { return op == ir::Op::less || op == ir::Op::less_equal; };
  bool is_number = std::any_of(facts.begin(), facts.end(), [&](const Fact& fact) {
    ir::Op op = inst_of(module, fact).op;
    return fact.holds && (orders(op) || op == ir::Op::numbers);
  });
  if (!is_number) return false;
  Range range;
  for (const Fact& fact : facts) {
    const ir::Inst& inst = inst_of(module, fact);
    if (!orders(inst.op)) continue;
    std::span<const ir::Value> sides = module.operands_of(inst);
    std::optional<double> left = number_of(module, sides[0]), right = number_of(module, sides[1]);
    if (left.has_value() == right.has_value()) continue;
    bool strictly = (inst.op == ir::Op::less) == fact.holds;
    bool upper = right.has_value() == fact.holds;  // x < 5 holds, or 5 < x does not
    if (upper)
      range.at_most(right ? *right : *left, strictly);
    else
      range.at_least(left ? *left : *right, strictly);
  }
  if (range.empty()) return true;
  for (const Fact& fact : facts) {
    const ir::Inst& inst = inst_of(module, fact);
    if (!fact.holds || inst.op != ir::Op::numbers) continue;
    const std::vector<double>& set = module.numbers[inst.imm];
    auto allowed = [&](double n) {
      return range.holds(n) && std::all_of(facts.begin(), facts.end(), [&](const Fact& other) {
               const ir::Inst& also = inst_of(module, other);
               if (also.op != ir::Op::numbers) return true;
               const std::vector<double>& others = module.numbers[also.imm];
               return (std::find(others.begin(), others.end(), n) != others.end()) == other.holds;
             });
    };
    if (std::none_of(set.begin(), set.end(), allowed)) return true;
  }
  return false;
}

}  // namespace

ir::Value subject_of(const ir::Module& module, ir::Value predicate) {
  const ir::Inst& inst = module.insts[predicate];
  std::span<const ir::Value> operands = module.operands_of(inst);
  switch (inst.op) {
    case ir::Op::texts:
    case ir::Op::pattern:
    case ir::Op::regex:
    case ir::Op::networks:
    case ir::Op::numbers:
    case ir::Op::is_true:
    case ir::Op::is_false:
    case ir::Op::is_null:
    case ir::Op::exists:
      return operands[0];
    case ir::Op::less:
    case ir::Op::less_equal:
      if (module.insts[operands[0]].op == ir::Op::literal) return operands[1];
      return module.insts[operands[1]].op == ir::Op::literal ? operands[0] : ir::kNoValue;
    default:
      return ir::kNoValue;
  }
}

std::optional<std::vector<std::string>> texts_left(const ir::Module& module, const std::vector<Fact>& facts,
                                                   const FieldInfo* field) {
  const std::optional<Candidates> all = candidates(module, facts, field);
  if (!all) return std::nullopt;
  std::vector<std::string> left;
  for (size_t i = 0; i < all->size(); ++i)
    if (std::string text = all->text(i); is_left(module, facts, *all, text)) left.push_back(std::move(text));
  return left;
}

bool can_be(const ir::Module& module, const std::vector<Fact>& facts, const FieldInfo* field) {
  if (presence_excludes(module, facts) || ends_exclude(module, facts) || numbers_exclude(module, facts))
    return false;
  const std::optional<Candidates> all = candidates(module, facts, field);
  if (!all) return true;
  for (size_t i = 0; i < all->size(); ++i)
    if (is_left(module, facts, *all, all->text(i))) return true;
  return false;
}

}  // namespace weir::compiler
