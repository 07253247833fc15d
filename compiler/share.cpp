// share: sets that look at one value in one way become one set, so that the value is looked at once.
//
//   %1 = texts %0 {ends, caseless: ".a"}        %1 = texts %0 {ends, caseless: ".a"}
//   %2 = texts %0 {ends, caseless: ".b"}    →   %2 = texts %0 {ends, caseless: ".b"}
//   %3 = either %1 %2                           %3 = texts %0 {ends, caseless: ".a", ".b"}
//
// Only below `either`: of `both`, each set may be met by another value. Long lists stay what they are: they
// cost one look-up, are likely to be shared by other rules, and a copy of them would cost memory.
#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "compiler/pass_list.h"
#include "compiler/rebuild.h"

namespace weir::ir {
namespace {

constexpr size_t kLongList = 256;

class Share {
 public:
  explicit Share(const Module& module) : rebuild_(module) {}

  Module run() {
    return rebuild_.run([this](const Inst& inst, std::vector<Value> operands) {
      return inst.op == Op::either ? merge(operands) : rebuild_.copy(inst, std::move(operands));
    });
  }

 private:
  // Sets of one group may become one: same operation, same operand (or event), same way to compare.
  using Group = std::tuple<Op, Value, uint16_t, int, bool, bool>;

  Value merge(const std::vector<Value>& operands) {
    std::map<Group, std::vector<Value>> groups;
    for (const Value operand : operands) {
      if (can_merge(operand)) groups[group_of(operand)].push_back(operand);
    }
    std::vector<Value> merged;
    for (const Value operand : operands) {
      const auto group = can_merge(operand) ? groups.find(group_of(operand)) : groups.end();
      if (group == groups.end()) {
        merged.push_back(operand);
      } else if (group->second.front() == operand) {  // where the first of them stood
        merged.push_back(group->second.size() == 1 ? operand : union_of(group->second));
      }
    }
    return merged.size() == 1 ? merged[0] : rebuild_.builder().make(Op::either, merged);
  }

  bool can_merge(Value value) const {
    const Inst& inst = rebuild_.inst(value);
    switch (info(inst.op).imm) {
      case Imm::texts:
        return rebuild_.to().texts[inst.imm].needles.size() <= kLongList;
      case Imm::networks:
        return rebuild_.to().networks[inst.imm].size() <= kLongList;
      case Imm::numbers:
        return rebuild_.to().numbers[inst.imm].size() <= kLongList;
      default:
        return false;
    }
  }

  Group group_of(Value value) const {
    const Inst& inst = rebuild_.inst(value);
    const Value operand = inst.count == 0 ? kNoValue : rebuild_.operands(value)[0];
    if (info(inst.op).imm != Imm::texts) return {inst.op, operand, inst.source, 0, false, false};
    const Texts& set = rebuild_.to().texts[inst.imm];
    return {inst.op, operand, inst.source, static_cast<int>(set.how), set.rule.cased, set.rule.domain};
  }

  Value union_of(const std::vector<Value>& values) {
    const Inst first = rebuild_.inst(values[0]);
    const auto all = [&](const auto& pool) {
      auto joined = pool[first.imm];
      for (size_t i = 1; i < values.size(); ++i) {
        const auto& next = pool[rebuild_.inst(values[i]).imm];
        joined.insert(joined.end(), next.begin(), next.end());
      }
      return joined;
    };
    if (first.op == Op::networks)
      return rebuild_.builder().networks(rebuild_.operands(values[0])[0], all(rebuild_.to().networks));
    if (first.op == Op::numbers)
      return rebuild_.builder().numbers(rebuild_.operands(values[0])[0], all(rebuild_.to().numbers));
    Texts set = rebuild_.to().texts[first.imm];
    for (size_t i = 1; i < values.size(); ++i) {
      const std::vector<std::string>& next = rebuild_.to().texts[rebuild_.inst(values[i]).imm].needles;
      set.needles.insert(set.needles.end(), next.begin(), next.end());
    }
    if (first.op == Op::anywhere) return rebuild_.builder().anywhere(first.source, std::move(set));
    return rebuild_.builder().texts(rebuild_.operands(values[0])[0], std::move(set));
  }

  Rebuild rebuild_;
};

}  // namespace

Module share(const Module& module) { return Share(module).run(); }

}  // namespace weir::ir
