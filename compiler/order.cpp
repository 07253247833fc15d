// order: what is cheap and likely to decide is asked first.
//
//   %1 = regex %0 {/^x/}                      %1 = regex %0 {/^x/}
//   %2 = texts %0 {equal, caseless: "a"}  →   %2 = texts %0 {equal, caseless: "a"}
//   %3 = both %1 %2                           %3 = both %2 %1
//
// The best order of independent conditions is by cost ÷ chance to decide: that a `both` ends with false, an
// `either` with true. The chances are guesses by kind; equal ones stay as they were written.
#include <algorithm>

#include "compiler/pass_list.h"
#include "compiler/rebuild.h"

namespace weir::ir {
namespace {

struct Estimate {
  double cost = 0;
  double chance = 0.5;  // to be true
};

class Order {
 public:
  explicit Order(const Module& module) : rebuild_(module) {}

  Module run() {
    return rebuild_.run([this](const Inst& inst, std::vector<Value> operands) {
      if (inst.op == Op::both || inst.op == Op::either) sort(inst.op, operands);
      const Value value = rebuild_.copy(inst, std::move(operands));
      for (Value next = static_cast<Value>(estimates_.size()); next <= value; ++next)
        estimates_.push_back(estimate(next));
      return value;
    });
  }

 private:
  void sort(Op op, std::vector<Value>& operands) const {
    const auto rank = [&](Value value) {
      const Estimate& estimate = estimates_[value];
      const double decides = op == Op::both ? 1 - estimate.chance : estimate.chance;
      return estimate.cost / std::max(decides, 1e-6);
    };
    std::stable_sort(operands.begin(), operands.end(), [&](Value a, Value b) { return rank(a) < rank(b); });
  }

  Estimate estimate(Value value) const {
    constexpr double kElements = 4;  // of an array
    const Inst& inst = rebuild_.inst(value);
    Estimate result{.cost = static_cast<double>(info(inst.op).cost), .chance = chance(inst)};
    double below = 0, all = 1, none = 1;
    for (const Value operand : rebuild_.operands(value)) {
      below += estimates_[operand].cost;
      all *= estimates_[operand].chance;
      none *= 1 - estimates_[operand].chance;
    }
    const bool leaves_axis =
        info(inst.op).imm == Imm::axis && inst.op != Op::spread && inst.op != Op::spread_condition;
    result.cost += leaves_axis ? kElements * below : below;
    if (inst.op == Op::both) result.chance = all;
    if (inst.op == Op::either) result.chance = 1 - none;
    if (inst.op == Op::negate) result.chance = 1 - all;
    if (inst.op == Op::spread_condition) result.chance = all;
    return result;
  }

  double chance(const Inst& inst) const {
    switch (inst.op) {
      case Op::texts: {
        const double needles = static_cast<double>(rebuild_.to().texts[inst.imm].needles.size());
        return std::min(0.5, 0.02 * needles);
      }
      case Op::numbers:
        return std::min(0.5, 0.02 * static_cast<double>(rebuild_.to().numbers[inst.imm].size()));
      case Op::same:
      case Op::same_address:
        return 0.05;
      case Op::pattern:
      case Op::regex:
      case Op::networks:
      case Op::anywhere:
      case Op::anywhere_pattern:
        return 0.1;
      case Op::always:
        return 1;
      case Op::never:
        return 0;
      default:
        return 0.5;
    }
  }

  Rebuild rebuild_;
  std::vector<Estimate> estimates_;
};

}  // namespace

Module order(const Module& module) { return Order(module).run(); }

}  // namespace weir::ir
