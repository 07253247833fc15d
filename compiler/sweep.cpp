// sweep: what no root reaches is dropped: instructions, constants, and the slots and axes of events, so that
// the decoder reads only what a rule asks for.
//
//   %0 = field cloudtrail.awsRegion           %0 = field cloudtrail.eventName
//   %1 = field cloudtrail.eventName       →   %1 = exists %0
//   %2 = exists %1                            rule r on cloudtrail
//   rule r on cloudtrail                        match %1
//     match %2
//
// What remains keeps its order. The id of a record stays: the decoder reads it from its slot.
#include <cstddef>
#include <optional>

#include "compiler/pass_list.h"

namespace weir::ir {
namespace {

// Which entries of a pool stay, and where they go.
class Kept {
 public:
  explicit Kept(size_t size) : new_index_(size) {}

  void keep(uint32_t index) { new_index_[index] = 0; }
  bool keeps(uint32_t index) const { return new_index_[index].has_value(); }
  uint32_t operator[](uint32_t index) const { return *new_index_[index]; }

  void number() {
    uint32_t next = 0;
    for (std::optional<uint32_t>& index : new_index_) {
      if (index) index = next++;
    }
  }

  template <typename Pool>
  void compact(Pool& pool) const {
    size_t to = 0;
    for (size_t from = 0; from < pool.size(); ++from) {
      if (!new_index_[from]) continue;
      if (to != from) pool[to] = std::move(pool[from]);
      ++to;
    }
    pool.resize(to);
  }

 private:
  std::vector<std::optional<uint32_t>> new_index_;
};

class Sweep {
 public:
  explicit Sweep(const Module& module)
      : module_(module),
        live_(module.insts.size()),
        literals_(module.literals.size()),
        texts_(module.texts.size()),
        patterns_(module.patterns.size()),
        regexes_(module.regexes.size()),
        networks_(module.networks.size()),
        numbers_(module.numbers.size()),
        tables_(module.tables.size()),
        text_rules_(module.text_rules.size()) {
    for (const match::SourceInfo& source : module.sources) {
      slots_.emplace_back(source.projection.slots.size());
      axes_.emplace_back(source.projection.axes.size());
    }
  }

  Module run() {
    mark();
    compact_pools();
    compact_sources();
    compact_insts();
    return std::move(module_);
  }

 private:
  // The pool that an immediate is an index of; null for numbers and none.
  Kept* pool_of(const Inst& inst) {
    switch (info(inst.op).imm) {
      case Imm::slot:
        return &slots_[inst.source];
      case Imm::axis:
        return &axes_[inst.source];
      case Imm::literal:
        return &literals_;
      case Imm::texts:
        return &texts_;
      case Imm::pattern:
        return &patterns_;
      case Imm::regex:
        return &regexes_;
      case Imm::networks:
        return &networks_;
      case Imm::numbers:
        return &numbers_;
      case Imm::table:
        return &tables_;
      case Imm::text_rule:
        return &text_rules_;
      case Imm::number:
      case Imm::none:
        break;
    }
    return nullptr;
  }

  void mark() {
    for (const Value root : module_.roots) live_.keep(root);
    for (Value value = static_cast<Value>(module_.insts.size()); value-- > 0;) {
      if (!live_.keeps(value)) continue;
      const Inst& inst = module_.insts[value];
      for (const Value operand : module_.operands_of(inst)) live_.keep(operand);
      if (Kept* const pool = pool_of(inst)) pool->keep(inst.imm);
      if (inst.source != kAnySource) axes_[inst.source].keep(inst.axis);
    }
    for (size_t i = 0; i < module_.sources.size(); ++i) mark_source(module_.sources[i], slots_[i], axes_[i]);
    live_.number();
  }

  static void mark_source(const match::SourceInfo& source, Kept& slots, Kept& axes) {
    if (source.id_slot != match::kNone) slots.keep(source.id_slot);
    for (uint32_t slot = 0; slot < source.projection.slots.size(); ++slot) {
      if (slots.keeps(slot)) axes.keep(source.projection.slots[slot].axis);
    }
    axes.keep(0);
    for (uint32_t axis = static_cast<uint32_t>(source.projection.axes.size()); axis-- > 0;) {
      if (axes.keeps(axis)) axes.keep(source.projection.axes[axis].parent);
    }
    slots.number();
    axes.number();
  }

  template <typename Pool>
  static void compact(Kept& kept, Pool& pool) {
    kept.number();
    kept.compact(pool);
  }

  void compact_pools() {
    compact(literals_, module_.literals);
    compact(texts_, module_.texts);
    compact(patterns_, module_.patterns);
    compact(regexes_, module_.regexes);
    compact(networks_, module_.networks);
    compact(numbers_, module_.numbers);
    compact(tables_, module_.tables);
    compact(text_rules_, module_.text_rules);
  }

  void compact_sources() {
    for (size_t i = 0; i < module_.sources.size(); ++i) {
      match::SourceInfo& source = module_.sources[i];
      slots_[i].compact(source.projection.slots);
      axes_[i].compact(source.projection.axes);
      for (match::AxisSpec& axis : source.projection.axes) axis.parent = axes_[i][axis.parent];
      for (match::SlotSpec& slot : source.projection.slots) slot.axis = axes_[i][slot.axis];
      if (source.id_slot != match::kNone) source.id_slot = slots_[i][source.id_slot];
    }
  }

  void compact_insts() {
    std::vector<Value> operands;
    for (Value value = 0; value < module_.insts.size(); ++value) {
      if (!live_.keeps(value)) continue;
      Inst& inst = module_.insts[value];
      const uint32_t first = static_cast<uint32_t>(operands.size());
      for (const Value operand : module_.operands_of(inst)) operands.push_back(live_[operand]);
      inst.first = first;
      if (const Kept* const pool = pool_of(inst)) inst.imm = (*pool)[inst.imm];
      if (inst.source != kAnySource) inst.axis = axes_[inst.source][inst.axis];
    }
    live_.compact(module_.insts);
    module_.operands = std::move(operands);
    for (Value& root : module_.roots) root = live_[root];
  }

  Module module_;
  Kept live_, literals_, texts_, patterns_, regexes_, networks_, numbers_, tables_, text_rules_;
  std::vector<Kept> slots_, axes_;  // by source
};

}  // namespace

Module sweep(const Module& module) { return Sweep(module).run(); }

}  // namespace weir::ir
