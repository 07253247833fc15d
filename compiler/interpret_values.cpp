// The interpreter: operations that give values.
#include <algorithm>
#include <array>
#include <cassert>

#include "compiler/interpret_code.h"

namespace weir::compiler {

using ir::Inst;
using ir::Op;
namespace operations = match::operations;

namespace {

// The functions that operations.h has; the other operations are done here.
constexpr std::array<operations::Function, ir::kOpCount> functions() {
  std::array<operations::Function, ir::kOpCount> table = {};
#define WEIR_FUNCTION(name) table[static_cast<size_t>(Op::name)] = operations::name
  WEIR_FUNCTION(length);
  WEIR_FUNCTION(lower);
  WEIR_FUNCTION(entropy);
  WEIR_FUNCTION(digit_ratio);
  WEIR_FUNCTION(is_base64);
  WEIR_FUNCTION(is_base32);
  WEIR_FUNCTION(is_hex);
  WEIR_FUNCTION(labels);
  WEIR_FUNCTION(label);
  WEIR_FUNCTION(longest_label);
  WEIR_FUNCTION(public_suffix);
  WEIR_FUNCTION(registered_domain);
  WEIR_FUNCTION(subdomain);
  WEIR_FUNCTION(is_private);
  WEIR_FUNCTION(ip_version);
  WEIR_FUNCTION(part);
  WEIR_FUNCTION(json_text);
  WEIR_FUNCTION(minute);
  WEIR_FUNCTION(hour);
  WEIR_FUNCTION(day);
  WEIR_FUNCTION(weekday);
  WEIR_FUNCTION(week);
  WEIR_FUNCTION(month);
  WEIR_FUNCTION(year);
  WEIR_FUNCTION(add);
  WEIR_FUNCTION(subtract);
  WEIR_FUNCTION(multiply);
  WEIR_FUNCTION(divide);
  WEIR_FUNCTION(as_number);
#undef WEIR_FUNCTION
  return table;
}

constexpr std::array<operations::Function, ir::kOpCount> kFunctions = functions();

}  // namespace

rt_list Evaluation::values(ir::Value value, uint32_t element) {
  const Inst& inst = code_.insts[value];
  switch (inst.op) {
    case Op::field:
      return field(inst, element);
    case Op::literal:
      return {&code_.literal_values[inst.imm], 1};
    case Op::missing:
      return {};
    default:
      break;
  }
  if (inst.axis != 0) return compute(inst, element);
  Scratch::Remembered& remembered = scratch_.values[value];
  if (remembered.generation != scratch_.generation) {
    remembered.list = compute(inst, 0);
    remembered.generation = scratch_.generation;
    ++scratch_.remembered;
  }
  return remembered.list;
}

rt_list Evaluation::compute(const Inst& inst, uint32_t element) {
  switch (inst.op) {
    case Op::lookup: {
      const Code::Table& table = code_.tables[inst.imm];
      return operations::lookup(table.keys, table.networks, table.rows.data(),
                                values(operand(inst, 0), element), scratch_.arena);
    }
    case Op::coalesce:
      return coalesce(inst, element);
    case Op::choose:
      return values(operand(inst, holds(operand(inst, 0), element) ? 1 : 2), element);
    case Op::count_values: {
      const std::optional<uint32_t> count = operations::count_values(values(operand(inst, 0), element));
      return count ? one(operations::integer_value(*count)) : rt_list{};
    }
    case Op::count_elements:
      return one(operations::integer_value(count_elements(inst, element)));
    case Op::gather:
      return gather(inst, element);
    case Op::spread:
      return values(operand(inst, 0), parent_of(inst, element));
    default:
      return call(inst, element);
  }
}

rt_list Evaluation::field(const Inst& inst, uint32_t element) const {
  const rt_slot& slot = event_.slots[inst.imm];
  if (inst.axis == 0) return {slot.values, slot.count};
  return {slot.values + slot.offsets[element], slot.offsets[element + 1] - slot.offsets[element]};
}

rt_list Evaluation::coalesce(const Inst& inst, uint32_t element) {
  for (uint32_t i = 0; i < inst.count; ++i) {
    const rt_list list = values(operand(inst, i), element);
    if (!operations::all_nothing(list)) return list;
  }
  return {};
}

rt_list Evaluation::gather(const Inst& inst, uint32_t parent) {
  const Range range = elements(inst, parent);
  if (range.begin == range.end) return {};
  rt_list* const lists = scratch_.arena.take_array<rt_list>(range.end - range.begin);
  uint32_t count = 0;
  uint64_t total = 0;
  for (uint32_t e = range.begin; e < range.end && total < operations::kMaxCombinations; ++e) {
    if (!holds_for_now(operand(inst, 1), e)) continue;
    lists[count] = values(operand(inst, 0), e);
    total += lists[count++].count;
  }
  total = std::min<uint64_t>(total, operations::kMaxCombinations);
  rt_value* const gathered = scratch_.arena.take_array<rt_value>(total);
  uint64_t at = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t taken = std::min<uint64_t>(lists[i].count, total - at);
    std::copy_n(lists[i].values, taken, gathered + at);
    at += taken;
  }
  return {gathered, static_cast<uint32_t>(total)};
}

rt_list Evaluation::call(const Inst& inst, uint32_t element) {
  const operations::Function function = kFunctions[static_cast<size_t>(inst.op)];
  assert(function != nullptr && inst.count <= 3);
  std::array<rt_list, 3> lists;
  for (uint32_t i = 0; i < inst.count; ++i) {
    lists[i] = values(operand(inst, i), element);
    if (lists[i].count == 0) return {};
  }
  return operations::apply(function, {lists.data(), inst.count}, scratch_.arena);
}

rt_list Evaluation::one(rt_value value) {
  rt_value* const kept = scratch_.arena.take_array<rt_value>(1);
  *kept = value;
  return {kept, 1};
}

Evaluation::Range Evaluation::elements(const Inst& inst, uint32_t parent) const {
  const rt_axis& axis = event_.axes[inst.imm];
  if (axis.count == 0) return {0, 0};
  return {axis.offsets[parent], axis.offsets[parent + 1]};
}

uint32_t Evaluation::parent_of(const Inst& inst, uint32_t element) const {
  const uint32_t parent = code_.axes[inst.source][inst.imm].parent;
  if (parent == 0) return 0;
  const uint32_t* const offsets = event_.axes[inst.imm].offsets;
  const uint32_t* const end = offsets + event_.axes[parent].count + 1;
  return static_cast<uint32_t>(std::upper_bound(offsets, end, element) - offsets - 1);
}

}  // namespace weir::compiler
