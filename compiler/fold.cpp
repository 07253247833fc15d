// fold: what constants decide, and conditions in their flattest form.
//
//   %0 = field cloudtrail.eventName          %0 = field cloudtrail.eventName
//   %1 = texts %0 {equal, caseless: "a"}     %1 = texts %0 {equal, caseless: "a"}
//   %2 = literal 3                           %2 = literal 3
//   %3 = literal 5                           %3 = literal 5
//   %4 = less %2 %3                      →   %4 = always
//   %5 = negate %1                           %5 = negate %1
//   %6 = negate %5
//   %7 = both %6 %4
//   rule r on cloudtrail                     rule r on cloudtrail
//     match %7                                 match %1
//
// A constant operation is evaluated by the interpreter itself: there is no second meaning of it here.
#include <algorithm>
#include <optional>
#include <unordered_set>

#include "compiler/interpret.h"
#include "compiler/pass_list.h"
#include "compiler/rebuild.h"

namespace weir::ir {
namespace {

std::optional<Literal> literal_of(const rt_value& value) {
  using Kind = Literal::Kind;
  switch (value.kind) {
    case RT_FALSE:
    case RT_TRUE:
      return Literal{.kind = Kind::boolean, .integer = value.kind == RT_TRUE};
    case RT_INT:
      return Literal{.kind = Kind::integer, .integer = value.integer};
    case RT_REAL:
      return Literal{.kind = Kind::real, .real = value.real};
    case RT_TEXT:
      return Literal{.kind = Kind::text, .text = std::string(value.data, value.size)};
    case RT_TIME:
      return Literal{.kind = Kind::time, .integer = value.integer};
    case RT_SPAN:
      return Literal{.kind = Kind::span, .integer = value.integer};
    default:
      return std::nullopt;
  }
}

// Puts the immediate of `inst` into the pools of `module`, which have no other; its index there is 0.
void take_immediate(const Module& from, const Inst& inst, Module& module) {
  switch (info(inst.op).imm) {
    case Imm::texts:
      module.texts = {from.texts[inst.imm]};
      break;
    case Imm::pattern:
      module.patterns = {from.patterns[inst.imm]};
      break;
    case Imm::regex:
      module.regexes = {from.regexes[inst.imm]};
      break;
    case Imm::networks:
      module.networks = {from.networks[inst.imm]};
      break;
    case Imm::numbers:
      module.numbers = {from.numbers[inst.imm]};
      break;
    case Imm::table:
      module.tables = {from.tables[inst.imm]};
      break;
    case Imm::text_rule:
      module.text_rules = {from.text_rules[inst.imm]};
      break;
    default:
      break;
  }
}

class Fold {
 public:
  explicit Fold(const Module& module) : rebuild_(module) {}

  Module run() {
    return rebuild_.run(
        [this](const Inst& inst, std::vector<Value> operands) { return replace(inst, std::move(operands)); });
  }

 private:
  Value replace(const Inst& inst, std::vector<Value> operands) {
    switch (inst.op) {
      case Op::both:
        return junction(Op::both, operands);
      case Op::either:
        return junction(Op::either, operands);
      case Op::negate:
        return negate(operands[0]);
      case Op::at_least:
        return at_least(inst.imm, operands);
      case Op::coalesce:
        return coalesce(operands);
      case Op::choose:
        if (is(operands[0], Op::always) || operands[1] == operands[2]) return operands[1];
        if (is(operands[0], Op::never)) return operands[2];
        return rebuild_.copy(inst, std::move(operands));
      case Op::spread:
      case Op::spread_condition:
        return is_constant(operands[0]) ? operands[0] : rebuild_.copy(inst, std::move(operands));
      case Op::any_element:
      case Op::all_elements:
      case Op::count_elements:
      case Op::gather:
        return from_axis(inst, std::move(operands));
      default:
        return other(inst, std::move(operands));
    }
  }

  // both and either are each other's mirror: what says nothing is left out, what decides decides.
  Value junction(Op op, const std::vector<Value>& operands) {
    const Op nothing = op == Op::both ? Op::always : Op::never;
    const Op decisive = op == Op::both ? Op::never : Op::always;
    std::vector<Value> flat;
    std::unordered_set<Value> known;
    const auto take = [&](Value value) {
      if (!is(value, nothing) && known.insert(value).second) flat.push_back(value);
    };
    for (const Value operand : operands) {
      if (!is(operand, op)) {
        take(operand);
        continue;
      }
      for (const Value inner : rebuild_.operands(operand)) take(inner);
    }
    for (const Value value : flat) {
      if (is(value, decisive)) return value;
      if (is(value, Op::negate) && known.contains(rebuild_.operands(value)[0])) return make(decisive);
    }
    if (flat.empty()) return make(nothing);
    return flat.size() == 1 ? flat[0] : rebuild_.builder().make(op, flat);
  }

  Value negate(Value operand) {
    if (is(operand, Op::negate)) return rebuild_.operands(operand)[0];
    if (is(operand, Op::always)) return make(Op::never);
    if (is(operand, Op::never)) return make(Op::always);
    return rebuild_.builder().make(Op::negate, {operand});
  }

  Value at_least(uint32_t n, const std::vector<Value>& operands) {
    std::vector<Value> open;
    for (const Value operand : operands) {
      if (is(operand, Op::always)) {
        n -= n > 0 ? 1 : 0;
      } else if (!is(operand, Op::never)) {
        open.push_back(operand);
      }
    }
    if (n == 0) return make(Op::always);
    if (n > open.size()) return make(Op::never);
    if (n == 1) return junction(Op::either, open);
    if (n == open.size()) return junction(Op::both, open);
    return rebuild_.builder().at_least(n, open);
  }

  Value coalesce(const std::vector<Value>& operands) {
    std::vector<Value> useful;
    const auto ended = [&] { return !useful.empty() && is(useful.back(), Op::literal); };
    const auto take = [&](Value value) {
      const bool known = std::find(useful.begin(), useful.end(), value) != useful.end();
      if (!is(value, Op::missing) && !known && !ended()) useful.push_back(value);
    };
    for (const Value operand : operands) {
      if (!is(operand, Op::coalesce)) {
        take(operand);
        continue;
      }
      for (const Value inner : rebuild_.operands(operand)) take(inner);
    }
    if (useful.empty()) return make(Op::missing);
    // Of a lone field a coalesce still takes away the nulls.
    return useful.size() == 1 && ended() ? useful[0] : rebuild_.builder().make(Op::coalesce, useful);
  }

  Value from_axis(const Inst& inst, std::vector<Value> operands) {
    if (is(operands.back(), Op::never)) {
      if (inst.op == Op::gather) return make(Op::missing);
      if (inst.op == Op::count_elements) return rebuild_.builder().literal({.kind = Literal::Kind::integer});
      return make(Op::never);
    }
    if (inst.op == Op::gather && is(operands[0], Op::missing)) return make(Op::missing);
    return rebuild_.copy(inst, std::move(operands));
  }

  // Predicates and functions.
  Value other(const Inst& inst, std::vector<Value> operands) {
    if (info(inst.op).imm == Imm::texts && rebuild_.from().texts[inst.imm].needles.empty())
      return make(Op::never);
    if (operands.empty()) return rebuild_.copy(inst, {});
    if (std::all_of(operands.begin(), operands.end(), [this](Value value) { return is_constant(value); })) {
      if (const std::optional<Value> result = evaluate(inst, operands)) return *result;
    }
    const bool lacks =
        std::any_of(operands.begin(), operands.end(), [this](Value value) { return is(value, Op::missing); });
    if (lacks && operands.size() > 1)
      return make(info(inst.op).result == Result::C ? Op::never : Op::missing);
    return rebuild_.copy(inst, std::move(operands));
  }

  std::optional<Value> evaluate(const Inst& inst, const std::vector<Value>& operands) {
    Module alone;
    take_immediate(rebuild_.from(), inst, alone);
    for (const Value operand : operands) {
      Inst constant = rebuild_.inst(operand);
      if (constant.op == Op::literal) {
        alone.literals.push_back(rebuild_.to().literals[constant.imm]);
        constant.imm = static_cast<uint32_t>(alone.literals.size() - 1);
      }
      constant.first = constant.count = 0;
      alone.operands.push_back(static_cast<Value>(alone.insts.size()));
      alone.insts.push_back(constant);
    }
    alone.insts.push_back({.op = inst.op, .count = inst.count});
    alone.roots.push_back(static_cast<Value>(alone.insts.size() - 1));

    const std::shared_ptr<match::Program> program = compiler::interpret(std::move(alone), {});
    const std::shared_ptr<rt_scratch> scratch = program->make_scratch();
    const rt_event nothing{};
    const rt_list results = program->eval(program->code.get(), 0, &nothing, scratch.get());
    if (info(inst.op).result == Result::C)
      return make(results.values[0].kind == RT_TRUE ? Op::always : Op::never);
    if (results.count == 0) return make(Op::missing);
    std::optional<Literal> literal = literal_of(results.values[0]);
    if (!literal) return std::nullopt;
    return rebuild_.builder().literal(std::move(*literal));
  }

  bool is(Value value, Op op) const { return rebuild_.is(value, op); }
  bool is_constant(Value value) const {
    return is(value, Op::literal) || is(value, Op::missing) || is(value, Op::always) || is(value, Op::never);
  }
  Value make(Op op) { return rebuild_.builder().make(op, {}); }

  Rebuild rebuild_;
};

}  // namespace

Module fold(const Module& module) { return Fold(module).run(); }

}  // namespace weir::ir
