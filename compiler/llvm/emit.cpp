// Conditions as control flow.
#include "compiler/llvm/emit.h"

#include <llvm/IR/Module.h>

#include <algorithm>
#include <cmath>

#include "compiler/llvm/emit_function.h"

namespace weir::compiler {
namespace {

using ir::Inst;
using ir::Op;

// Of a condition that is used more than once in a function, this much is emitted again at each use; what is larger
// is asked of the interpreter, which remembers. So code grows with the rules, however they share.
constexpr uint32_t kMostRepeated = 12;
constexpr size_t kMostNumbers = 8;

}  // namespace

std::string unit_name(uint32_t unit) { return "unit_" + std::to_string(unit); }

std::unique_ptr<llvm::Module> emit(llvm::LLVMContext& context, const Machine& machine, std::span<const uint32_t> units) {
  auto module = std::make_unique<llvm::Module>(units.empty() ? "empty" : unit_name(units.front()), context);
  const Support support(*module);
  EmitFunction function(*module, machine.code, support);
  for (const uint32_t unit : units) function.emit(unit_name(unit), machine.units[unit]);
  return module;
}

Support::Support(llvm::Module& module) {
#define WEIR_SUPPORT(name, meaning) name = declared(module, #name, ::name);
#include "compiler/llvm/abi.def"
#undef WEIR_SUPPORT
}

EmitFunction::EmitFunction(llvm::Module& module, const Code& code, const Support& support)
    : module_(module), context_(module.getContext()), code_(code), support_(support), build_(context_) {}

void EmitFunction::emit(const std::string& name, const Machine::Unit& unit) {
  uses_.clear(), deferred_.clear();
  searches_ = &unit.searches;
  llvm::Type* const pointer = build_.getPtrTy();
  function_ = llvm::Function::Create(llvm::FunctionType::get(build_.getVoidTy(), {pointer, pointer, pointer}, false),
                                     llvm::GlobalValue::ExternalLinkage, name, module_);
  function_->setDoesNotThrow();
  event_ = function_->getArg(0), scratch_ = function_->getArg(1), matched_ = function_->getArg(2);
  to(block());
  slots_ = load(pointer, event_, offsetof(rt_event, slots));

  views_ = load(pointer, scratch_, offsetof(NativeScratch, views));
  addresses_ = load(pointer, scratch_, offsetof(NativeScratch, addresses));
  if (!searches_->empty()) found_ = load(pointer, scratch_, offsetof(NativeScratch, found));
  count_uses(unit);
  for (const ir::Plan::Rule& rule : unit.rules) {
    Block *const yes = block(), *const next = block();
    branch(rule.match, yes, next);
    to(yes);
    llvm::Value* const word =
        build_.CreateConstInBoundsGEP1_64(build_.getInt8Ty(), matched_, uint64_t{rule.rule} / 64 * 8);
    build_.CreateStore(
        build_.CreateOr(build_.CreateLoad(build_.getInt64Ty(), word), uint64_t{1} << rule.rule % 64), word);
    build_.CreateBr(next);
    to(next);
  }
  build_.CreateRetVoid();

  for (const Deferred& deferred : deferred_) {
    to(deferred.block);
    call_holds(deferred.value, deferred.yes, deferred.no);
  }
}

// Counts what branch() will emit, so far as it goes inline.
void EmitFunction::count_uses(const Machine::Unit& unit) {
  std::vector<ir::Value> open;
  for (const ir::Plan::Rule& rule : unit.rules) open.push_back(rule.match);
  while (!open.empty()) {
    const ir::Value value = open.back();
    open.pop_back();
    const Inst& inst = code_.insts[value];
    const uint32_t uses = ++uses_[value];
    if (inst.op == Op::both || inst.op == Op::either || inst.op == Op::negate || inst.op == Op::at_least) {
      if (uses > 1 && is_large(value)) continue;
      for (uint32_t i = 0; i < inst.count; ++i) open.push_back(code_.operands[inst.first + i]);
    }
  }
}

bool EmitFunction::is_large(ir::Value value) {
  const auto known = sizes_.find(value);
  if (known != sizes_.end()) return known->second > kMostRepeated;
  const Inst& inst = code_.insts[value];
  uint32_t size = 1;
  if (inst.op == Op::both || inst.op == Op::either || inst.op == Op::negate || inst.op == Op::at_least) {
    size = 0;
    for (uint32_t i = 0; i < inst.count && size <= kMostRepeated; ++i) {
      const ir::Value operand = code_.operands[inst.first + i];
      size += is_large(operand) ? kMostRepeated + 1 : sizes_.at(operand);
    }
  }
  sizes_[value] = std::max<uint32_t>(size, 1);
  return size > kMostRepeated;
}

void EmitFunction::branch(ir::Value value, Block* yes, Block* no) {
  const Inst& inst = code_.insts[value];
  const auto operand = [&](uint32_t i) { return code_.operands[inst.first + i]; };
  switch (inst.op) {
    case Op::always:
      build_.CreateBr(yes);
      return;
    case Op::never:
      build_.CreateBr(no);
      return;
    case Op::negate:
      return branch(operand(0), no, yes);
    case Op::both:
    case Op::either: {
      if (uses_[value] > 1 && is_large(value)) return call_holds(value, yes, no);
      const bool all = inst.op == Op::both;
      const std::vector<ir::Value> operands = in_order(inst);
      for (size_t i = 0; i < operands.size(); ++i) {
        if (i + 1 == operands.size()) return branch(operands[i], yes, no);
        Block* const next = block();
        branch(operands[i], all ? next : yes, all ? no : next);
        to(next);
      }
      build_.CreateBr(all ? yes : no);
      return;
    }
    case Op::at_least:
      if (uses_[value] > 1 && is_large(value)) return call_holds(value, yes, no);
      return at_least(inst, yes, no);
    case Op::before: {
      llvm::Value* const time = load(build_.getInt64Ty(), event_, offsetof(rt_event, time));
      llvm::Value* const until = build_.getInt64(static_cast<uint64_t>(int64_t{inst.imm} * 1'000'000));
      build_.CreateCondBr(build_.CreateICmpSLT(time, until), yes, no);
      return;
    }
    case Op::texts:
      return texts(value, inst, yes, no);
    case Op::pattern:
      return pattern(value, inst, yes, no);
    case Op::networks:
      return networks(value, inst, yes, no);
    case Op::numbers:
      return numbers(value, inst, yes, no);
    case Op::less:
    case Op::less_equal:
      return compare_integer(value, inst, yes, no);
    case Op::exists:
    case Op::is_null:
    case Op::is_true:
    case Op::is_false:
      return presence(value, inst, yes, no);
    default:
      return call_holds(value, yes, no);
  }
}

// What a search has decided costs least, and seldom holds.
std::vector<ir::Value> EmitFunction::in_order(const Inst& inst) const {
  const auto first = code_.operands.begin() + inst.first;
  std::vector<ir::Value> operands(first, first + inst.count);
  if (!searches_->empty()) {
    std::stable_partition(operands.begin(), operands.end(),
                          [&](ir::Value operand) { return searches_->find(operand).has_value(); });
  }
  return operands;
}

// How many are still missing goes from block to block.
void EmitFunction::at_least(const Inst& inst, Block* yes, Block* no) {
  if (inst.imm == 0 || inst.imm > inst.count) {
    build_.CreateBr(inst.imm == 0 ? yes : no);
    return;
  }
  llvm::Value* missing = i32(inst.imm);
  for (uint32_t i = 0; i < inst.count; ++i) {
    Block *const holds = block(), *const next = block();
    Block* const fails = block();
    branch(code_.operands[inst.first + i], holds, fails);
    to(holds);
    llvm::Value* const fewer = build_.CreateSub(missing, i32(1));
    build_.CreateCondBr(build_.CreateICmpEQ(fewer, i32(0)), yes, next);
    to(fails);
    build_.CreateBr(next);
    to(next);
    llvm::PHINode* const joined = build_.CreatePHI(build_.getInt32Ty(), 2);
    joined->addIncoming(fewer, holds);
    joined->addIncoming(missing, fails);
    missing = joined;
  }
  build_.CreateBr(no);
}

void EmitFunction::call_holds(ir::Value value, Block* yes, Block* no) {
  llvm::Value* const holds = build_.CreateCall(support_.rt_holds, {i32(value), event_, scratch_});
  build_.CreateCondBr(build_.CreateICmpNE(holds, i32(0)), yes, no);
}

EmitFunction::Block* EmitFunction::later(ir::Value value, Block* yes, Block* no) {
  deferred_.push_back({block(), value, yes, no});
  return deferred_.back().block;
}

// ---- numbers and presence of a field

llvm::Value* EmitFunction::one_integer(uint32_t slot, Block* odd) {
  Block* const plain = block();
  llvm::Value* const values = slot_values(slot);
  llvm::Value* const kind = load(build_.getInt8Ty(), values, offsetof(rt_value, kind));
  build_.CreateCondBr(build_.CreateICmpEQ(kind, build_.getInt8(RT_INT)), plain, odd);
  to(plain);
  return load(build_.getInt64Ty(), values, offsetof(rt_value, integer));
}

void EmitFunction::numbers(ir::Value value, const Inst& inst, Block* yes, Block* no) {
  const std::vector<double>& set = code_.numbers[inst.imm].numbers();
  constexpr double kExact = 9007199254740992.0;  // 2^53: integers below are exact as reals
  const bool few = set.size() <= kMostNumbers &&
                   std::all_of(set.begin(), set.end(), [](double number) { return std::fabs(number) < kExact; });
  if (!few || !is_field(code_.operands[inst.first])) return call_holds(value, yes, no);
  Block *const odd = later(value, yes, no), *const one = block();
  const uint32_t slot = slot_of(inst);
  build_.CreateCondBr(build_.CreateICmpEQ(slot_count(slot), i32(1)), one, odd);
  to(one);
  llvm::Value* const integer = one_integer(slot, odd);
  for (const double number : set) {
    if (number != std::floor(number)) continue;
    Block* const next = block();
    build_.CreateCondBr(build_.CreateICmpEQ(integer, build_.getInt64(static_cast<uint64_t>(static_cast<int64_t>(number)))),
                        yes, next);
    to(next);
  }
  build_.CreateBr(no);
}

// A number of a JSON part is the same number when it is read as one.
ir::Value EmitFunction::without_reading(ir::Value value) const {
  const Inst& inst = code_.insts[value];
  return inst.op == Op::as_number ? code_.operands[inst.first] : value;
}

void EmitFunction::compare_integer(ir::Value value, const Inst& inst, Block* yes, Block* no) {
  const ir::Value left = code_.operands[inst.first], right = code_.operands[inst.first + 1];
  const auto is_number = [&](ir::Value of) { return is_field(without_reading(of)); };
  const auto is_integer = [&](ir::Value of) {
    const Inst& literal = code_.insts[of];
    return literal.op == Op::literal && code_.literals[literal.imm].kind == ir::Literal::Kind::integer;
  };
  const bool field_first = is_number(left) && is_integer(right);
  if (!field_first && !(is_integer(left) && is_number(right))) return call_holds(value, yes, no);
  const uint32_t slot = code_.insts[without_reading(field_first ? left : right)].imm;
  const int64_t constant = code_.literals[code_.insts[field_first ? right : left].imm].integer;

  Block *const odd = later(value, yes, no), *const one = block(), *const other = block();
  llvm::Value* const count = slot_count(slot);
  build_.CreateCondBr(build_.CreateICmpEQ(count, i32(1)), one, other);
  to(other);
  build_.CreateCondBr(build_.CreateICmpEQ(count, i32(0)), no, odd);
  to(one);
  llvm::Value* const integer = one_integer(slot, odd);
  llvm::Value* const limit = build_.getInt64(static_cast<uint64_t>(constant));
  llvm::Value* const a = field_first ? integer : limit;
  llvm::Value* const b = field_first ? limit : integer;
  build_.CreateCondBr(inst.op == Op::less ? build_.CreateICmpSLT(a, b) : build_.CreateICmpSLE(a, b), yes, no);
}

void EmitFunction::presence(ir::Value value, const Inst& inst, Block* yes, Block* no) {
  if (!is_field(code_.operands[inst.first])) return call_holds(value, yes, no);
  const uint32_t slot = slot_of(inst);
  llvm::Value* const count = slot_count(slot);
  llvm::Value* const empty = build_.CreateICmpEQ(count, i32(0));
  if (inst.op == Op::exists) {
    build_.CreateCondBr(empty, no, yes);
    return;
  }
  Block *const odd = later(value, yes, no), *const some = block(), *const one = block();
  build_.CreateCondBr(empty, inst.op == Op::is_null ? yes : no, some);
  to(some);
  build_.CreateCondBr(build_.CreateICmpEQ(count, i32(1)), one, odd);
  to(one);
  llvm::Value* const kind = load(build_.getInt8Ty(), slot_values(slot), offsetof(rt_value, kind));
  if (inst.op != Op::is_null) {
    const rt_kind wanted = inst.op == Op::is_true ? RT_TRUE : RT_FALSE;
    build_.CreateCondBr(build_.CreateICmpEQ(kind, build_.getInt8(wanted)), yes, no);
    return;
  }
  Block* const no_null = block();
  build_.CreateCondBr(build_.CreateICmpEQ(kind, build_.getInt8(RT_NULL)), yes, no_null);
  to(no_null);
  build_.CreateCondBr(build_.CreateICmpEQ(kind, build_.getInt8(RT_ARRAY)), yes, no);
}

}  // namespace weir::compiler
