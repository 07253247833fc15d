// The interpreter: conditions.
#include "compiler/interpret.h"

#include <cassert>

#include "compiler/interpret_code.h"
#include "compiler/machine.h"

namespace weir::compiler {

using ir::Inst;
using ir::Op;
namespace operations = match::operations;

// ---- conditions
// ---------------------------------------------------------------------------------------------------

bool Evaluation::holds(ir::Value value, uint32_t element) {
  const Inst& inst = code_.insts[value];
  if (inst.axis != 0) return decide(inst, element);
  const uint32_t remembered = scratch_.conditions[value];
  if (remembered >> 1 == scratch_.generation) return (remembered & 1) != 0;
  const bool result = decide(inst, 0);
  scratch_.conditions[value] = scratch_.generation << 1 | (result ? 1 : 0);
  return result;
}

bool Evaluation::decide(const Inst& inst, uint32_t element) {
  const auto list = [&](uint32_t i) { return values(operand(inst, i), element); };
  const auto any_pair = [&](auto predicate) {
    const rt_list left = list(0);
    return left.count != 0 && predicate(left, list(1));
  };
  const auto any_pair_of_texts = [&](auto predicate) {
    const rt_list left = list(0);
    return left.count != 0 && predicate(left, list(1), code_.text_rules[inst.imm]);
  };

  switch (inst.op) {
    case Op::texts:
      return operations::any_text(code_.texts[inst.imm], list(0));
    case Op::pattern:
      return operations::any_text(code_.patterns[inst.imm], list(0));
    case Op::regex:
      return operations::any_text(code_.regexes[inst.imm], code_.regex_of_domain[inst.imm], list(0));
    case Op::networks:
      return in_networks(inst, element);
    case Op::numbers:
      return operations::any_number(code_.numbers[inst.imm], list(0));
    case Op::is_true:
      return operations::any_of_kind(RT_TRUE, list(0));
    case Op::is_false:
      return operations::any_of_kind(RT_FALSE, list(0));
    case Op::is_null:
      return operations::nothing_there(list(0));
    case Op::exists:
      return list(0).count != 0;
    case Op::less:
      return any_pair(operations::any_less);
    case Op::less_equal:
      return any_pair(operations::any_less_equal);
    case Op::same:
      return any_pair_of_texts(operations::any_same);
    case Op::same_address:
      return any_pair(operations::any_same_address);
    case Op::holds_part:
      return any_pair_of_texts(operations::any_part);
    case Op::holds_start:
      return any_pair_of_texts(operations::any_start);
    case Op::holds_end:
      return any_pair_of_texts(operations::any_end);
    case Op::holds_below:
      return any_pair(operations::any_below);
    case Op::anywhere:
      return operations::anywhere(code_.texts[inst.imm], event_.document);
    case Op::anywhere_pattern:
      return operations::anywhere(code_.patterns[inst.imm], event_.document);
    case Op::always:
      return true;
    case Op::never:
      return false;
    case Op::both:
      for (uint32_t i = 0; i < inst.count; ++i) {
        if (!holds(operand(inst, i), element)) return false;
      }
      return true;
    case Op::either:
      for (uint32_t i = 0; i < inst.count; ++i) {
        if (holds(operand(inst, i), element)) return true;
      }
      return false;
    case Op::negate:
      return !holds(operand(inst, 0), element);
    case Op::at_least: {
      uint32_t missing = inst.imm;
      for (uint32_t i = 0; i < inst.count && missing > 0; ++i)
        missing -= holds(operand(inst, i), element) ? 1 : 0;
      return missing == 0;
    }
    case Op::before:
      return event_.time < int64_t{inst.imm} * 1'000'000;
    case Op::any_element:
      return any_element(inst, element, true);
    case Op::all_elements: {
      const Range range = elements(inst, element);
      return range.begin != range.end && !any_element(inst, element, false);
    }
    case Op::spread_condition:
      return holds(operand(inst, 0), parent_of(inst, element));
    default:
      assert(!"not a condition");
      return false;
  }
}

// An address is parsed once for an event and slot, however many rules ask.
bool Evaluation::in_networks(const Inst& inst, uint32_t element) {
  const match::NetworkSet& set = code_.networks[inst.imm];
  const Inst& field = code_.insts[operand(inst, 0)];
  const rt_list of = values(operand(inst, 0), element);
  if (field.op != Op::field || field.axis != 0 || of.count != 1 || of.values[0].kind != RT_TEXT)
    return operations::any_address(set, of);
  const std::optional<match::Address>& address = scratch_.address(field.imm, of.values[0]);
  return address && set.contains(*address);
}

bool Evaluation::holds_for_now(ir::Value value, uint32_t element) {
  const match::ResultArena::Mark mark = scratch_.arena.mark();
  const uint64_t remembered = scratch_.remembered;
  const bool result = holds(value, element);
  if (scratch_.remembered == remembered) scratch_.arena.release(mark);
  return result;
}

bool Evaluation::any_element(const Inst& inst, uint32_t parent, bool wanted) {
  const Range range = elements(inst, parent);
  for (uint32_t e = range.begin; e < range.end; ++e) {
    if (holds_for_now(operand(inst, 0), e) == wanted) return true;
  }
  return false;
}

uint32_t Evaluation::count_elements(const Inst& inst, uint32_t parent) {
  const Range range = elements(inst, parent);
  uint32_t count = 0;
  for (uint32_t e = range.begin; e < range.end; ++e) count += holds_for_now(operand(inst, 0), e) ? 1 : 0;
  return count;
}

std::shared_ptr<match::Program> interpret(ir::Module module, const ir::Dispatch& dispatch, size_t most_in_chain) {
  const ir::Plan plan = ir::plan(module, dispatch, most_in_chain);
  match::Program made = described(module, dispatch);
  made.engine = "interpreter";
  return program_of(std::make_shared<Machine>(std::move(module), dispatch, plan), std::move(made));
}

}  // namespace weir::compiler
