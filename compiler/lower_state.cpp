// What one group of a correlation takes (runtime/match/kept.h), against the budget of its rule: E404, and the numbers
// of `weir check --state`.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "compiler/compile.h"
#include "compiler/lowering.h"
#include "runtime/match/kept.h"

namespace weir::compiler {

using dsl::Code;

namespace {

constexpr size_t kLeastGroups = 32;

using What = match::GroupPart::What;

}  // namespace

dsl::Span RuleLowering::span_of_part(const match::GroupPart& part) const {
  const match::Correlation& made = planned_.made;
  switch (part.what) {
    case What::steps:
      return planned_.step_spans[part.index];
    case What::slots:
      return planned_.number_spans[part.index];
    case What::times:
      return made.kind == match::Correlation::Kind::steps ? planned_.step_spans[part.index] : most_compared(part.index);
    case What::values:
      if (made.kind == match::Correlation::Kind::numbers) return most_compared(part.index);
      [[fallthrough]];
    case What::entries:
      if (part.index < planned_.aggregate_spans.size()) return planned_.aggregate_spans[part.index];
      [[fallthrough]];
    default:
      return correlation_->timespan_span;
  }
}

// The greatest number that the aggregate is compared with; itself, where there is none.
dsl::Span RuleLowering::most_compared(size_t aggregate) const {
  const match::Correlation& made = planned_.made;
  std::optional<uint32_t> most;
  for (const match::WindowCondition& condition : made.condition) {
    if (condition.kind != match::WindowCondition::Kind::compare) continue;
    for (auto [asks, with] : {std::pair{condition.left, condition.right}, {condition.right, condition.left}}) {
      const match::WindowNumber &one = made.numbers[asks], &other = made.numbers[with];
      if (one.kind == match::WindowNumber::Kind::aggregate && one.aggregate == aggregate &&
          other.kind == match::WindowNumber::Kind::constant && (!most || other.constant > made.numbers[*most].constant))
        most = with;
    }
  }
  return most ? planned_.number_spans[*most] : planned_.aggregate_spans[aggregate];
}

void RuleLowering::check_memory() {
  if (sink_->error_count() > 0) return;
  match::Correlation& made = planned_.made;
  for (uint32_t i = 0; i < made.aggregates.size(); ++i) {
    const size_t asked = match::deciding(made, i);
    if (made.aggregates[i].kind != match::Aggregate::Kind::distinct || asked <= match::kMaxDecidingValues) continue;
    add(Code::E404, "different values are counted exactly up to 65,536", most_compared(i),
        fmt::format("{} values of {} bytes", grouped(asked), match::kBytesOfValue))
        .help("lower the number; no memory is enough for the answer to be exact");
    return;
  }
  const match::Kept kept =
      match::kept_of(made, [&](uint32_t aggregate) { return planned_.shown.count(aggregate) > 0; });
  made.least_group_bytes = match::group_bytes(made, kept, 1);
  made.group_bytes = match::group_bytes(made, kept, SIZE_MAX);
  match::GroupPart most;
  for (const match::GroupPart& part : match::group_parts(made, kept, SIZE_MAX))
    if (part.bytes > most.bytes) most = part;
  const size_t groups = correlation_->group_by.empty() ? 1 : kLeastGroups;
  const auto total = double(made.group_bytes), budget = double(made.state_bytes);
  if (made.group_bytes * groups <= made.state_bytes) return;
  static constexpr const char* kWhat[] = {"groups", "rows", "values", "times", "entries", "slots", "events"};
  dsl::Diagnostic& error = add(
      Code::E404,
      fmt::format("one group of this correlation may hold {}, and the rule has {}", in_bytes(total),
                  in_bytes(budget)),
      span_of_part(most), fmt::format("{} {} of {} bytes", grouped(most.entries), kWhat[size_t(most.what)], most.each));
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
    if (total * double(kLeastGroups) * 4 <= bytes) {
      more = written;
      break;
    }
  bool by_number = most.what == What::values || most.what == What::times;
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
    const bool first_seen = made.kind == Kind::first_seen;
    state.grouped = !made.group_by.empty();
    state.of = first_seen ? "value" : "group";
    state.least = first_seen && !state.grouped ? match::kBytesOfValue : made.least_group_bytes;
    state.most = first_seen ? made.state_bytes : made.group_bytes;
    state.budget = made.state_bytes;
    state.fit = made.state_bytes / std::max<uint64_t>(state.least, 1);
    state.fit_at_worst = made.state_bytes / std::max<uint64_t>(state.most, 1);
    out.push_back(std::move(state));
  }
  std::sort(out.begin(), out.end(), [](const RuleState& a, const RuleState& b) { return a.rule < b.rule; });
  return out;
}

}  // namespace weir::compiler
