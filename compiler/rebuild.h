// What every pass is made of: a new module with the same pools, filled by one loop over the old one.
#pragma once

#include <vector>

#include "compiler/ir.h"

namespace weir::ir {

class Rebuild {
 public:
  explicit Rebuild(const Module& from);

  const Module& from() const { return from_; }
  const Module& to() const { return to_; }
  Builder& builder() { return builder_; }

  // The operands of an old instruction, as values of the new module; only of what comes after them.
  std::vector<Value> operands_of(const Inst& inst) const;
  // The old instruction on these operands.
  Value copy(const Inst& inst, std::vector<Value> operands) {
    return builder_.copy(inst, std::move(operands));
  }

  // replace: (old instruction, its new operands) → the new value. Called once for each, in order.
  template <typename Replace>
  Module run(Replace replace) {
    for (const Inst& inst : from_.insts) map_.push_back(replace(inst, operands_of(inst)));
    for (const Value root : from_.roots) to_.roots.push_back(map_[root]);
    return std::move(to_);
  }

  // Of a value of the new module.
  const Inst& inst(Value value) const { return to_.insts[value]; }
  bool is(Value value, Op op) const { return inst(value).op == op; }
  std::vector<Value> operands(Value value) const;

 private:
  const Module& from_;
  Module to_;
  Builder builder_;
  std::vector<Value> map_;
};

}  // namespace weir::ir
