// Which rules an event can match at all, by the constants that every match of a rule needs.
//
//   both                                     needs(both)   = needs of any operand
//     texts eventSource {equal: "a"}         needs(either) = what every operand needs of the same slot,
//     together either                                 needs(texts)  = slot → needles
//       texts eventName {equal: "x"}
//       texts eventName {equal: "y"}   →   eventSource: a; eventName: x or y
//
// Case is left out of the keys, whatever the rule says: who needs `A` needs `a` in any case.
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "compiler/passes.h"

namespace weir::ir {
namespace {

constexpr size_t kMaxValues = 4096;    // of a rule, of one key; and combinations of two
constexpr size_t kWorthFreeing = 4;    // a quarter of those that the first key has
constexpr size_t kMaxBuckets = 65536;  // of a source, made only to bring rules of one key together

using Values = std::vector<std::string>;  // rising, each once
using KeyId = std::pair<uint32_t, bool>;  // slot, and whether it is compared as a domain
using Needs = std::map<KeyId, Values>;

class Needed {
 public:
  explicit Needed(const Module& module) : module_(module) {}

  // By value; nullopt: it never holds.
  const std::optional<Needs>& of(Value value) {
    const auto known = known_.find(value);
    if (known != known_.end()) return known->second;
    std::optional<Needs> needs = find(module_.insts[value]);
    return known_.emplace(value, std::move(needs)).first->second;
  }

 private:
  std::optional<Needs> find(const Inst& inst) {
    switch (inst.op) {
      case Op::never:
        return std::nullopt;
      case Op::texts:
        return of_texts(inst);
      case Op::both:
        return of_both(inst);
      case Op::either:
        return of_either(inst);
      case Op::any_element:
      case Op::all_elements:
      case Op::spread_condition:
        return of(module_.operands_of(inst)[0]);
      default:
        return Needs();
    }
  }

  Needs of_texts(const Inst& inst) const {
    const Texts& set = module_.texts[inst.imm];
    const Inst& field = module_.insts[module_.operands_of(inst)[0]];
    if (field.op != Op::field || field.axis != 0 || set.how != match::TextSet::How::equal) return {};
    if (module_.sources[field.source].projection.slots[field.imm].want != match::Want::text) return {};
    if (set.needles.size() > kMaxValues) return {};
    const match::TextRule rule{.cased = false, .domain = set.rule.domain};
    Values values;
    for (const std::string& needle : set.needles) values.push_back(match::normal(needle, rule));
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    // The empty text stands for any other value in a bucket, and is no key.
    if (values.empty() || values.front().empty()) return {};
    return {{{field.imm, set.rule.domain}, std::move(values)}};
  }

  // Of two sets for one slot either would do (a slot may hold several values): the smaller.
  std::optional<Needs> of_both(const Inst& inst) {
    Needs all;
    for (const Value operand : module_.operands_of(inst)) {
      const std::optional<Needs>& needs = of(operand);
      if (!needs) return std::nullopt;
      for (const auto& [key, values] : *needs) {
        const auto [it, added] = all.emplace(key, values);
        if (!added && values.size() < it->second.size()) it->second = values;
      }
    }
    return all;
  }

  std::optional<Needs> of_either(const Inst& inst) {
    std::optional<Needs> common;
    for (const Value operand : module_.operands_of(inst)) {
      const std::optional<Needs>& needs = of(operand);
      if (!needs) continue;
      if (!common) {
        common = *needs;
        continue;
      }
      common = needed_by_both(*common, *needs);
    }
    return common;
  }

  static Needs needed_by_both(const Needs& a, const Needs& b) {
    Needs common;
    for (const auto& [key, values] : a) {
      const auto it = b.find(key);
      if (it == b.end()) continue;
      Values joined;
      std::set_union(values.begin(), values.end(), it->second.begin(), it->second.end(),
                     std::back_inserter(joined));
      if (joined.size() <= kMaxValues) common.emplace(key, std::move(joined));
    }
    return common;
  }

  const Module& module_;
  std::unordered_map<Value, std::optional<Needs>> known_;
};

class SourceDispatch {
 public:
  void add(uint32_t rule, Needs needs) { rules_.push_back({rule, std::move(needs)}); }

  Dispatch::Source make() {
    if (const std::optional<KeyId> first = best_key()) {
      keys_.push_back(*first);
      if (const std::optional<KeyId> second = best_key()) keys_.push_back(*second);
    }
    for (const auto& [slot, domain] : keys_) {
      source_.key_slots.push_back(slot);
      source_.key_rules.push_back({.cased = false, .domain = domain});
    }
    place_rules();
    bring_together();
    for (auto& [values, rules] : buckets_) {
      source_.buckets.push_back(bucket(values, rules));
      source_.buckets.back().values.resize(keys_.size());
    }
    return std::move(source_);
  }

 private:
  struct Rule {
    uint32_t index;
    Needs needs;
  };
  using Pair = std::pair<std::string, std::string>;

  static Dispatch::Bucket bucket(const Pair& values, std::vector<uint32_t>& rules) {
    std::sort(rules.begin(), rules.end());
    rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
    return {{values.first, values.second}, std::move(rules)};
  }

  bool has_key(const Rule& rule) const {
    return std::any_of(keys_.begin(), keys_.end(),
                       [&](const KeyId& key) { return rule.needs.contains(key); });
  }

  // What takes most rules out of the generic ones; then what most rules name; then what tells them best apart. A
  // second key that few need and not the first is not worth it: every bucket of the first would be there once more for
  // each of its values.
  std::optional<KeyId> best_key() const {
    struct Worth {
      size_t freed = 0, named = 0;
      std::set<std::string_view> values;
      auto rank() const { return std::tuple(freed, named, values.size()); }
    };
    std::map<KeyId, Worth> worth;
    for (const Rule& rule : rules_) {
      for (const auto& [key, values] : rule.needs) {
        if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) continue;
        Worth& found = worth[key];
        found.freed += has_key(rule) ? 0 : 1;
        ++found.named;
        found.values.insert(values.begin(), values.end());
      }
    }
    const size_t with_first = static_cast<size_t>(
        std::count_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return has_key(rule); }));
    for (auto& [key, found] : worth) {
      if (found.freed * kWorthFreeing < with_first) found.freed = 0;
    }
    const auto best = std::max_element(worth.begin(), worth.end(), [](const auto& a, const auto& b) {
      return a.second.rank() < b.second.rank();
    });
    return best == worth.end() ? std::nullopt : std::optional(best->first);
  }

  void place_rules() {
    static const Values kAny = {""};
    for (const Rule& rule : rules_) {
      const auto values_of = [&](size_t key) -> const Values& {
        const auto it = key < keys_.size() ? rule.needs.find(keys_[key]) : rule.needs.end();
        return it == rule.needs.end() ? kAny : it->second;
      };
      const Values& first = values_of(0);
      const Values* second = &values_of(1);
      if (&first == &kAny && second == &kAny) {
        source_.generic.push_back(rule.index);
        continue;
      }
      if (first.size() * second->size() > kMaxValues) second = &kAny;
      for (const std::string& a : first) {
        for (const std::string& b : *second) buckets_[{a, b}].push_back(rule.index);
      }
    }
  }

  // A bucket (a, b) has the rules of (a, any) and (any, b) too, and exists wherever both of them do.
  void bring_together() {
    std::vector<std::string> firsts, seconds;
    for (const auto& [values, rules] : buckets_) {
      if (values.second.empty()) firsts.push_back(values.first);
      if (values.first.empty()) seconds.push_back(values.second);
    }
    if (firsts.size() * seconds.size() > kMaxBuckets) {
      for (const std::string& b : seconds) {
        auto bucket = buckets_.extract(Pair{"", b});
        source_.generic.insert(source_.generic.end(), bucket.mapped().begin(), bucket.mapped().end());
      }
      std::sort(source_.generic.begin(), source_.generic.end());
      source_.generic.erase(std::unique(source_.generic.begin(), source_.generic.end()),
                            source_.generic.end());
      seconds.clear();
    }
    for (const std::string& a : firsts) {
      for (const std::string& b : seconds) buckets_[{a, b}];
    }
    for (auto& [values, rules] : buckets_) {
      if (values.first.empty() || values.second.empty()) continue;
      append(rules, {values.first, ""});
      append(rules, {"", values.second});
    }
  }

  void append(std::vector<uint32_t>& rules, const Pair& from) const {
    const auto it = buckets_.find(from);
    if (it != buckets_.end()) rules.insert(rules.end(), it->second.begin(), it->second.end());
  }

  std::vector<Rule> rules_;
  std::vector<KeyId> keys_;
  std::map<Pair, std::vector<uint32_t>> buckets_;
  Dispatch::Source source_;
};

}  // namespace

Dispatch dispatch(const Module& module) {
  std::vector<SourceDispatch> sources(module.sources.size());
  Needed needed(module);
  for (uint32_t rule = 0; rule < module.rules.size(); ++rule) {
    for (const match::RuleOnSource& on : module.rules[rule].sources) {
      if (on.match == match::kNone) continue;
      const std::optional<Needs>& needs = needed.of(module.roots[on.match]);
      if (needs) sources[on.source].add(rule, *needs);
    }
  }
  Dispatch result;
  for (SourceDispatch& source : sources) result.sources.push_back(source.make());
  return result;
}

}  // namespace weir::ir
