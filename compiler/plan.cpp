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

// Of one guard: texts that are looked for anywhere in a value, and those that are looked up whole. A larger set is
// asked itself: that is one look-up too, and costs no second table.
constexpr size_t kMostParts = 64, kMostWholes = 1024;
constexpr size_t kShortestPart = match::Regex::kShortestPart;  // bytes that guards.cpp looks for

using How = match::TextSet::How;

class Guarding {
 public:
  Guarding(Module& module, Builder& build, Plan::List& list) : module_(module), build_(build), list_(list) {}

  void run() {
    for (const Plan::Rule& rule : list_.rules) count(rule.match);
    for (Plan::Rule& rule : list_.rules) rule.guards = best(rule.match).guards;
  }

 private:
  using Sought = std::tuple<uint32_t, How, std::string_view>;  // slot, how, needle
  struct Wait {
    std::vector<Value> guards;  // empty: nothing to wait for
    double weight = 0;          // the less, the fewer events should have it
  };

  // What this condition cannot hold without, as a `texts` or `networks` of a field; kNoValue: nothing of the kind.
  Value guard_of(Value value) {
    if (const auto known = guards_.find(value); known != guards_.end()) return known->second;
    const Inst inst = module_.insts[value];
    Value guard = kNoValue;
    if (inst.count == 1 && module_.insts[module_.operands_of(inst)[0]].op == Op::field &&
        module_.insts[module_.operands_of(inst)[0]].axis == 0) {
      if (inst.op == Op::texts && can_guard(module_.texts[inst.imm])) guard = value;
      if (inst.op == Op::networks && can_guard(module_.networks[inst.imm])) guard = value;
      if (inst.op == Op::regex) guard = parts_of(module_.operands_of(inst)[0], module_.regexes[inst.imm]);
    }
    return guards_.emplace(value, guard).first->second;
  }

  static bool can_guard(const Texts& set) {
    const bool whole = set.how == How::equal || set.how == How::below;
    if (set.needles.empty() || set.needles.size() > (whole ? kMostWholes : kMostParts)) return false;
    // A needle is folded before it is looked for, and a final dot may go.
    return whole || std::all_of(set.needles.begin(), set.needles.end(), [&](const std::string& needle) {
             return match::normal(needle, {.cased = false, .domain = true}).size() >= kShortestPart;
           });
  }

  static bool can_guard(const std::vector<match::Network>& networks) {
    return !networks.empty() && networks.size() <= kMostParts;
  }

  Value parts_of(Value field, const RegexSpec& spec) {
    const bool domain = spec.domain;
    std::vector<std::string> parts = spec.made().needed_parts();
    if (parts.empty() || parts.size() > kMostParts) return kNoValue;
    return build_.texts(field, {How::contains, {.cased = false, .domain = domain}, std::move(parts)});
  }

  template <class See>
  void each_sought(Value guard, See see) const {
    const Inst& inst = module_.insts[guard];
    if (inst.op != Op::texts) return;
    const Texts& set = module_.texts[inst.imm];
    const uint32_t slot = module_.insts[module_.operands_of(inst)[0]].imm;
    for (const std::string& needle : set.needles) see(Sought{slot, set.how, needle});
  }

  // How many rules of the list ask for each text. What expressions need is found out late, where nothing else is to be
  // waited for: it is dear.
  void count(Value value) {
    const Inst inst = module_.insts[value];
    if (inst.op == Op::regex) return;
    if (inst.op == Op::both || inst.op == Op::either) {
      for (uint32_t i = 0; i < inst.count; ++i) count(module_.operands_of(inst)[i]);
    } else if (const Value guard = guard_of(value); guard != kNoValue) {
      each_sought(guard, [&](const Sought& sought) {
        auto known = shared_.find(sought);
        if (known == shared_.end()) known = shared_.emplace(sought, 0).first;
        ++known->second;
      });
    }
  }

  Wait best(Value value) {
    const Inst inst = module_.insts[value];
    Wait found;
    if (inst.op == Op::both) {
      for (const bool expressions : {false, true}) {
        for (uint32_t i = 0; i < inst.count && (!expressions || found.guards.empty()); ++i) {
          const Value operand = module_.operands_of(inst)[i];
          if ((module_.insts[operand].op == Op::regex) != expressions) continue;
          Wait one = best(operand);
          if (!one.guards.empty() && (found.guards.empty() || one.weight < found.weight)) found = std::move(one);
        }
      }
    } else if (inst.op == Op::either) {
      for (uint32_t i = 0; i < inst.count; ++i) {
        const Wait one = best(module_.operands_of(inst)[i]);
        if (one.guards.empty()) return {};
        found.guards.insert(found.guards.end(), one.guards.begin(), one.guards.end());
        found.weight += one.weight;
      }
    } else if (const Value guard = guard_of(value); guard != kNoValue) {
      found = {{guard}, weight(guard)};
    }
    return found;
  }

  double weight(Value guard) const {
    const Inst& inst = module_.insts[guard];
    double weight = inst.op == Op::networks ? static_cast<double>(module_.networks[inst.imm].size()) : 0;
    each_sought(guard, [&](const Sought& sought) {
      const auto& [slot, how, needle] = sought;
      const double length = 1.0 + static_cast<double>(needle.size());
      const auto rules = shared_.find(sought);
      weight += (rules == shared_.end() ? 0 : rules->second - 1) + 8 / (length * length);
    });
    return weight;
  }

  Module& module_;
  Builder& build_;
  Plan::List& list_;
  std::unordered_map<Value, Value> guards_;
  std::map<std::tuple<uint32_t, How, std::string>, uint32_t, std::less<>> shared_;
};

// The conditions of rules without what holds for every event of a bucket.
//
//   bucket eventSource = "iam…", eventName = "createuser"
//   both (texts eventSource {equal: "iam…"}) (texts eventName {equal: "createrole", "createuser"}) %5   →   %5
class Rest {
 public:
  Rest(Module& module, Builder& build) : module_(module), build_(build) {}

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
  Builder& build_;
  const Dispatch::Source* source_ = nullptr;
  uint32_t bucket_ = 0;
  std::unordered_map<Value, bool> holds_;
};

// What a chain pays for a rule that does not match, in comparisons with a short text. `both` has its cheapest operand in
// front (order.cpp).
size_t cost_in_chain(const Module& module, Value match) {
  const Inst* inst = &module.insts[match];
  if (inst->op == Op::both && inst->count != 0) inst = &module.insts[module.operands_of(*inst)[0]];
  constexpr size_t kFew = 8, kHashed = 8;
  if (inst->op == Op::texts) return module.texts[inst->imm].needles.size() > kFew ? kHashed : 1;
  return inst->op == Op::regex || inst->op == Op::pattern ? static_cast<size_t>(info(inst->op).cost) : 1;
}

Plan::List list_of(Module& module, Builder& build, uint16_t source, uint32_t bucket,
                   const std::vector<uint32_t>& rules, size_t most_in_chain, Rest& rest) {
  Plan::List list{.source = source, .bucket = bucket};
  for (const uint32_t rule : rules) {
    for (const match::RuleOnSource& on : module.rules[rule].sources) {
      if (on.source != source) continue;
      if (on.match != match::kNone) list.rules.push_back({rule, rest.of(module.roots[on.match])});
      break;
    }
  }
  size_t cost = 0;
  for (const Plan::Rule& rule : list.rules) cost += cost_in_chain(module, rule.match);
  list.guarded = cost > most_in_chain;
  if (list.guarded) Guarding(module, build, list).run();
  return list;
}

}  // namespace

Plan plan(Module& module, const Dispatch& dispatch, size_t most_in_chain) {
  Plan plan;
  if (module.sources.empty()) return plan;
  Builder build(module);
  Rest rest(module, build);
  std::vector<uint32_t> every;
  for (uint32_t rule = 0; rule < module.rules.size(); ++rule) every.push_back(rule);
  for (uint16_t i = 0; i < module.sources.size(); ++i) {
    plan.first_of.push_back(plan.lists.size());
    const bool known = i < dispatch.sources.size();
    rest.enter(nullptr, 0);
    const std::vector<uint32_t>& generic = known ? dispatch.sources[i].generic : every;
    plan.lists.push_back(list_of(module, build, i, Plan::kGeneric, generic, most_in_chain, rest));
    if (!known) continue;
    const std::vector<Dispatch::Bucket>& buckets = dispatch.sources[i].buckets;
    for (uint32_t bucket = 0; bucket < buckets.size(); ++bucket) {
      rest.enter(&dispatch.sources[i], bucket);
      plan.lists.push_back(list_of(module, build, i, bucket, buckets[bucket].rules, most_in_chain, rest));
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
    guarded += !rule.guards.empty();
    for (const Value guard : rule.guards) {
      const Inst& inst = module.insts[guard];
      const char* const how =
          inst.op == Op::networks ? "within" : kHows[static_cast<size_t>(module.texts[inst.imm].how)];
      ++guards[{slot_path(module.sources[list.source], module.insts[module.operands_of(inst)[0]].imm), how}];
    }
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
