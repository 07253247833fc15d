// See satisfiable.h. The facts of one value are judged in value_facts.cpp.
#include "compiler/satisfiable.h"

#include <utility>

#include "compiler/value_facts.h"

namespace weir::compiler {
namespace {

class Search {
 public:
  Search(const Known& known, int steps) : known_(known), module_(known.module), steps_(steps) {}

  // True when every way to make the conditions so runs into a contradiction. Facts are left as they were
  // found.
  bool impossible(Wanted open) {
    const size_t known = facts_.size();
    const bool none = no_way(std::move(open));
    facts_.resize(known);
    return none;
  }

  // Opens conditions till one is reached that branches, which stays on top of `open`: its facts are kept.
  enum class End : uint8_t { branches, contradiction, gave_up, nothing_left };
  End open_up(Wanted& open) {
    while (!open.empty()) {
      auto [value, wanted] = open.back();
      const ir::Inst& inst = module_.insts[value];
      if (branches(inst.op, wanted)) return End::branches;
      if (--steps_ < 0) return End::gave_up;
      open.pop_back();
      std::span<const ir::Value> operands = module_.operands_of(inst);
      switch (inst.op) {
        case ir::Op::always:
          if (!wanted) return End::contradiction;
          continue;
        case ir::Op::never:
          if (wanted && !known_.never_is_open) return End::contradiction;
          continue;
        case ir::Op::negate:
          open.push_back({operands[0], !wanted});
          continue;
        case ir::Op::spread_condition:
          open.push_back({operands[0], wanted});
          continue;
        case ir::Op::both:
        case ir::Op::either:
          for (ir::Value operand : operands) open.push_back({operand, wanted});
          continue;
        case ir::Op::any_element:
        case ir::Op::all_elements:
          // There is an element for which it holds; what is known of the event is not carried into it.
          if (wanted && impossible_element(operands[0])) return End::contradiction;
          [[fallthrough]];
        default:
          if (!take(value, wanted)) return End::contradiction;
      }
    }
    return End::nothing_left;
  }

 private:
  static bool branches(ir::Op op, bool wanted) {
    return (op == ir::Op::both || op == ir::Op::either) && (op == ir::Op::both) != wanted;
  }

  bool no_way(Wanted open) {
    const End end = open_up(open);
    if (end != End::branches) return end == End::contradiction || (end == End::nothing_left && calls_exclude());
    if (--steps_ < 0) return false;
    const auto [value, wanted] = open.back();
    open.pop_back();
    for (const ir::Value operand : module_.operands_of(module_.insts[value])) {
      Wanted branch;
      branch.reserve(open.size() + kRoom);
      branch = open;
      branch.push_back({operand, wanted});
      if (!impossible(std::move(branch))) return false;
    }
    return true;
  }

  bool impossible_element(ir::Value condition) {
    std::vector<Fact> of_event = std::exchange(facts_, {});
    const bool none = impossible({{condition, true}});
    facts_ = std::move(of_event);
    return none;
  }

  bool take(ir::Value value, bool wanted) {
    for (const Fact& fact : facts_)
      if (fact.predicate == value) return fact.holds == wanted;
    facts_.push_back({value, wanted});
    const ir::Value subject = subject_of(module_, value);
    if (subject == ir::kNoValue || !known_.single.count(subject)) return true;
    return can_be(module_, about(subject), field(subject));
  }

  std::vector<Fact> about(ir::Value subject) const {
    std::vector<Fact> out;
    for (const Fact& fact : facts_)
      if (subject_of(module_, fact.predicate) == subject) out.push_back(fact);
    return out;
  }

  const FieldInfo* field(ir::Value subject) const {
    return known_.fields.empty() ? nullptr : known_.fields[subject];
  }

  // The single values that name a service, or a call, and of which something is known.
  std::set<ir::Value> naming(Known::Names what) const {
    std::set<ir::Value> out;
    if (known_.names.empty()) return out;
    for (const Fact& fact : facts_)
      if (const ir::Value subject = subject_of(module_, fact.predicate);
          subject != ir::kNoValue && known_.names[subject] == what && known_.single.count(subject))
        out.insert(subject);
    return out;
  }

  // A service and a call, each one of a few, and no call of the catalogue among their pairs.
  bool calls_exclude() const {
    for (const ir::Value service : naming(Known::Names::service))
      for (const ir::Value call : naming(Known::Names::call)) {
        if (module_.insts[call].source != module_.insts[service].source) continue;
        auto services = texts_left(module_, about(service), field(service)),
             calls = texts_left(module_, about(call), field(call));
        if (services && calls && !services->empty() && !calls->empty() &&
            no_call_among(*known_.schemas[module_.insts[service].source], *services, *calls))
          return true;
      }
    return false;
  }

  static bool no_call_among(const SchemaInfo& schema, const std::vector<std::string>& services,
                            const std::vector<std::string>& calls) {
    for (const std::string& service : services)
      for (const std::string& call : calls)
        if (!schema.is_complete(service) || schema.call(service, call)) return false;
    return true;
  }

  static constexpr size_t kRoom = 8;  // for what a branch opens, most often

  const Known& known_;
  const ir::Module& module_;
  int steps_;
  std::vector<Fact> facts_;  // what the branch at hand takes to be so
};

void add_keys(const std::vector<match::Step>& path, std::vector<std::string>& names, bool& plain) {
  for (const match::Step& step : path) {
    if (step.kind == match::Step::Kind::index) plain = false;
    names.push_back(step.key);
  }
}

bool is_single(const Known& known, ir::Value value) {
  const ir::Inst& inst = known.module.insts[value];
  const ir::OpInfo& info = ir::info(inst.op);
  if (info.result != ir::Result::V || inst.op == ir::Op::gather) return false;
  if (inst.op == ir::Op::count_values || inst.op == ir::Op::count_elements) return true;
  if (inst.op == ir::Op::field) {
    const FieldInfo* field = known.fields[value];
    return field && field->type != Type::json;
  }
  for (ir::Value operand : known.module.operands_of(inst))
    if (ir::info(known.module.insts[operand].op).result == ir::Result::V && !known.single.count(operand))
      return false;
  return true;
}

const FieldInfo* field_of(const ir::Module& module, const std::vector<const SchemaInfo*>& schemas,
                          const ir::Inst& inst) {
  if (inst.op != ir::Op::field) return nullptr;
  const match::Projection& projection = module.sources[inst.source].projection;
  const match::SlotSpec& slot = projection.slots[inst.imm];
  if (slot.want == match::Want::raw) return nullptr;
  std::vector<std::string> names;
  std::vector<const match::AxisSpec*> axes;  // innermost first
  for (uint32_t axis = slot.axis; axis != 0; axis = projection.axes[axis].parent)
    axes.push_back(&projection.axes[axis]);
  bool plain = true;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    add_keys((*axis)->path, names, plain);
    plain = plain && !(*axis)->or_self;
  }
  add_keys(slot.path, names, plain);
  const FieldInfo* field = plain ? schemas[inst.source]->find(names) : nullptr;
  if (!field || field->derived) return nullptr;
  size_t arrays = 0;
  for (const FieldInfo::Segment& segment : field->path) arrays += segment.array;
  return arrays == axes.size() ? field : nullptr;
}

Known::Names named_by(const Known& known, ir::Value value) {
  const FieldInfo* field = known.fields[value];
  if (!field) return Known::Names::nothing;
  const SchemaInfo& schema = *known.schemas[known.module.insts[value].source];
  if (field->name() == schema.service_field) return Known::Names::service;
  return field->name() == schema.call_field ? Known::Names::call : Known::Names::nothing;
}

}  // namespace

Known known_of(const ir::Module& module, std::vector<const SchemaInfo*> schemas) {
  Known known{module, {}, std::move(schemas)};
  known.never_is_open = true;
  known.fields.reserve(module.insts.size());
  known.names.reserve(module.insts.size());
  for (ir::Value value = 0; value < module.insts.size(); ++value) {  // operands stand before what uses them
    known.fields.push_back(field_of(module, known.schemas, module.insts[value]));
    known.names.push_back(named_by(known, value));
    if (is_single(known, value)) known.single.insert(known.single.end(), value);
  }
  return known;
}

class Supposed::Opened {
 public:
  Opened(const Known& known, ir::Value holds, int steps) : search_(known, steps), rest_{{holds, true}} {
    end_ = search_.open_up(rest_);
  }

  bool excludes(ir::Value other, bool wanted) const {
    if (end_ == Search::End::gave_up) return false;
    if (end_ == Search::End::contradiction) return true;
    Wanted open{{other, wanted}};
    open.insert(open.end(), rest_.begin(), rest_.end());
    return Search(search_).impossible(std::move(open));
  }

 private:
  Search search_;
  Wanted rest_;  // what is open still: the first branch, and what waits for it
  Search::End end_;
};

Supposed::Supposed(const Known& known, ir::Value holds, int steps)
    : opened_(std::make_unique<Opened>(known, holds, steps)) {}
Supposed::~Supposed() = default;
Supposed::Supposed(Supposed&&) noexcept = default;

bool Supposed::excludes(ir::Value other, bool wanted) const { return opened_->excludes(other, wanted); }

bool impossible(const Known& known, Wanted conditions, int steps) {
  return Search(known, steps).impossible(std::move(conditions));
}

}  // namespace weir::compiler
