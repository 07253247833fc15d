// What of a correlation decides how much is kept.
#include "runtime/correlate/plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/correlate/paned_window.h"

namespace weir::correlate {
namespace {

using match::Aggregate;
using match::Correlation;
using match::WindowCondition;
using match::WindowNumber;

constexpr size_t kMaxDecidingValues = 65'536;
constexpr size_t kFewEntries = 64;

// How many of the newest decide every comparison of a count with this constant.
size_t deciding(WindowCondition::Compare compare, double constant) {
  using Compare = WindowCondition::Compare;
  bool next = compare != Compare::greater_equal && compare != Compare::less;
  double most = next ? std::floor(constant) + 1 : std::ceil(constant);
  return most < 1 ? 1 : most > 1e9 ? size_t{1'000'000'000} : static_cast<size_t>(most);
}

// Of an aggregate that is only compared with constants: how many decide all comparisons; 0 for others.
size_t deciding(const Correlation& correlation, uint32_t aggregate) {
  auto asks = [&](uint32_t number) {
    const WindowNumber& n = correlation.numbers[number];
    return n.kind == WindowNumber::Kind::aggregate && n.aggregate == aggregate;
  };
  size_t most = 0;
  for (const WindowNumber& number : correlation.numbers) {
    if (number.kind < WindowNumber::Kind::add) continue;
    if (asks(number.left) || asks(number.right)) return 0;
  }
  for (const WindowCondition& condition : correlation.condition) {
    if (condition.kind != WindowCondition::Kind::compare) continue;
    if (asks(condition.right)) return 0;
    if (!asks(condition.left)) continue;
    const WindowNumber& right = correlation.numbers[condition.right];
    if (right.kind != WindowNumber::Kind::constant) return 0;
    most = std::max(most, deciding(condition.compare, right.constant));
  }
  return most;
}

bool shown(const match::RuleInfo& rule, uint32_t aggregate) {
  for (const match::RuleOnSource& on : rule.sources)
    for (const match::MessagePiece& piece : on.message)
      if (piece.kind == match::MessagePiece::Kind::aggregate && piece.index == aggregate) return true;
  return false;
}

AggregatePlan plan_of(const match::RuleInfo& rule, uint32_t aggregate, bool sliding) {
  const Correlation& correlation = *rule.correlation;
  size_t most = deciding(correlation, aggregate);
  AggregatePlan plan;
  plan.entries = kExactEntries;
  if (correlation.aggregates[aggregate].kind == Aggregate::Kind::count && most > 0 && !shown(rule, aggregate))
    plan.entries = std::min(most, kExactEntries);
  if (!sliding) plan.entries = 0;
  if (correlation.aggregates[aggregate].kind == Aggregate::Kind::distinct && most <= kMaxDecidingValues)
    plan.values = most;
  return plan;
}

ChainPlan plan_of(const match::Chain& chain) {
  ChainPlan plan;
  plan.any_order = chain.any_order;
  for (const match::CorrelationStep& step : chain.steps) {
    uint64_t bit = uint64_t{1} << step.condition;
    if (!step.negated) {
      if (!plan.steps.empty()) plan.gap.push_back(std::exchange(plan.tail, 0));
      plan.steps.push_back({step.condition, std::max(1u, step.count)});
    } else if (chain.any_order || plan.steps.empty()) {
      plan.lead |= bit;
    } else {
      plan.tail |= bit;
    }
  }
  return plan;
}

}  // namespace

Plan make_plan(const match::RuleInfo& rule) {
  const Correlation& correlation = *rule.correlation;
  Plan plan;
  plan.correlation = rule.correlation;
  plan.repeats = rule.suppress_ms.has_value();
  bool sliding = plan.sliding() || correlation.kind != Correlation::Kind::numbers;
  plan.pane_us = sliding ? correlation.span_us / kPanes + 1 : 0;
  plan.row_entries = sliding ? kFewEntries : 0;
  for (uint32_t i = 0; i < correlation.aggregates.size(); ++i) {
    plan.aggregates.push_back(plan_of(rule, i, sliding));
    const AggregatePlan& one = plan.aggregates.back();
    const size_t entries = one.values > 0 ? std::min(one.values, kExactEntries) : one.entries;
    if (sliding) plan.row_entries = std::max(plan.row_entries, entries);
  }
  for (const WindowNumber& number : correlation.numbers) {
    if (number.kind != WindowNumber::Kind::baseline && number.kind != WindowNumber::Kind::spread) continue;
    plan.tracked.push_back(number.aggregate);
    plan.tracked_us = std::max(plan.tracked_us, number.over_us);
  }
  std::sort(plan.tracked.begin(), plan.tracked.end());
  plan.tracked.erase(std::unique(plan.tracked.begin(), plan.tracked.end()), plan.tracked.end());
  for (const match::Chain& chain : correlation.chains) plan.chains.push_back(plan_of(chain));
  return plan;
}

}  // namespace weir::correlate
