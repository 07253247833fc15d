// Aggregates: typed, numbered, and what is calculated of them (language.md, 4 and 6).
//
// An aggregate, and what it looks at, is numbered when it is first met; met again (beside another source, in
// the message) it is found under the same number.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "compiler/lowering.h"
#include "dsl/dump.h"
#include "dsl/format.h"
#include "runtime/match/functions.h"

namespace weir::compiler {

using dsl::Code;
using AggregateKind = match::Aggregate::Kind;

namespace {

constexpr int64_t kMaxSlots = 10'080;  // of a baseline
constexpr double kMaxSamples = 20;

AggregateKind kind_of(std::string_view name) {
  static constexpr std::pair<std::string_view, AggregateKind> kKinds[] = {
      {"count", AggregateKind::count},
      {"distinct", AggregateKind::distinct},
      {"sum", AggregateKind::sum},
      {"avg", AggregateKind::average},
      {"min", AggregateKind::minimum},
      {"max", AggregateKind::maximum},
      {"percentile", AggregateKind::percentile},
      {"sample", AggregateKind::sample}};
  for (const auto& [known, kind] : kKinds)
    if (known == name) return kind;
  return AggregateKind::count;
}

bool equal_but_for_text(match::Aggregate a, const match::Aggregate& b) {
  a.text = b.text;
  return a == b;
}

bool over_slots(std::string_view name) { return name == "baseline" || name == "spread"; }

}  // namespace

match::Identity identity_of(Type type) {
  return type == Type::domain ? match::Identity::domain
         : type == Type::ip   ? match::Identity::address
                              : match::Identity::exact;
}

int64_t microseconds(int64_t ms) { return std::min(ms, std::numeric_limits<int64_t>::max() / 1000) * 1000; }

match::Root RuleLowering::root_of(const Typed& typed) {
  ir::Value value = gathered(typed, 0);
  return pack_.module.insts[value].op == ir::Op::missing ? match::kNone : make().root(value);
}

// ---- numbered parts ---------------------------------------------------------------------------------------

uint32_t RuleLowering::correlation_value(const dsl::Expr& expr, Typed typed, bool as_number) {
  bool read = as_number && typed.type == Type::json;
  if (read && typed.value != ir::kNoValue) typed.value = make().make(ir::Op::as_number, {typed.value});
  std::string known = (read ? "number " : "") + dsl::dump(expr);
  auto found = std::find(planned_.values.begin(), planned_.values.end(), known);
  uint32_t number = uint32_t(found - planned_.values.begin());
  if (found == planned_.values.end()) {
    planned_.values.push_back(std::move(known));
    planned_.made.values.push_back({dsl::format(pack_.project.sources, expr), identity_of(typed.type)});
  }
  if (on_->values.size() <= number) on_->values.resize(number + 1, match::kNone);
  on_->values[number] = root_of(typed);
  return number;
}

uint32_t RuleLowering::correlation_condition(const dsl::Name& name) {
  std::vector<std::string>& names = planned_.made.conditions;
  const Named* named = selection_or_error(name);
  uint32_t number = uint32_t(std::find(names.begin(), names.end(), name.text) - names.begin());
  if (number == kMaxConditions) {
    add(Code::E413, "a correlation tells apart at most 64 selections", name.span, "the 65th")
        .help("make two rules, and a third whose source is `alert`");
    return 0;
  }
  if (number == names.size()) names.push_back(name.text);
  if (on_->conditions.size() <= number) on_->conditions.resize(number + 1, match::kNone);
  if (named && source_of(*named->selection) == source_)
    on_->conditions[number] = make().root(selection(name));
  return number;
}

uint32_t RuleLowering::correlation_aggregate(match::Aggregate aggregate, dsl::Span span) {
  std::vector<match::Aggregate>& all = planned_.made.aggregates;
  for (uint32_t i = 0; i < all.size(); i++)
    if (equal_but_for_text(all[i], aggregate)) return i;
  all.push_back(std::move(aggregate));
  planned_.aggregate_spans.push_back(span);
  return uint32_t(all.size() - 1);
}

// ---- typing -----------------------------------------------------------------------------------------------

const dsl::Number* RuleLowering::number_literal(const dsl::Expr& expr) {
  const dsl::Expr* value = &expr;
  if (auto* use = std::get_if<dsl::Const>(&expr.node)) {
    std::optional<Constant> found = constant(*use);
    if (!found || found->values->size() != 1) return nullptr;
    value = &found->values->front();
  }
  return std::get_if<dsl::Number>(&value->node);
}

// `count(x)`: what is meant is said.
Typed RuleLowering::count_of_something(const dsl::Call& call) {
  std::string written = text(call.args[0].span);
  auto* path = std::get_if<dsl::Path>(&call.args[0].node);
  bool is_selection = path && path->segments.size() == 1 && find_selection(path->segments[0].name);
  const bool is_number = std::holds_alternative<dsl::Number>(call.args[0].node);
  std::string counted = is_number      ? "count()"
                        : is_selection ? fmt::format("count(where {})", written)
                                       : fmt::format("distinct({})", written);
  if (is_selection) used_selections_.insert(path->segments[0].name);
  dsl::Diagnostic& error = add(Code::E210, "`count` takes no argument: it counts events", call.span,
                               fmt::format("counts events, not {}", quoted(written)));
  if (is_selection)
    error.help(fmt::format("the events that are `{0}`: `count(where {0})`", written));
  else if (is_number)
    error.help("write `count()`");
  else
    error.help(
        fmt::format("different values: `distinct({})`; only some events: `count(where SELECTION)`", written));
  error.replace(call.span, counted, dsl::Applicability::likely);
  Typed out = nothing(Type::integer);
  out.aggregate = true;
  return out;
}

// The 95 of `percentile(x, 95)`, which may be written `95%`, and the 3 of `sample(x, 3)`.
std::optional<double> RuleLowering::aggregate_parameter(const dsl::Call& call) {
  bool sample = call.name.text == "sample";
  const dsl::Number* n = number_literal(call.args[1]);
  double value = !n ? -1 : n->percent ? n->value * 100 : n->value;
  bool good = sample ? n && !n->percent && value >= 1 && value <= kMaxSamples && value == std::floor(value)
                     : value >= 0 && value <= 100;
  if (!sample && n && !n->percent && value > 0 && value < 1) {
    const std::string meant = fmt::format("{}", value * 100);
    add(Code::E210, fmt::format("`percentile` takes a percentage, 0 to 100, and {} is less than one", value),
        call.args[1].span, "of a hundred, not of one")
        .help(fmt::format("write `{}`", meant))
        .replace(call.args[1].span, meant, dsl::Applicability::likely);
    return std::nullopt;
  }
  if (good) return value;
  add(Code::E210,
      fmt::format("`{}` takes {}", call.name.text, sample ? "1 to 20 values" : "a percentage, 0 to 100"),
      call.args[1].span, "out of range");
  return std::nullopt;
}

// The type of what the aggregate gives; unknown after E409.
Type RuleLowering::type_of_aggregate(const dsl::Call& call, Type of) {
  const std::string& name = call.name.text;
  if (name == "distinct") return Type::integer;
  if (name == "sample") return Type::string;
  if (!is_number(of) && of != Type::duration && of != Type::json && of != Type::unknown) {
    std::string written = text(call.args[0].span);
    dsl::Diagnostic& error =
        add(Code::E409, fmt::format("`{}` needs numbers, and `{}` is {}", name, written, described(of)),
            call.args[0].span, described(of));
    if (is_text(of))
      error.help(
          fmt::format("its length: `{0}(length({1}))`; different values: `distinct({1})`", name, written));
    return Type::unknown;
  }
  if (of == Type::duration) return Type::duration;
  return name == "avg" || name == "percentile" || of == Type::json ? Type::real : of;
}

// baseline(count(), 7d): the aggregate inside is what is numbered.
Typed RuleLowering::aggregate_over_slots(const dsl::Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  auto* inner = call.args.size() == 2 ? std::get_if<dsl::Call>(&call.args[0].node) : nullptr;
  if (!inner || !is_aggregate(inner->name.text) || over_slots(inner->name.text)) {
    add(Code::E210, fmt::format("`{}` takes an aggregate and a length of time", name), call.span,
        fmt::format("like `{}(count(), 7d)`", name));
    return nothing();
  }
  if (call.where) {
    add(Code::E210, fmt::format("`{}` takes no `where`", name), call.where->span, "not here")
        .help(fmt::format("it belongs into the aggregate: `{}({}(where {}), 7d)`", name, inner->name.text,
                          call.where->text));
    return nothing();
  }
  Scope window = scope;
  window.place = Place::window;
  Typed of = aggregate(*inner, window);
  check_baseline(call);
  Typed out = nothing(of.type == Type::duration || of.type == Type::unknown ? of.type : Type::real);
  out.aggregate = true;
  out.numbered = of.numbered;
  return out;
}

Typed RuleLowering::aggregate(const dsl::Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  if (over_slots(name)) return aggregate_over_slots(call, scope);
  match::Aggregate made;
  made.kind = kind_of(name);
  if (call.where) made.where = correlation_condition(*call.where);
  bool counts = made.kind == AggregateKind::count, parameter = name == "percentile" || name == "sample";
  if (counts && !call.args.empty()) return count_of_something(call);
  size_t wanted = counts ? 0 : parameter ? 2 : name == "distinct" ? std::max<size_t>(call.args.size(), 1) : 1;
  if (call.args.size() != wanted) {
    dsl::Diagnostic& error = add(Code::E210,
                                 parameter ? fmt::format("`{}` takes a value and a number", name)
                                           : fmt::format("`{}` takes one value", name),
                                 call.span, fmt::format("{} given", call.args.size()));
    if (name != "distinct")
      error.help(fmt::format("like `{}(length(query_name){})`", name, parameter ? ", 95" : ""));
    return nothing();
  }
  Typed out = nothing(Type::integer);
  out.aggregate = true;
  Scope inner = scope;
  inner.place = Place::expression;
  bool as_number = !counts && name != "distinct" && name != "sample";
  for (size_t i = 0; i < (parameter ? 1 : call.args.size()); i++) {
    Typed arg = expression(call.args[i], inner);
    if (arg.object) object_error(call.args[i], arg);
    if (i == 0) out.type = type_of_aggregate(call, arg.type);
    made.of_durations = as_number && arg.type == Type::duration;
    made.values.push_back(correlation_value(call.args[i], std::move(arg), as_number));
  }
  if (parameter) made.parameter = aggregate_parameter(call).value_or(0);
  if (name == "sample" && scope.place != Place::message) {
    add(Code::E210, "`sample` is for messages", call.span, "not a number");
    return nothing();
  }
  if (out.type == Type::unknown) return nothing();
  made.text = dsl::format(pack_.project.sources, call);
  out.numbered = correlation_aggregate(std::move(made), call.span);
  return out;
}

// E408: a mean over fewer than one slot, or over more than are kept; E403.
void RuleLowering::check_baseline(const dsl::Call& call) {
  std::optional<int64_t> over = duration_ms(&call.args[1], "baseline");
  dsl::Diagnostics silent;
  dsl::Diagnostics* reporting = std::exchange(sink_, &silent);  // check_window says what is wrong with it
  std::optional<int64_t> slot =
      duration_ms(correlation_->timespan ? &*correlation_->timespan : nullptr, "timespan");
  sink_ = reporting;
  if (!over || !slot || *slot <= 0) return;
  if (*over < *slot)
    add(Code::E408,
        fmt::format("a baseline over {} has no slot of {}", text(call.args[1].span),
                    text(correlation_->timespan->span)),
        call.args[1].span, "shorter than the window")
        .label(correlation_->timespan->span, "the length of a slot")
        .help("take a baseline of many windows, or a shorter window");
  else if (*over / *slot > kMaxSlots)
    add(Code::E408,
        fmt::format("a baseline over {} has {} slots", text(call.args[1].span),
                    grouped(uint64_t(*over / *slot))),
        call.args[1].span, "at most 10,080")
        .label(correlation_->timespan->span, "the length of a slot")
        .help("make the window longer, or the baseline shorter");
}

// ---- what is calculated -----------------------------------------------------------------------------------

// Of an expression that was typed without an error.
std::optional<uint32_t> RuleLowering::window_number(const dsl::Expr& expr, const Scope& scope) {
  using Kind = match::WindowNumber::Kind;
  match::WindowNumber made;
  if (auto* number = std::get_if<dsl::Number>(&expr.node)) {
    made.constant = number->value;
  } else if (auto* duration = std::get_if<dsl::Duration>(&expr.node)) {
    made.constant = double(microseconds(duration->ms));
  } else if (auto* date = std::get_if<dsl::Date>(&expr.node)) {
    made.constant = double(match::days_from_civil(date->year, date->month, date->day)) * 86'400e6;
  } else if (auto* use = std::get_if<dsl::Const>(&expr.node)) {
    std::optional<Constant> found = constant(*use);
    return found && found->values->size() == 1 ? window_number(found->values->front(), scope) : std::nullopt;
  } else if (auto* call = std::get_if<dsl::Call>(&expr.node); call && is_aggregate(call->name.text)) {
    Typed typed = aggregate(*call, scope);
    made.kind = call->name.text == "baseline" ? Kind::baseline
                : call->name.text == "spread" ? Kind::spread
                                              : Kind::aggregate;
    made.aggregate = typed.numbered;
    if (over_slots(call->name.text)) {
      made.over_us = microseconds(duration_ms(&call->args[1], "baseline").value_or(0));
      made.text = dsl::format(pack_.project.sources, *call);
    }
  } else if (auto* binary = std::get_if<dsl::Binary>(&expr.node)) {
    std::optional<uint32_t> left = window_number(*binary->left, scope);
    std::optional<uint32_t> right = window_number(*binary->right, scope);
    if (!left || !right) return std::nullopt;
    made.kind = binary->op == '+'   ? Kind::add
                : binary->op == '-' ? Kind::subtract
                : binary->op == '*' ? Kind::multiply
                                    : Kind::divide;
    made.left = *left;
    made.right = *right;
  } else {
    add(Code::E301, fmt::format("`{}` is no number", text(expr.span)), expr.span,
        "a condition over a window compares numbers");
    return std::nullopt;
  }
  planned_.made.numbers.push_back(made);
  planned_.number_spans.push_back(expr.span);
  return uint32_t(planned_.made.numbers.size() - 1);
}

}  // namespace weir::compiler
