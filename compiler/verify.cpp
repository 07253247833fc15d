// The laws of the IR, checked: what a breach is, in words.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/passes.h"
#include "compiler/rule_roots.h"

namespace weir::ir {
namespace {

// Engines walk the graph recursively.
constexpr uint32_t kMaxDepth = 1000;

class Verifier {
 public:
  explicit Verifier(const Module& module) : module_(module) {}

  std::vector<std::string> run() {
    for (uint16_t source = 0; source < module_.sources.size(); ++source) check_source(source);
    if (!breaches_.empty()) return breaches_;
    for (Value value = 0; value < module_.insts.size(); ++value) check_inst(value);
    if (breaches_.empty()) check_roots();
    return breaches_;
  }

 private:
  template <typename... Args>
  void breach(fmt::format_string<Args...> format, Args&&... args) {
    breaches_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void inst_breach(Value value, fmt::format_string<Args...> format, Args&&... args) {
    breach("%{} {}: {}", value, info(module_.insts[value].op).name,
           fmt::format(format, std::forward<Args>(args)...));
  }

  void check_source(uint16_t source) {
    const match::SourceInfo& info = module_.sources[source];
    const match::Projection& projection = info.projection;
    if (projection.axes.empty()) return breach("source {}: no axis 0", info.name);
    for (size_t i = 1; i < projection.axes.size(); ++i) {
      if (projection.axes[i].parent >= i) breach("source {}: axis {} before its parent", info.name, i);
    }
    for (size_t i = 0; i < projection.slots.size(); ++i) {
      if (projection.slots[i].axis >= projection.axes.size())
        breach("source {}: slot {} on no axis", info.name, i);
    }
    if (info.id_slot != match::kNone && info.id_slot >= projection.slots.size()) {
      breach("source {}: no slot {} for the id", info.name, info.id_slot);
    }
  }

  void check_inst(Value value) {
    const Inst& inst = module_.insts[value];
    depths_.push_back(0);
    if (static_cast<size_t>(inst.op) >= kOpCount) return breach("%{}: no such operation", value);
    if (uint64_t{inst.first} + inst.count > module_.operands.size())
      return inst_breach(value, "operands out of range");
    if (!check_order(value, inst) || !check_place(value, inst)) return;
    check_kinds(value, inst);
    check_imm(value, inst);
    check_axes(value, inst);
    check_depth(value, inst);
  }

  bool check_order(Value value, const Inst& inst) {
    for (const Value operand : module_.operands_of(inst)) {
      if (operand >= value) return inst_breach(value, "operand %{} does not come before it", operand), false;
      if (static_cast<size_t>(module_.insts[operand].op) >= kOpCount) return false;
    }
    return true;
  }

  bool check_place(Value value, const Inst& inst) {
    if (inst.source == kAnySource) {
      if (inst.axis != 0) return inst_breach(value, "an axis of no source"), false;
    } else if (inst.source >= module_.sources.size()) {
      return inst_breach(value, "no source {}", inst.source), false;
    } else if (inst.axis >= axes_of(inst).size()) {
      return inst_breach(value, "no axis {}", inst.axis), false;
    }
    return true;
  }

  void check_kinds(Value value, const Inst& inst) {
    const std::string_view wanted = info(inst.op).operands;
    const bool many = wanted.size() == 2 && wanted[1] == '*';
    if (!many && inst.count != wanted.size()) {
      return inst_breach(value, "{} operands, not {}", wanted.size(), inst.count);
    }
    for (uint32_t i = 0; i < inst.count; ++i) {
      const Value operand = module_.operands_of(inst)[i];
      const char kind = info(module_.insts[operand].op).result == Result::C ? 'C' : 'V';
      if (kind != wanted[many ? 0 : i]) {
        inst_breach(value, "operand %{} is {}", operand, kind == 'C' ? "a condition" : "no condition");
      }
    }
  }

  void check_imm(Value value, const Inst& inst) {
    const auto below = [&](size_t count) {
      if (inst.imm >= count) inst_breach(value, "immediate {} of {}", inst.imm, count);
    };
    switch (info(inst.op).imm) {
      case Imm::none:
        return below(1);
      case Imm::slot:
        return below(inst.source == kAnySource ? 0 : module_.sources[inst.source].projection.slots.size());
      case Imm::literal:
        return below(module_.literals.size());
      case Imm::texts:
        return below(module_.texts.size());
      case Imm::pattern:
        return below(module_.patterns.size());
      case Imm::regex:
        return below(module_.regexes.size());
      case Imm::networks:
        return below(module_.networks.size());
      case Imm::numbers:
        return below(module_.numbers.size());
      case Imm::table:
        return below(module_.tables.size());
      case Imm::text_rule:
        return below(module_.text_rules.size());
      case Imm::axis:
        below(inst.source == kAnySource ? 0 : axes_of(inst).size());
        if (inst.imm == 0) inst_breach(value, "the event is no axis to leave or enter");
        return;
      case Imm::number:
        return;
    }
  }

  void check_axes(Value value, const Inst& inst) {
    uint32_t operand_axis = inst.axis;
    if (info(inst.op).imm == Imm::axis) {
      if (inst.source == kAnySource || inst.imm >= axes_of(inst).size()) return;
      const bool enters = inst.op == Op::spread || inst.op == Op::spread_condition;
      const uint32_t parent = axes_of(inst)[inst.imm].parent;
      operand_axis = enters ? parent : inst.imm;
      if (inst.axis != (enters ? inst.imm : parent)) inst_breach(value, "axis {} leads elsewhere", inst.imm);
    } else if (inst.op == Op::anywhere || inst.op == Op::anywhere_pattern) {
      if (inst.source == kAnySource || inst.axis != 0) inst_breach(value, "not about an event");
    } else if (inst.op == Op::field && inst.source != kAnySource) {
      const auto& slots = module_.sources[inst.source].projection.slots;
      if (inst.imm < slots.size() && slots[inst.imm].axis != inst.axis)
        inst_breach(value, "not on its slot's axis");
    }
    for (const Value operand : module_.operands_of(inst)) {
      const Inst& other = module_.insts[operand];
      if (other.source == kAnySource) continue;
      if (other.source != inst.source) inst_breach(value, "operand %{} is about another source", operand);
      if (other.axis != operand_axis) inst_breach(value, "operand %{} lies on axis {}", operand, other.axis);
    }
  }

  void check_depth(Value value, const Inst& inst) {
    uint32_t depth = 0;
    for (const Value operand : module_.operands_of(inst)) depth = std::max(depth, depths_[operand] + 1);
    depths_.back() = depth;
    if (depth == kMaxDepth) inst_breach(value, "nested deeper than {}", kMaxDepth);
  }

  void check_roots() {
    for (size_t i = 0; i < module_.roots.size(); ++i) {
      if (module_.roots[i] >= module_.insts.size()) {
        breach("root {}: no value %{}", i, module_.roots[i]);
      } else if (module_.insts[module_.roots[i]].axis != 0) {
        breach("root {}: not on the event", i);
      }
    }
    for (const match::RuleInfo& rule : module_.rules) {
      for (const match::RuleOnSource& on : rule.sources) check_rule(rule, on);
    }
  }

  void check_rule(const match::RuleInfo& rule, const match::RuleOnSource& on) {
    if (on.source >= module_.sources.size()) return breach("rule {}: no source {}", rule.name, on.source);
    for_each_root(on, [&](const auto& what, match::Root root, bool condition) {
      if (root >= module_.roots.size()) return breach("rule {}: {}: no root {}", rule.name, what(), root);
      const Value value = module_.roots[root];
      if (value >= module_.insts.size()) return;
      const Inst& inst = module_.insts[value];
      if (inst.source != kAnySource && inst.source != on.source) {
        breach("rule {}: {}: %{} is about another source", rule.name, what(), value);
      }
      if (condition && info(inst.op).result != Result::C) {
        breach("rule {}: {}: %{} is no condition", rule.name, what(), value);
      }
    });
    check_correlation(rule, on);
  }

  // The numbers of a correlation are those of its lists of roots.
  void check_correlation(const match::RuleInfo& rule, const match::RuleOnSource& on) {
    if (!rule.correlation) return;
    const match::Correlation& correlation = *rule.correlation;
    if (on.group_by.size() != correlation.group_by.size() || on.values.size() != correlation.values.size() ||
        on.conditions.size() != correlation.conditions.size())
      breach("rule {}: its correlation asks for other roots than there are", rule.name);
    if (on.message.size() != rule.sources.front().message.size())
      breach("rule {}: its message has other pieces on another source", rule.name);
  }

  const std::vector<match::AxisSpec>& axes_of(const Inst& inst) const {
    return module_.sources[inst.source].projection.axes;
  }

  const Module& module_;
  std::vector<std::string> breaches_;
  std::vector<uint32_t> depths_;
};

}  // namespace

std::vector<std::string> verify(const Module& module) { return Verifier(module).run(); }

}  // namespace weir::ir
