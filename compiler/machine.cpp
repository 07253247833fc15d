// The functions of a Program: from an event to its lists, and through them.
#include "compiler/machine.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>
#include <utility>

namespace weir::compiler {
namespace {

namespace operations = match::operations;

Scratch& scratch_of(rt_scratch* scratch) { return *reinterpret_cast<Scratch*>(scratch); }

// One event on its way through the lists.
class Run {
 public:
  Run(const Machine& machine, const rt_event& event, rt_scratch* scratch, uint64_t* matched)
      : machine_(machine), event_(event), scratch_(scratch), matched_(matched),
        evaluation_(machine.code, event, scratch_of(scratch)) {}

  void list(const Machine::List& list) {
    Scratch& scratch = scratch_of(scratch_);
    if (list.guards) {
      scratch.possible.resize(machine_.guarded_words);
      if (!list.guards->find(event_, scratch)) return;
    }
    if (machine_.native) {
      scratch.see(list.views, event_);
      scratch.see_addresses(list.addresses, event_);
      if (!list.guards) machine_.units[list.first_unit].searches.run(event_, scratch.found_bits.data());
    }
    if (!list.guards) return unit(list.first_unit);
    for (size_t word = 0; word < list.guards->words(); ++word) {
      for (uint64_t bits = scratch.possible[word]; bits != 0; bits &= bits - 1)
        unit(list.units[word * 64 + static_cast<size_t>(__builtin_ctzll(bits))]);
    }
  }

 private:
  void unit(uint32_t number) {
    if (const NativeFunction function = machine_.functions[number].load(std::memory_order_acquire))
      return function(&event_, scratch_, matched_);
    for (const ir::Plan::Rule& rule : machine_.units[number].rules) {
      if (evaluation_.holds(rule.match, 0)) matched_[rule.rule / 64] |= uint64_t{1} << rule.rule % 64;
    }
  }

  const Machine& machine_;
  const rt_event& event_;
  rt_scratch* const scratch_;
  uint64_t* const matched_;
  Evaluation evaluation_;
};

// Of the last event that was asked about, as a rule: once to know what of it to read, and once to match.
const std::vector<uint32_t>& buckets_of(const Machine& machine, const rt_event& event, Scratch& scratch) {
  if (event.serial != 0 && scratch.routed == event.serial) return scratch.buckets;
  scratch.routed = event.serial;
  scratch.buckets.clear();
  machine.routes[event.source].each_bucket(event, scratch.key_ids,
                                           [&](uint32_t bucket) { scratch.buckets.push_back(bucket); });
  return scratch.buckets;
}

void match_event(const void* opaque, const rt_event* event, rt_scratch* scratch, uint64_t* matched) {
  const Machine& machine = *static_cast<const Machine*>(opaque);
  std::memset(matched, 0, machine.words * sizeof *matched);
  scratch_of(scratch).begin(event->serial);
  if (event->source >= machine.routes.size()) return;

  const Machine::List* const lists = &machine.lists[machine.first_of[event->source]];
  Run run(machine, *event, scratch, matched);
  run.list(lists[0]);
  for (const uint32_t bucket : buckets_of(machine, *event, scratch_of(scratch))) run.list(lists[1 + bucket]);
}

bool has_rules(const Machine& machine, const Machine::List& list) {
  return list.guards || !machine.units[list.first_unit].rules.empty();
}

rt_reach may_match_event(const void* opaque, const rt_event* event, rt_scratch* scratch) {
  const Machine& machine = *static_cast<const Machine*>(opaque);
  if (event->source >= machine.routes.size()) return RT_NO_RULE;
  const Machine::List* const lists = &machine.lists[machine.first_of[event->source]];
  for (const uint32_t bucket : buckets_of(machine, *event, scratch_of(scratch))) {
    if (has_rules(machine, lists[1 + bucket])) return RT_ALL_RULES;
  }
  return has_rules(machine, lists[0]) ? RT_GENERIC_RULES : RT_NO_RULE;
}

rt_list evaluate_root(const void* opaque, uint32_t root, const rt_event* event, rt_scratch* opaque_scratch) {
  static const rt_value kNo = operations::boolean_value(false), kYes = operations::boolean_value(true);
  const Code& code = static_cast<const Machine*>(opaque)->code;
  if (root >= code.roots.size()) return {};
  Scratch& scratch = scratch_of(opaque_scratch);
  if (event->serial == 0) {
    scratch.forget();
  } else if (event->serial != scratch.serial) {
    scratch.begin(event->serial);
  }
  Evaluation evaluation(code, *event, scratch);
  const ir::Value value = code.roots[root];
  if (ir::info(code.insts[value].op).result == ir::Result::V) return evaluation.values(value, 0);
  return {evaluation.holds(value, 0) ? &kYes : &kNo, 1};
}

// The views that the rules' conditions may read. `seen_for`: by value, the number of the list that met it
// last, and behind them all the number of the last list.
void set_views(const ir::Module& module, const std::vector<ir::Plan::Rule>& rules,
               std::vector<uint32_t>& seen_for, Machine::List& list) {
  std::set<uint32_t> views, addresses;
  ++seen_for.back();
  std::vector<ir::Value> open;
  for (const ir::Plan::Rule& rule : rules) open.push_back(rule.match);
  while (!open.empty()) {
    const ir::Value value = open.back();
    open.pop_back();
    if (std::exchange(seen_for[value], seen_for.back()) == seen_for.back()) continue;
    const ir::Inst& inst = module.insts[value];
    if (inst.op == ir::Op::texts || inst.op == ir::Op::pattern || inst.op == ir::Op::networks) {
      const ir::Inst& field = module.insts[module.operands_of(inst)[0]];
      if (field.op != ir::Op::field || field.axis != 0) continue;
      if (inst.op == ir::Op::networks) {
        addresses.insert(field.imm);
        continue;
      }
      views.insert(view_number(field.imm, false));
      if (inst.op == ir::Op::pattern) continue;
      const ir::Texts& set = module.texts[inst.imm];
      views.insert(view_number(field.imm, set.rule.domain || set.how == match::TextSet::How::below));
    } else if (inst.axis == 0) {
      for (const ir::Value operand : module.operands_of(inst)) open.push_back(operand);
    }
  }
  list.views.assign(views.begin(), views.end());
  list.addresses.assign(addresses.begin(), addresses.end());
}

}  // namespace

Machine::Machine(ir::Module module, const ir::Dispatch& dispatch, const ir::Plan& plan)
    : words((module.rules.size() + 63) / 64), first_of(plan.first_of) {
  for (size_t i = 0; i < module.sources.size(); ++i)
    routes.emplace_back(i < dispatch.sources.size() ? dispatch.sources[i] : ir::Dispatch::Source());
  std::vector<uint32_t> seen_for(module.insts.size() + 1);
  std::map<std::pair<uint32_t, ir::Value>, uint32_t> single;  // the unit of one rule: lists share it
  for (const ir::Plan::List& from : plan.lists) {
    List& list = lists.emplace_back();
    list.first_unit = static_cast<uint32_t>(units.size());
    set_views(module, from.rules, seen_for, list);
    if (!from.guarded) {
      units.push_back({from.rules, Searches(module, from.rules)});
      searched_words = std::max(searched_words, units.back().searches.words());
      continue;
    }
    for (const ir::Plan::Rule& rule : from.rules) {
      const auto [it, added] = single.emplace(std::pair(rule.rule, rule.match), static_cast<uint32_t>(units.size()));
      if (added) units.push_back({{rule}});
      list.units.push_back(it->second);
    }
    list.guards = std::make_unique<const Guards>(module, from);
    guarded_words = std::max(guarded_words, list.guards->words());
  }
  functions = std::make_unique<std::atomic<NativeFunction>[]>(units.size());
  code = Code(std::move(module));
}

namespace {

// The slots that the conditions of these rules read, on a source.
std::vector<uint32_t> slots_of(const ir::Module& module, uint16_t source, const std::vector<uint32_t>& rules) {
  std::set<uint32_t> slots;
  std::vector<bool> seen(module.insts.size());
  std::vector<ir::Value> open;
  for (const uint32_t rule : rules) {
    for (const match::RuleOnSource& on : module.rules[rule].sources) {
      if (on.source == source && on.match != match::kNone) open.push_back(module.roots[on.match]);
    }
  }
  while (!open.empty()) {
    const ir::Value value = open.back();
    open.pop_back();
    if (seen[value]) continue;
    seen[value] = true;
    const ir::Inst& inst = module.insts[value];
    if (inst.op == ir::Op::field) slots.insert(inst.imm);
    for (const ir::Value operand : module.operands_of(inst)) open.push_back(operand);
  }
  return {slots.begin(), slots.end()};
}

// Rules that ask the same value ask by the same number, so that whoever asks for all of them sees it. Of the
// roots that the rows of correlations are made of. Where all that match count, nobody need ask.
void ask_alike(const ir::Module& module, std::vector<match::RuleInfo>& rules) {
  std::unordered_map<ir::Value, match::Root> known;
  const auto share = [&](match::Root& root) {
    if (root != match::kNone) root = known.try_emplace(module.roots[root], root).first->second;
  };
  for (match::RuleInfo& rule : rules)
    for (match::RuleOnSource& on : rule.sources) {
      for (match::Root& root : on.group_by) share(root);
      for (match::Root& root : on.values) share(root);
      if (on.counted != match::kNone && module.roots[on.counted] == module.roots[on.match])
        on.counted = match::kNone;
    }
}

}  // namespace

match::Program described(const ir::Module& module, const ir::Dispatch& dispatch) {
  match::Program program;
  program.sources = module.sources;
  program.rules = module.rules;
  ask_alike(module, program.rules);
  std::vector<uint32_t> every(module.rules.size());
  std::iota(every.begin(), every.end(), 0u);
  for (uint16_t source = 0; source < program.sources.size(); ++source) {
    match::SourceInfo& info = program.sources[source];
    const bool known = source < dispatch.sources.size();
    if (known) info.deciding_slots = dispatch.sources[source].key_slots;
    const std::vector<uint32_t>& generic = known ? dispatch.sources[source].generic : every;
    info.has_generic = !generic.empty();
    info.matching_slots = slots_of(module, source, every);
    info.generic_slots = slots_of(module, source, generic);
  }
  return program;
}

std::shared_ptr<match::Program> program_of(const std::shared_ptr<Machine>& machine, match::Program made) {
  auto program = std::make_shared<match::Program>(std::move(made));
  program->code = machine;
  program->may_match = may_match_event;
  program->match = match_event;
  program->eval = evaluate_root;
  program->make_scratch = [machine] {
    auto scratch = std::make_shared<Scratch>(machine->code);
    scratch->found_bits.resize(machine->searched_words);
    scratch->found = scratch->found_bits.data();
    return std::shared_ptr<rt_scratch>(scratch, reinterpret_cast<rt_scratch*>(scratch.get()));
  };
  return program;
}

}  // namespace weir::compiler
