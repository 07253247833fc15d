// See satisfiable.h. The facts of one value are judged in value_facts.cpp.
#include "compiler/satisfiable.h"

#include "compiler/value_facts.h"

namespace weir::compiler {
namespace {

struct Facts {  // what one branch takes to be so
  std::set<ir::Value> holds, fails;
  std::map<ir::Value, std::vector<Fact>> about;  // by single value
};

class Search {
 public:
  Search(const Known& known, int steps) : known_(known), module_(known.module), steps_(steps) {}

  // True when every way to make the conditions so runs into a contradiction.
  bool impossible(Wanted open, Facts facts) {
    while (!open.empty()) {
      if (--steps_ < 0) return false;
      auto [value, wanted] = open.back();
      open.pop_back();
      const ir::Inst& inst = module_.insts[value];
      std::span<const ir::Value> operands = module_.operands_of(inst);
      switch (inst.op) {
        case ir::Op::always:
          if (!wanted) return true;
          continue;
        case ir::Op::never:
          if (wanted && !known_.never_is_open) return true;
          continue;
        case ir::Op::negate:
          open.push_back({operands[0], !wanted});
          continue;
        case ir::Op::spread_condition:
          open.push_back({operands[0], wanted});
          continue;
        case ir::Op::both:
        case ir::Op::either:
          if ((inst.op == ir::Op::both) == wanted) {
            for (ir::Value operand : operands) open.push_back({operand, wanted});
            continue;
          }
          for (ir::Value operand : operands) {
            Wanted branch = open;
            branch.push_back({operand, wanted});
            if (!impossible(std::move(branch), facts)) return false;
          }
          return true;
        case ir::Op::any_element:
        case ir::Op::all_elements:
          // There is an element for which it holds; what is known of the event is not carried into it.
          if (wanted && impossible({{operands[0], true}}, {})) return true;
          [[fallthrough]];
        default:
          if (!take(value, wanted, facts)) return true;
      }
    }
    return calls_exclude(facts);
  }

 private:
  bool take(ir::Value value, bool wanted, Facts& facts) {
    if ((wanted ? facts.fails : facts.holds).count(value)) return false;
    if (!(wanted ? facts.holds : facts.fails).insert(value).second) return true;
    ir::Value subject = subject_of(module_, value);
    if (subject == ir::kNoValue || !known_.single.count(subject)) return true;
    std::vector<Fact>& about = facts.about[subject];
    about.push_back({value, wanted});
    return can_be(module_, about, field(subject));
  }

  const FieldInfo* field(ir::Value subject) const { return field_of(module_, known_.schemas, subject); }

  // A service and a call, each one of a few, and no call of the catalogue among their pairs.
  bool calls_exclude(const Facts& facts) const {
    for (const auto& [service, of_service] : facts.about) {
      const FieldInfo* service_field = field(service);
      if (!service_field) continue;
      const SchemaInfo& schema = *known_.schemas[module_.insts[service].source];
      if (service_field->name() != schema.service_field) continue;
      for (const auto& [call, of_call] : facts.about) {
        const FieldInfo* call_field = field(call);
        if (!call_field || module_.insts[call].source != module_.insts[service].source ||
            call_field->name() != schema.call_field)
          continue;
        auto services = texts_left(module_, of_service, service_field),
             calls = texts_left(module_, of_call, call_field);
        if (services && calls && !services->empty() && !calls->empty() &&
            no_call_among(schema, *services, *calls))
          return true;
      }
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

  const Known& known_;
  const ir::Module& module_;
  int steps_;
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
    const FieldInfo* field = field_of(known.module, known.schemas, value);
    return field && field->type != Type::json;
  }
  for (ir::Value operand : known.module.operands_of(inst))
    if (ir::info(known.module.insts[operand].op).result == ir::Result::V && !known.single.count(operand))
      return false;
  return true;
}

}  // namespace

const FieldInfo* field_of(const ir::Module& module, const std::vector<const SchemaInfo*>& schemas,
                          ir::Value value) {
  const ir::Inst& inst = module.insts[value];
  if (inst.op != ir::Op::field || inst.source >= schemas.size()) return nullptr;
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

Known known_of(const ir::Module& module, std::vector<const SchemaInfo*> schemas) {
  Known known{module, {}, std::move(schemas), true};
  for (ir::Value value = 0; value < module.insts.size(); ++value)
    if (is_single(known, value)) known.single.insert(known.single.end(), value);
  return known;
}

bool impossible(const Known& known, Wanted conditions, int steps) {
  return Search(known, steps).impossible(std::move(conditions), {});
}

}  // namespace weir::compiler
