// One function being emitted: its blocks, and what is to come at its end. Internal to
// emit*.cpp.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/llvm/declare.h"
#include "compiler/machine.h"

namespace weir::compiler {

struct Support {
  explicit Support(llvm::Module& module);
#define WEIR_SUPPORT(name, meaning) llvm::FunctionCallee name;
#include "compiler/llvm/abi.def"
#undef WEIR_SUPPORT
};

class EmitFunction {
 public:
  EmitFunction(llvm::Module& module, const Code& code, const Support& support);

  void emit(const std::string& name, const Machine::Unit& unit);

 private:
  using Block = llvm::BasicBlock;

  struct View {  // as TextView
    llvm::Value* data = nullptr;
    llvm::Value* size = nullptr;
  };

  struct Deferred {
    Block* block;
    ir::Value value;
    Block *yes, *no;
  };

  // ---- conditions (emit.cpp)
  void count_uses(const Machine::Unit& unit);
  void branch(ir::Value value, Block* yes, Block* no);  // from where the builder is; leaves it nowhere
  std::vector<ir::Value> in_order(const ir::Inst& inst) const;  // the operands of `both` and `either`
  void at_least(const ir::Inst& inst, Block* yes, Block* no);
  void call_holds(ir::Value value, Block* yes, Block* no);
  bool is_large(ir::Value value);
  void numbers(ir::Value value, const ir::Inst& inst, Block* yes, Block* no);
  llvm::Value* one_integer(uint32_t slot, Block* odd);  // of a slot with one value; `odd` when that is no integer
  ir::Value without_reading(ir::Value value) const;
  void compare_integer(ir::Value value, const ir::Inst& inst, Block* yes, Block* no);
  void presence(ir::Value value, const ir::Inst& inst, Block* yes, Block* no);

  // ---- fields and texts (emit_texts.cpp)
  bool is_field(ir::Value value) const;
  uint32_t slot_of(const ir::Inst& inst) const;  // of its first operand, a field
  bool texts_inline(const ir::Inst& inst) const;
  View view(uint32_t slot, bool domain);
  // Goes on where a condition may hold, by its search; to `no` where it does not.
  void where_found(const Searches::Found& found, Block* no);
  void search(ir::Value value, const ir::Inst& inst, Block* yes, Block* no);
  void texts(ir::Value value, const ir::Inst& inst, Block* yes, Block* no);
  void equal_texts(const match::TextSet& set, View view, Block* yes, Block* no);
  void one_text(const match::TextSet& set, View view, std::string_view needle, Block* yes, Block* no);
  void pattern(ir::Value value, const ir::Inst& inst, Block* yes, Block* no);
  void networks(ir::Value value, const ir::Inst& inst, Block* yes, Block* no);
  void same_bytes(llvm::Value* data, std::string_view needle, bool cased, Block* yes, Block* no);

  // ---- small things
  Block* block() { return Block::Create(context_, "", function_); }
  Block* later(ir::Value value, Block* yes, Block* no);  // a block at the end that asks the interpreter
  void to(Block* block) { build_.SetInsertPoint(block); }
  llvm::Value* load(llvm::Type* type, llvm::Value* from, size_t offset);
  llvm::Value* bytes_from(llvm::Value* pointer, llvm::Value* offset);
  llvm::Value* slot_values(uint32_t slot);
  llvm::Value* slot_count(uint32_t slot);
  llvm::Value* i32(int64_t value) { return build_.getInt32(static_cast<uint32_t>(value)); }

  llvm::Module& module_;
  llvm::LLVMContext& context_;
  const Code& code_;
  const Support& support_;
  llvm::IRBuilder<> build_;
  llvm::Function* function_ = nullptr;
  llvm::Value *event_ = nullptr, *scratch_ = nullptr, *matched_ = nullptr, *slots_ = nullptr, *views_ = nullptr;
  llvm::Value *addresses_ = nullptr, *found_ = nullptr;
  const Searches* searches_ = nullptr;  // of the unit

  std::unordered_map<ir::Value, uint32_t> uses_;       // in this function
  std::unordered_map<ir::Value, uint32_t> sizes_;      // of conditions, in leaves
  std::vector<Deferred> deferred_;
};

}  // namespace weir::compiler
