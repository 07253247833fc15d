// What one group of a correlation may hold, by the table of language.md 6, against the rule's budget: E404,
// and the numbers of `weir check --state`.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compiler/compile.h"
#include "compiler/lowering.h"

namespace weir::compiler {

using dsl::Code;

namespace {

constexpr double kLeastGroups = 64;
constexpr double kMaxExactDistinct = 65'536;
constexpr double kMaxEntries = 4'096;  // of a window, before it is folded into panes
constexpr double kBytesOfValue = 40, kBytesOfEntry = 16, kBytesOfTime = 8, kBytesOfStep = 64,
                 kBytesOfSample = 64;

using AggregateKind = match::Aggregate::Kind;
using NumberKind = match::WindowNumber::Kind;

// How the condition uses an aggregate.
struct Use {
  double most = 0;  // the greatest number it is compared with
  dsl::Span most_span;
  bool compared = false, otherwise = false;
};

std::vector<Use> uses_of(const match::Correlation& made, const std::vector<dsl::Span>& spans) {
  std::vector<Use> uses(made.aggregates.size());
  std::vector<bool> taken(made.numbers.size());  // by a comparison with a constant
  auto compared = [&](uint32_t number, uint32_t with) {
    if (made.numbers[number].kind != NumberKind::aggregate || made.numbers[with].kind != NumberKind::constant)
      return;
    taken[number] = true;
    Use& use = uses[made.numbers[number].aggregate];
    if (!use.compared || made.numbers[with].constant > use.most) {
      use.most = made.numbers[with].constant;
      use.most_span = spans[with];
    }
    use.compared = true;
  };
  for (const match::WindowCondition& condition : made.condition) {
    if (condition.kind != match::WindowCondition::Kind::compare) continue;
    compared(condition.left, condition.right);
    compared(condition.right, condition.left);
  }
  for (size_t i = 0; i < made.numbers.size(); i++)
    if (made.numbers[i].kind == NumberKind::aggregate && !taken[i])
      uses[made.numbers[i].aggregate].otherwise = true;
  return uses;
}

}  // namespace

std::vector<Holding> RuleLowering::holdings() const {
  using What = Holding::What;
  const match::Correlation& made = planned_.made;
  std::vector<Holding> out;
  std::vector<Use> uses = uses_of(made, planned_.number_spans);
  for (uint32_t i = 0; i < made.aggregates.size(); i++) {
    const match::Aggregate& aggregate = made.aggregates[i];
    const Use& use = uses[i];
    dsl::Span span = use.compared ? use.most_span : planned_.aggregate_spans[i];
    if (aggregate.kind == AggregateKind::sample)
      out.push_back({What::values, aggregate.parameter, kBytesOfSample, planned_.aggregate_spans[i]});
    else if (aggregate.kind == AggregateKind::distinct)
      out.push_back(
          {What::values, use.compared ? std::max(use.most, 0.0) : kMaxEntries, kBytesOfValue, span});
    else if (aggregate.kind == AggregateKind::count && use.compared && !use.otherwise &&
             !planned_.shown.count(i))
      out.push_back({What::times, std::clamp(use.most, 0.0, kMaxEntries), kBytesOfTime, span});
    else
      out.push_back({What::entries, kMaxEntries, kBytesOfEntry, planned_.aggregate_spans[i]});
  }
  for (size_t i = 0; i < made.numbers.size(); i++) {
    const match::WindowNumber& number = made.numbers[i];
    if ((number.kind == NumberKind::baseline || number.kind == NumberKind::spread) && made.span_us > 0)
      out.push_back(
          {What::slots, double(number.over_us / made.span_us), kBytesOfTime, planned_.number_spans[i]});
  }
  size_t at = 0;
  for (const match::Chain& chain : made.chains)
    for (const match::CorrelationStep& step : chain.steps) {
      dsl::Span span = planned_.step_spans[at++];
      if (step.count > 1) out.push_back({What::times, double(step.count), kBytesOfTime, span});
      out.push_back({What::steps, 1, kBytesOfStep, span});
    }
  return out;
}

void RuleLowering::check_memory() {
  if (sink_->error_count() > 0) return;
  match::Correlation& made = planned_.made;
  double total = 0;
  Holding most;
  for (const Holding& holding : holdings()) {
    total += holding.bytes();
    if (holding.bytes() > most.bytes()) most = holding;
    if (holding.what != Holding::What::values || holding.entries <= kMaxExactDistinct) continue;
    add(Code::E404, "different values are counted exactly up to 65,536", holding.span,
        fmt::format("{} values of {} bytes", grouped(uint64_t(holding.entries)), holding.each))
        .help("lower the number; no memory is enough for the answer to be exact");
    return;
  }
  bool first_seen = made.kind == match::Correlation::Kind::first_seen;
  made.group_bytes = uint64_t(first_seen ? kBytesOfValue : total);
  double budget = double(made.state_bytes);
  double groups = correlation_->group_by.empty() ? 1 : kLeastGroups;
  if (total * groups <= budget) return;
  static constexpr const char* kWhat[] = {"values", "times", "entries", "slots", "steps"};
  dsl::Diagnostic& error = add(
      Code::E404,
      fmt::format("one group of this correlation may hold {}, and the rule has {}", in_bytes(total),
                  in_bytes(budget)),
      most.span,
      fmt::format("{} {} of {} bytes", grouped(uint64_t(most.entries)), kWhat[size_t(most.what)], most.each));
  std::string narrower;
  if (!correlation_->group_by.empty()) {
    error.label(correlation_->group_by.size() == 1
                    ? correlation_->group_by[0].span
                    : dsl::join(correlation_->group_by.front().span, correlation_->group_by.back().span),
                fmt::format("{} groups would fill it", grouped(uint64_t(budget / total))));
    for (const dsl::Expr& key : correlation_->group_by)
      if (Typed typed = expression(key, Scope{}); typed.field && typed.type == Type::domain)
        narrower = fmt::format("group by `registered_domain({})`, ", text(key.span));
  }
  const char* more = "64GiB";
  for (auto [bytes, written] : {std::pair{268435456.0, "256MiB"},
                                {1073741824.0, "1GiB"},
                                {4294967296.0, "4GiB"},
                                {17179869184.0, "16GiB"}})
    if (total * kLeastGroups * 4 <= bytes) {
      more = written;
      break;
    }
  bool by_number = most.what == Holding::What::values || most.what == Holding::What::times;
  error.help(fmt::format("{}{}{}give the rule more: `state: {}`", by_number ? "lower the number, " : "",
                         narrower, by_number || !narrower.empty() ? "or " : "", more));
}

std::vector<RuleState> rule_states(const ir::Module& module) {
  using Kind = match::Correlation::Kind;
  std::vector<RuleState> out;
  for (const match::RuleInfo& rule : module.rules) {
    if (!rule.correlation) continue;
    const match::Correlation& made = *rule.correlation;
    RuleState state;
    state.rule = rule.name;
    state.kind = made.kind == Kind::steps ? "steps" : made.kind == Kind::first_seen ? "new" : "numbers";
    state.of = made.kind == Kind::first_seen ? "value" : "group";
    state.grouped = !made.group_by.empty();
    state.bytes = made.group_bytes;
    state.budget = made.state_bytes;
    state.fit = made.state_bytes / std::max<uint64_t>(made.group_bytes, 1);
    out.push_back(std::move(state));
  }
  std::sort(out.begin(), out.end(), [](const RuleState& a, const RuleState& b) { return a.rule < b.rule; });
  return out;
}

}  // namespace weir::compiler
