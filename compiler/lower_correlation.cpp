// Correlations (language.md, 6): keys, window, and conditions over numbers or of `new`; steps are
// lower_steps.
//
// A rule is walked once for each of its sources. What does not depend on the source is made anew each time,
// and is the same each time; the roots are the source's own.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/lowering.h"
#include "dsl/dump.h"
#include "dsl/format.h"

namespace weir::compiler {

using dsl::Code;
using Kind = dsl::KCond::Kind;

namespace {

enum class Family : uint8_t { none, numbers, steps, first_seen };

Family family_of(const dsl::KCond& cond) {
  switch (cond.kind) {
    case Kind::compare:
      return Family::numbers;
    case Kind::step:
    case Kind::then:
      return Family::steps;
    case Kind::first_seen:
      return Family::first_seen;
    case Kind::negation:
      return family_of(cond.children[0]);
    case Kind::all:
    case Kind::any:
    case Kind::quantifier:
      return family_of(cond.children[0]);
  }
  return Family::none;
}

const char* name_of(Family family) {
  switch (family) {
    case Family::numbers:
      return "a number over the window";
    case Family::steps:
      return "a step";
    default:
      return "`new`";
  }
}

// The first condition below `cond` of another kind than `family`.
const dsl::KCond* other_kind(const dsl::KCond& cond, Family family) {
  bool leaf = cond.kind == Kind::compare || cond.kind == Kind::step || cond.kind == Kind::first_seen;
  if (leaf) return family_of(cond) == family ? nullptr : &cond;
  for (const dsl::KCond& child : cond.children)
    if (const dsl::KCond* other = other_kind(child, family)) return other;
  return nullptr;
}

bool upper_bounds_alone(const dsl::KCond& cond) {
  if (cond.kind == Kind::compare) {
    bool left_number = std::holds_alternative<dsl::Number>(cond.left->node) ||
                       std::holds_alternative<dsl::Const>(cond.left->node);
    return left_number ? cond.op == ">" || cond.op == ">=" : cond.op == "<" || cond.op == "<=";
  }
  if (cond.children.empty()) return false;
  return std::all_of(cond.children.begin(), cond.children.end(), upper_bounds_alone);
}

const dsl::Call* call_in(const dsl::Expr& expr, std::string_view name) {
  if (auto* call = std::get_if<dsl::Call>(&expr.node)) {
    if (call->name.text == name) return call;
    for (const dsl::Expr& arg : call->args)
      if (auto* found = call_in(arg, name)) return found;
  }
  if (auto* binary = std::get_if<dsl::Binary>(&expr.node)) {
    if (auto* found = call_in(*binary->left, name)) return found;
    return call_in(*binary->right, name);
  }
  return nullptr;
}

const dsl::Call* call_in(const dsl::KCond& cond, std::string_view name) {
  if (cond.left)
    if (auto* found = call_in(*cond.left, name)) return found;
  if (cond.right)
    if (auto* found = call_in(*cond.right, name)) return found;
  for (const dsl::KCond& child : cond.children)
    if (auto* found = call_in(child, name)) return found;
  return nullptr;
}

const dsl::KCond* first_seen_in(const dsl::KCond& cond) {
  if (cond.kind == Kind::first_seen) return &cond;
  for (const dsl::KCond& child : cond.children)
    if (auto* found = first_seen_in(child)) return found;
  return nullptr;
}

match::WindowCondition::Compare compare_of(const std::string& op) {
  using Compare = match::WindowCondition::Compare;
  if (op == "<") return Compare::less;
  if (op == "<=") return Compare::less_equal;
  if (op == "==") return Compare::equal;
  if (op == "!=") return Compare::not_equal;
  return op == ">" ? Compare::greater : Compare::greater_equal;
}

std::string without_article(std::string text) {
  if (text.starts_with("a ")) return text.substr(2);
  if (text.starts_with("an ")) return text.substr(3);
  return text;
}

}  // namespace

std::optional<int64_t> RuleLowering::duration_ms(const dsl::Expr* expr, const char* what) {
  const dsl::Expr* value = expr;
  if (!value) return std::nullopt;
  if (auto* use = std::get_if<dsl::Const>(&value->node)) {
    std::optional<Constant> found = constant(*use);
    if (!found) return std::nullopt;
    value = found->values->size() == 1 ? &found->values->front() : nullptr;
  }
  auto* duration = value ? std::get_if<dsl::Duration>(&value->node) : nullptr;
  if (duration) return duration->ms;
  add(Code::E405, fmt::format("`{}` is a length of time, and `{}` is none", what, text(expr->span)),
      expr->span, "not a length of time")
      .help("write it like `10m`, or `1h30m`");
  return std::nullopt;
}

Scope RuleLowering::window_scope(Place place) const {
  Scope scope;
  scope.place = place;
  scope.pins = rule_pins_.empty() ? nullptr : &rule_pins_;
  return scope;
}

// As the rule writes it, without brackets around all of it.
std::string RuleLowering::kcond_text(const dsl::KCond& cond) const {
  std::string written = dsl::format(pack_.project.sources, cond);
  return cond.parenthesised ? written.substr(1, written.size() - 2) : written;
}

void RuleLowering::check_keys() {
  planned_.keys.clear();
  planned_.made.group_by.clear();
  for (const dsl::Expr& key : correlation_->group_by) {
    Typed typed = expression(key, window_scope(Place::expression));
    planned_.keys.push_back(dsl::dump(key));
    planned_.made.group_by.push_back({alert_name(dsl::format(pack_.project.sources, key)), identity_of(typed.type)});
    on_->group_by.push_back(root_of(typed));
    if (!typed.object) continue;
    add(Code::E407, fmt::format("`{}` cannot be a key: it has parts and no value of its own", text(key.span)),
        key.span, "an object, or an array of objects")
        .help(fmt::format("group by one of its parts, or by its text: `json_text({})`", text(key.span)));
  }
}

void RuleLowering::check_window() {
  std::optional<int64_t> span =
      duration_ms(correlation_->timespan ? &*correlation_->timespan : nullptr, "timespan");
  std::optional<int64_t> warmup =
      duration_ms(correlation_->warmup ? &*correlation_->warmup : nullptr, "warmup");
  match::Correlation& made = planned_.made;
  made.window = match::Correlation::Window(correlation_->window);
  made.span_us = microseconds(span.value_or(0));
  if (warmup) made.warmup_us = microseconds(*warmup);
  if (correlation_->state) made.state_bytes = uint64_t(correlation_->state->bytes);
  if (!correlation_->timespan)
    add(Code::E113, "the correlation has no `timespan`", correlation_->span, "over how long?")
        .help("add `timespan: 10m`");
  if (span && *span <= 0)
    add(Code::E308, "a window of no length holds no event", correlation_->timespan_span,
        "so this can never hold");
  if (!correlation_->condition)
    add(Code::E113, "the correlation has no `condition`", correlation_->span, "when does it fire?")
        .help("add `condition: count() >= 10`, or `condition: first then second`");
}

// ---- conditions -------------------------------------------------------------------------------------------

// E405: a length of time against a number.
bool RuleLowering::compare_numbers(const dsl::KCond& cond, match::WindowCondition& made) {
  Scope scope = window_scope(Place::window);
  size_t errors = sink_->error_count();
  Typed left = expression(*cond.left, scope), right = expression(*cond.right, scope);
  if (left.type == Type::unknown || right.type == Type::unknown || sink_->error_count() > errors)
    return false;
  bool fit = left.type == right.type || (is_number(left.type) && is_number(right.type));
  if (fit && !is_text(left.type)) {
    std::optional<uint32_t> a = window_number(*cond.left, scope), b = window_number(*cond.right, scope);
    made.left = a.value_or(0);
    made.right = b.value_or(0);
    return a && b;
  }
  bool lengths = left.type == Type::duration || right.type == Type::duration;
  dsl::Diagnostic& error =
      add(lengths ? Code::E405 : Code::E301,
          fmt::format("`{}` is {}, and `{}` is {}", text(cond.right->span), described(right.type),
                      text(cond.left->span), described(left.type)),
          cond.right->span, without_article(described(right.type)));
  error.label(cond.left->span, without_article(described(left.type)));
  if (right.type == Type::duration && left.type != Type::duration)
    error.help(fmt::format("the window is said once, as `timespan: {}`", text(cond.right->span)));
  return false;
}

bool RuleLowering::first_seen(const dsl::KCond& cond, match::WindowCondition& made) {
  size_t errors = sink_->error_count();
  for (const dsl::Expr& expr : cond.exprs) {
    Typed typed = expression(expr, window_scope(Place::expression));
    if (typed.object) object_error(expr, typed);
    made.values.push_back(correlation_value(expr, std::move(typed), false));
  }
  return sink_->error_count() == errors;
}

// Of numbers or of `new`: where it stands in Correlation::condition.
std::optional<uint32_t> RuleLowering::window_condition(const dsl::KCond& cond) {
  using Made = match::WindowCondition;
  Made made;
  bool good = true;
  if (cond.kind == Kind::compare) {
    made.kind = Made::Kind::compare;
    made.compare = compare_of(cond.op);
    good = compare_numbers(cond, made);
  } else if (cond.kind == Kind::first_seen) {
    made.kind = Made::Kind::is_new;
    good = first_seen(cond, made);
  } else {
    made.kind = cond.kind == Kind::all        ? Made::Kind::all
                : cond.kind == Kind::any      ? Made::Kind::any
                : cond.kind == Kind::negation ? Made::Kind::negate
                                              : Made::Kind::at_least;
    if (cond.kind == Kind::quantifier && (cond.number < 1 || size_t(cond.number) > cond.children.size()))
      add(Code::E308,
          fmt::format("there {} in the list", cond.children.size() == 1
                                                  ? "is 1 condition"
                                                  : fmt::format("are {} conditions", cond.children.size())),
          cond.span, cond.number < 1 ? "so this always holds" : "so this can never hold");
    else if (cond.kind == Kind::quantifier)
      made.least = uint32_t(cond.number);
    for (const dsl::KCond& child : cond.children)
      if (std::optional<uint32_t> operand = window_condition(child))
        made.operands.push_back(*operand);
      else
        good = false;
  }
  if (!good) return std::nullopt;
  made.text = kcond_text(cond);
  planned_.made.condition.push_back(std::move(made));
  return uint32_t(planned_.made.condition.size() - 1);
}

void RuleLowering::check_kinds(const dsl::KCond& cond) {
  using Made = match::Correlation::Kind;
  Family family = family_of(cond);
  if (const dsl::KCond* other = other_kind(cond, family)) {
    add(Code::E410, "numbers, steps and `new` do not stand in one condition", other->span,
        fmt::format("{}, and before it stands {}", name_of(family_of(*other)), name_of(family)))
        .help("make two rules, and a third whose source is `alert`");
    return;
  }
  planned_.made.kind = family == Family::steps        ? Made::steps
                       : family == Family::first_seen ? Made::first_seen
                                                      : Made::numbers;
  if (family == Family::steps)
    steps_condition(cond);
  else
    window_condition(cond);
  if (family == Family::numbers && correlation_->window != dsl::Correlation::Window::tumbling_closed &&
      upper_bounds_alone(cond))
    add(Code::W411, "an upper bound alone holds from the first event on", cond.span,
        "true of the first event")
        .help("`timespan: 10m tumbling closed` asks once, when the slot has ended");
}

void RuleLowering::correlation() {
  match::Correlation& made = planned_.made;
  made.numbers.clear();
  made.condition.clear();
  made.chains.clear();
  planned_.number_spans.clear();
  planned_.step_spans.clear();
  check_window();
  check_keys();
  if (!correlation_->condition) return;
  const dsl::KCond& cond = *correlation_->condition;
  lint_brackets(cond);
  check_kinds(cond);
  if (correlation_->warmup) return;
  std::optional<dsl::Span> needs;
  const dsl::KCond* seen = first_seen_in(cond);
  if (seen) needs = seen->span;
  for (const char* name : {"baseline", "spread"})
    if (const dsl::Call* call = call_in(cond, name); call && !needs) needs = call->span;
  if (needs)
    add(Code::E403, "`new` and `baseline` need `warmup`", *needs,
        seen ? "everything is new on the first day" : "nothing is known on the first day")
        .help("add `warmup: 7d`: learn for a week before the first alert; `warmup: 0s` if that is meant");
}

}  // namespace weir::compiler
