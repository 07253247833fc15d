// The interpreter: conditions, and the two functions of a Program.
#include "compiler/interpret.h"

#include <cassert>
#include <cstring>

#include "compiler/interpret_code.h"

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
      return operations::any_address(code_.networks[inst.imm], list(0));
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

// ---- the program
// --------------------------------------------------------------------------------------------------

namespace {

Scratch& scratch_of(rt_scratch* scratch) { return *reinterpret_cast<Scratch*>(scratch); }

void run(const std::vector<Routes::Rule>& rules, Evaluation& evaluation, uint64_t* matched) {
  for (const Routes::Rule& rule : rules) {
    if (evaluation.holds(rule.match, 0)) matched[rule.rule / 64] |= uint64_t{1} << rule.rule % 64;
  }
}

struct Engine {
  Engine(ir::Module module, const ir::Dispatch& dispatch)
      : words((module.rules.size() + 63) / 64), code(std::move(module), dispatch) {}
  size_t words;
  Code code;
};

void match_event(const void* opaque, const rt_event* event, rt_scratch* opaque_scratch, uint64_t* matched) {
  const Engine& engine = *static_cast<const Engine*>(opaque);
  Scratch& scratch = scratch_of(opaque_scratch);
  std::memset(matched, 0, engine.words * sizeof *matched);
  scratch.begin(event->serial);
  if (event->source >= engine.code.routes.size()) return;

  const Routes& routes = engine.code.routes[event->source];
  Evaluation evaluation(engine.code, *event, scratch);
  run(routes.generic(), evaluation, matched);
  routes.each_bucket(*event, scratch.key_ids, [&](const std::vector<Routes::Rule>& bucket) {
    run(bucket, evaluation, matched);
    return true;
  });
}

bool may_match_event(const void* opaque, const rt_event* event, rt_scratch* opaque_scratch) {
  const Code& code = static_cast<const Engine*>(opaque)->code;
  if (event->source >= code.routes.size()) return false;
  return code.routes[event->source].any(*event, scratch_of(opaque_scratch).key_ids);
}

rt_list evaluate_root(const void* opaque, uint32_t root, const rt_event* event, rt_scratch* opaque_scratch) {
  static const rt_value kNo = operations::boolean_value(false), kYes = operations::boolean_value(true);
  const Code& code = static_cast<const Engine*>(opaque)->code;
  if (root >= code.roots.size()) return {};
  Scratch& scratch = scratch_of(opaque_scratch);
  if (event->serial == 0) {
    scratch.forget();
  } else if (event->serial != scratch.serial) {
    scratch.begin(event->serial);
  }
  Evaluation evaluation(code, *event, scratch);
  const ir::Value value = code.roots[root];
  if (ir::info(code.insts[value].op).result == ir::Result::V) return evaluation.values(value, 0);
  return {evaluation.holds(value, 0) ? &kYes : &kNo, 1};
}

}  // namespace

std::shared_ptr<match::Program> interpret(ir::Module module, const ir::Dispatch& dispatch) {
  auto program = std::make_shared<match::Program>();
  program->sources = module.sources;
  program->rules = module.rules;
  for (size_t source = 0; source < dispatch.sources.size(); ++source) {
    program->sources[source].deciding_slots = dispatch.sources[source].key_slots;
  }
  auto engine = std::make_shared<const Engine>(std::move(module), dispatch);
  program->code = engine;
  program->may_match = may_match_event;
  program->match = match_event;
  program->eval = evaluate_root;
  program->make_scratch = [engine] {
    auto scratch = std::make_shared<Scratch>(engine->code);
    return std::shared_ptr<rt_scratch>(scratch, reinterpret_cast<rt_scratch*>(scratch.get()));
  };
  program->engine = "interpreter";
  return program;
}

}  // namespace weir::compiler
