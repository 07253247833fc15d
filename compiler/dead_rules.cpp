// What no event can make true (W812), and rules that another one makes needless (W813): asked of the lowered
// pack.
//
// Both are silent in doubt: about lists that are empty as shipped, selections of other sources, rules over
// windows.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/checks.h"
#include "compiler/on_threads.h"
#include "compiler/passes.h"
#include "compiler/satisfiable.h"

namespace weir::compiler {

using dsl::Code;

namespace {

constexpr int kStepsForPairs = 4'000;

using Traces = std::vector<const RuleTrace*>;  // of one rule, one a source

bool rests_on_nothing(const std::vector<TracedItem>& items) {
  return std::any_of(items.begin(), items.end(),
                     [](const TracedItem& item) { return item.never || rests_on_nothing(item.children); });
}

bool rests_on_nothing(const TracedSelection& selection) {
  return std::any_of(selection.maps.begin(), selection.maps.end(),
                     [](const auto& map) { return rests_on_nothing(map); });
}

bool rests_on_nothing(const RuleTrace& trace) {
  return std::any_of(trace.selections.begin(), trace.selections.end(),
                     [](const TracedSelection& selection) { return rests_on_nothing(selection); });
}

class DeadRules {
 public:
  DeadRules(const Project& project, const ir::Module& module, const Trace& trace,
            dsl::Diagnostics& diagnostics)
      : project_(project),
        module_(module),
        known_(known_of(module, schemas_of(project, module))),
        diagnostics_(diagnostics),
        dispatch_(ir::dispatch(module)) {
    for (const RuleTrace& each : trace.rules) by_rule_[each.rule].push_back(&each);
    find_company();
  }

  void run() {
    std::set<uint32_t> dead;
    for (const auto& [rule, traces] : by_rule_)
      if (is_dead(traces)) dead.insert(rule);
    std::set<uint32_t> comparable;
    for (const auto& [rule, traces] : by_rule_)
      if (!dead.count(rule) && is_comparable(rule, traces)) comparable.insert(rule);
    std::set<uint32_t> wide;
    for (const uint32_t rule : comparable)
      if (!is_backdrop(rule)) wide.insert(rule);
    report_wider({comparable.begin(), comparable.end()}, wide);
  }

 private:
  static std::vector<const SchemaInfo*> schemas_of(const Project& project, const ir::Module& module) {
    std::vector<const SchemaInfo*> schemas;
    for (const match::SourceInfo& source : module.sources)
      schemas.push_back(&project.schemas.at(source.name));
    return schemas;
  }

  // A rule that covers another runs where that one does: for every event, or in one of its buckets.
  void find_company() {
    buckets_of_.resize(module_.rules.size());
    for (const ir::Dispatch::Source& source : dispatch_.sources) {
      everywhere_.insert(everywhere_.end(), source.generic.begin(), source.generic.end());
      for (const ir::Dispatch::Bucket& bucket : source.buckets)
        for (const uint32_t rule : bucket.rules) buckets_of_[rule].push_back(&bucket);
    }
  }

  ir::Value value(match::Root root) const { return module_.roots[root]; }

  bool never(const std::vector<TracedItem>& map) const {
    Wanted all;
    for (const TracedItem& item : map)
      if (item.holds != match::kNone) all.push_back({value(item.holds), true});
    return impossible(known_, std::move(all));
  }

  void report(Code code, dsl::Span span, std::string title, std::string label, std::string help) {
    if (!reported_.insert({span.source, span.begin, span.end}).second) return;
    diagnostics_.add(code, std::move(title), span, std::move(label)).help(std::move(help));
  }

  // Reports the parts that never hold; true when the condition does not either.
  bool is_dead(const Traces& traces) {
    bool found = false;
    std::map<std::string, std::vector<const TracedSelection*>> selections;
    for (const RuleTrace* trace : traces)
      for (const TracedSelection& selection : trace->selections)
        selections[selection.name].push_back(&selection);
    for (const auto& [name, on_sources] : selections) found = dead_selection(name, on_sources) || found;
    bool dead = std::all_of(traces.begin(), traces.end(), [&](const RuleTrace* trace) {
      return !rests_on_nothing(*trace) && impossible(known_, {{value(trace->condition_holds), true}});
    });
    if (dead && !found)
      report(Code::W812, traces[0]->condition_span, "no event satisfies this condition",
             "its parts exclude each other",
             "a `not` takes out all that is left, or two selections ask for different values of one field");
    return dead || found;
  }

  bool dead_selection(const std::string& name, const std::vector<const TracedSelection*>& on_sources) {
    auto everywhere = [&](auto holds) { return std::all_of(on_sources.begin(), on_sources.end(), holds); };
    if (!everywhere([](const TracedSelection* s) { return !rests_on_nothing(*s); })) return false;
    if (everywhere([&](const TracedSelection* s) { return impossible(known_, {{value(s->holds), true}}); })) {
      report(Code::W812, on_sources[0]->span, fmt::format("the selection `{}` can never hold", name),
             "no event has all of this",
             "look for two items about one field, and for values that the source never has");
      return true;
    }
    size_t maps = on_sources[0]->maps.size();
    for (size_t i = 0; i < maps && maps > 1; ++i) {
      if (on_sources[0]->maps[i].empty() ||
          !everywhere([&](const TracedSelection* s) { return i < s->maps.size() && never(s->maps[i]); }))
        continue;
      const std::vector<TracedItem>& map = on_sources[0]->maps[i];
      report(Code::W812, dsl::join(map.front().span, map.back().span),
             fmt::format("this map of `{}` can never hold", name), "no event has all of this",
             "the other maps of the selection still match; mend this one, or take it out");
    }
    return false;
  }

  // ---- W813

  bool is_comparable(uint32_t rule, const Traces& traces) const {
    return !module_.rules[rule].has_correlation &&
           std::none_of(traces.begin(), traces.end(),
                        [](const RuleTrace* trace) { return rests_on_nothing(*trace); });
  }

  // A rule that only feeds others, or that records all there is, is meant to match what sharper ones match.
  bool is_backdrop(uint32_t rule) const {
    const match::RuleInfo& info = module_.rules[rule];
    return info.building_block || info.level == 0;
  }

  // A rule whose events are asked about: facts of it, then what another one lacks.
  struct Narrow {
    const Traces& traces;
    std::vector<Supposed> on_sources;
  };
  Narrow narrow(const Traces& traces) const {
    Narrow out{traces, {}};
    for (const RuleTrace* trace : traces)
      out.on_sources.emplace_back(known_, value(trace->condition_holds), kStepsForPairs);
    return out;
  }

  bool implies(const Narrow& narrow, const Traces& wide) const {
    for (size_t i = 0; i < narrow.traces.size(); ++i) {
      const auto same_source = [&](const RuleTrace* each) { return each->source == narrow.traces[i]->source; };
      const auto other = std::find_if(wide.begin(), wide.end(), same_source);
      if (other == wide.end() || !narrow.on_sources[i].excludes(value((*other)->condition_holds), false)) return false;
    }
    return true;
  }

  bool same_meaning(const Traces& a, const Traces& b) const {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](const RuleTrace* x, const RuleTrace* y) {
             return x->source == y->source && value(x->condition_holds) == value(y->condition_holds);
           });
  }

  // The rules that run where this one does, in the order of the pack.
  std::vector<uint32_t> met_by(uint32_t rule) const {
    std::vector<uint32_t> out = everywhere_;
    for (const ir::Dispatch::Bucket* bucket : buckets_of_[rule])
      out.insert(out.end(), bucket->rules.begin(), bucket->rules.end());
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  // A rule whose events another one matches, too: that one, or kNone.
  uint32_t wider_than(uint32_t narrow, const std::set<uint32_t>& wide_ones) const {
    const Traces& traces = by_rule_.at(narrow);
    const Narrow asked = this->narrow(traces);
    for (const uint32_t wide : met_by(narrow)) {
      if (wide == narrow || !wide_ones.count(wide)) continue;
      const Traces& others = by_rule_.at(wide);
      if (same_meaning(traces, others) || !implies(asked, others)) continue;
      // Of two that match the same, the later one is told.
      if (wide > narrow && implies(this->narrow(others), traces)) continue;
      return wide;
    }
    return match::kNone;
  }

  // Most of this file's time is spent here, so threads share it.
  void report_wider(const std::vector<uint32_t>& narrow, const std::set<uint32_t>& wide) {
    constexpr size_t kRulesPerThread = 32;
    std::vector<uint32_t> found(narrow.size(), match::kNone);
    on_threads(narrow.size(), kRulesPerThread, [&](size_t i) { found[i] = wider_than(narrow[i], wide); });
    for (size_t i = 0; i < narrow.size(); ++i)
      if (found[i] != match::kNone) report_wider(narrow[i], found[i]);
  }

  void report_wider(uint32_t narrow, uint32_t wide) {
    const dsl::Rule* rule = project_.rule(module_.rules[narrow].name)->rule;
    const dsl::Rule* other = project_.rule(module_.rules[wide].name)->rule;
    diagnostics_
        .add(Code::W813, fmt::format("whatever this rule matches, `{}` matches, too", other->name.text),
             rule->name.span, "each of its events gives two alerts")
        .label(other->name.span, "the wider rule")
        .help("exclude it from the wider rule, or say why both are wanted: `# allow: W813 the reason`");
  }

  const Project& project_;
  const ir::Module& module_;
  const Known known_;
  dsl::Diagnostics& diagnostics_;
  std::map<uint32_t, Traces> by_rule_;
  const ir::Dispatch dispatch_;
  std::vector<std::vector<const ir::Dispatch::Bucket*>> buckets_of_;  // by rule
  std::vector<uint32_t> everywhere_;                                  // rules that run for every event of a source
  std::set<std::tuple<uint32_t, uint32_t, uint32_t>> reported_;
};

}  // namespace

void check_dead_rules(const Project& project, const ir::Module& module, const Trace& trace,
                      dsl::Diagnostics& diagnostics) {
  DeadRules(project, module, trace, diagnostics).run();
}

}  // namespace weir::compiler
