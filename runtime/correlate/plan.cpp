// What of a correlation decides how much is kept.
#include "runtime/correlate/plan.h"

#include <algorithm>
#include <utility>

namespace weir::correlate {
namespace {

bool shown(const match::RuleInfo& rule, uint32_t aggregate) {
  for (const match::RuleOnSource& on : rule.sources)
    for (const match::MessagePiece& piece : on.message)
      if (piece.kind == match::MessagePiece::Kind::aggregate && piece.index == aggregate) return true;
  return false;
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
  const match::Correlation& correlation = *rule.correlation;
  Plan plan;
  plan.correlation = rule.correlation;
  plan.repeats = rule.suppress_ms.has_value();
  plan.kept = match::kept_of(correlation, [&](uint32_t aggregate) { return shown(rule, aggregate); });
  if (plan.sliding() || correlation.kind != match::Correlation::Kind::numbers)
    plan.pane_us = correlation.span_us / match::kPanes + 1;
  for (const match::Chain& chain : correlation.chains) plan.chains.push_back(plan_of(chain));
  return plan;
}

}  // namespace weir::correlate
