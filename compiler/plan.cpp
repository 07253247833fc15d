// Which rule waits for which text. Of the texts that every match of a rule needs, the one that the fewest others
// of the list need is the most telling: what many rules ask for is what many events have.
#include "compiler/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>


namespace weir::ir {
namespace {

constexpr size_t kMostNeedles = 64;  // of one guard
constexpr size_t kShortestPart = 4;  // bytes that guards.cpp looks for

using How = match::TextSet::How;

class Guarding {
 public:
  Guarding(const Module& module, Plan::List& list) : module_(module), list_(list) {}

  void run() {
    for (const Plan::Rule& rule : list_.rules) needed_.push_back(needed(rule.match));
    for (const std::vector<Value>& of_rule : needed_) {
      for (const Value value : of_rule) count(value);
    }
    for (size_t i = 0; i < list_.rules.size(); ++i) list_.rules[i].guard = best(needed_[i]);
  }

 private:
  using Sought = std::tuple<uint32_t, How, std::string_view>;  // slot, how, needle

  std::vector<Value> needed(Value match) const {
    std::vector<Value> found, open = {match};
    while (!open.empty()) {
      const Value value = open.back();
      open.pop_back();
      const Inst& inst = module_.insts[value];
      if (inst.op == Op::both) {
        for (const Value operand : module_.operands_of(inst)) open.push_back(operand);
      } else if ((inst.op == Op::texts && can_guard(inst)) || (inst.op == Op::networks && can_guard_address(inst))) {
        found.push_back(value);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  bool can_guard(const Inst& inst) const {
    const Inst& field = module_.insts[module_.operands_of(inst)[0]];
    const Texts& set = module_.texts[inst.imm];
    if (field.op != Op::field || field.axis != 0) return false;
    if (set.needles.empty() || set.needles.size() > kMostNeedles) return false;
    // A needle is folded before it is looked for, and a final dot may go.
    return set.how == How::equal ||
           std::all_of(set.needles.begin(), set.needles.end(), [&](const std::string& needle) {
             return match::normal(needle, {.cased = false, .domain = true}).size() >= kShortestPart;
           });
  }

  bool can_guard_address(const Inst& inst) const {
    const Inst& field = module_.insts[module_.operands_of(inst)[0]];
    const size_t networks = module_.networks[inst.imm].size();
    return field.op == Op::field && field.axis == 0 && networks != 0 && networks <= kMostNeedles;
  }

  template <class See>
  void each_sought(Value value, See see) const {
    const Inst& inst = module_.insts[value];
    if (inst.op != Op::texts) return;
    const Texts& set = module_.texts[inst.imm];
    const uint32_t slot = module_.insts[module_.operands_of(inst)[0]].imm;
    for (const std::string& needle : set.needles) see(Sought{slot, set.how, needle});
  }

  void count(Value value) {
    each_sought(value, [&](const Sought& sought) { ++shared_[sought]; });
  }

  Value best(const std::vector<Value>& of_rule) const {
    Value found = kNoValue;
    double least = 0;
    for (const Value value : of_rule) {
      const Inst& inst = module_.insts[value];
      double weight = inst.op == Op::networks ? static_cast<double>(module_.networks[inst.imm].size()) : 0;
      each_sought(value, [&](const Sought& sought) {
        weight += shared_.at(sought) + 8.0 / (1.0 + static_cast<double>(std::get<2>(sought).size()));
      });
      if (found != kNoValue && weight >= least) continue;
      found = value;
      least = weight;
    }
    return found;
  }

  const Module& module_;
  Plan::List& list_;
  std::vector<std::vector<Value>> needed_;
  std::map<Sought, uint32_t> shared_;
};

// The conditions of rules without what holds for every event of a bucket.
//
//   bucket eventSource = "iam…", eventName = "createuser"
//   both (texts eventSource {equal: "iam…"}) (texts eventName {equal: "createrole", "createuser"}) %5   →   %5
class Rest {
 public:
  explicit Rest(Module& module) : module_(module), build_(module) {}

  void enter(const Dispatch::Source* source, uint32_t bucket) {
    source_ = source;
    bucket_ = bucket;
    holds_.clear();
  }

  Value of(Value match) {
    if (source_ == nullptr) return match;
    const Inst inst = module_.insts[match];
    if (inst.op == Op::texts) return holds(match) ? build_.make(Op::always, {}) : match;
    if (inst.op != Op::both) return match;
    std::vector<Value> left;
    for (const Value operand : module_.operands_of(inst)) {
      if (!holds(operand)) left.push_back(operand);
    }
    if (left.size() == inst.count) return match;
    if (left.empty()) return build_.make(Op::always, {});
    return left.size() == 1 ? left.front() : build_.make(Op::both, std::move(left));
  }

 private:
  bool holds(Value value) {
    const auto known = holds_.find(value);
    return known != holds_.end() ? known->second : holds_.emplace(value, find(module_.insts[value])).first->second;
  }

  // A key value is in any case, and without a final dot where it is a domain: just as the dispatch compares.
  bool find(const Inst& inst) const {
    if (inst.op != Op::texts) return false;
    const Texts& set = module_.texts[inst.imm];
    const Inst& field = module_.insts[module_.operands_of(inst)[0]];
    if (field.op != Op::field || field.axis != 0 || set.how != How::equal || set.rule.cased) return false;
    const std::vector<std::string>& values = source_->buckets[bucket_].values;
    for (size_t key = 0; key < source_->key_slots.size(); ++key) {
      if (source_->key_slots[key] != field.imm || source_->key_rules[key] != set.rule || values[key].empty()) continue;
      if (std::find(set.needles.begin(), set.needles.end(), values[key]) != set.needles.end()) return true;
    }
    return false;
  }

  Module& module_;
  Builder build_;
  const Dispatch::Source* source_ = nullptr;
  uint32_t bucket_ = 0;
  std::unordered_map<Value, bool> holds_;
};

Plan::List list_of(const Module& module, uint16_t source, uint32_t bucket, const std::vector<uint32_t>& rules,
                   size_t most_in_chain, Rest& rest) {
  Plan::List list{.source = source, .bucket = bucket};
  for (const uint32_t rule : rules) {
    for (const match::RuleOnSource& on : module.rules[rule].sources) {
      if (on.source != source) continue;
      if (on.match != match::kNone) list.rules.push_back({rule, rest.of(module.roots[on.match])});
      break;
    }
  }
  list.guarded = list.rules.size() > most_in_chain;
  if (list.guarded) Guarding(module, list).run();
  return list;
}

}  // namespace

Plan plan(Module& module, const Dispatch& dispatch, size_t most_in_chain) {
  Plan plan;
  if (module.sources.empty()) return plan;
  Rest rest(module);
  std::vector<uint32_t> every;
  for (uint32_t rule = 0; rule < module.rules.size(); ++rule) every.push_back(rule);
  for (uint16_t i = 0; i < module.sources.size(); ++i) {
    plan.first_of.push_back(plan.lists.size());
    const bool known = i < dispatch.sources.size();
    rest.enter(nullptr, 0);
    const std::vector<uint32_t>& generic = known ? dispatch.sources[i].generic : every;
    plan.lists.push_back(list_of(module, i, Plan::kGeneric, generic, most_in_chain, rest));
    if (!known) continue;
    const std::vector<Dispatch::Bucket>& buckets = dispatch.sources[i].buckets;
    for (uint32_t bucket = 0; bucket < buckets.size(); ++bucket) {
      rest.enter(&dispatch.sources[i], bucket);
      plan.lists.push_back(list_of(module, i, bucket, buckets[bucket].rules, most_in_chain, rest));
    }
  }
  return plan;
}

std::string reason(const Module& module, const Plan::List& list) {
  if (!list.guarded) return "chain";
  static constexpr const char* kHows[] = {"equal", "contains", "starts", "ends", "below"};
  std::map<std::pair<std::string, std::string>, size_t> guards;
  size_t guarded = 0;
  for (const Plan::Rule& rule : list.rules) {
    if (rule.guard == kNoValue) continue;
    const Inst& inst = module.insts[rule.guard];
    ++guarded;
    const char* const how = inst.op == Op::networks ? "within" : kHows[static_cast<size_t>(module.texts[inst.imm].how)];
    ++guards[{slot_path(module.sources[list.source], module.insts[module.operands_of(inst)[0]].imm), how}];
  }
  std::string text = fmt::format("guarded ({} of {} rules wait", guarded, list.rules.size());
  std::string separator = ": ";
  for (const auto& [guard, count] : guards) {
    text += fmt::format("{}{} {} {}", separator, guard.first, guard.second, count);
    separator = ", ";
  }
  return text + ")";
}

}  // namespace weir::ir
