// Correlations (language.md, 6), typed: keys, window, and the one kind of condition that they have.
//
// They are executed by runtime/correlate; here everything is checked that a rule can be told before it runs.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/lowering.h"

namespace weir::compiler {

using dsl::Code;
using Kind = dsl::KCond::Kind;

namespace {

constexpr int64_t kMaxSlots = 10'080;  // of a baseline
constexpr int64_t kMaxSamples = 20;

enum class Family : uint8_t { none, numbers, steps, first_seen };

Family family_of(const dsl::KCond& cond) {
  switch (cond.kind) {
    case Kind::compare:
      return Family::numbers;
    case Kind::quantifier:
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

std::optional<double> RuleLowering::number_of(const dsl::Expr& expr) {
  const dsl::Expr* value = &expr;
  if (auto* use = std::get_if<dsl::Const>(&expr.node)) {
    std::optional<Constant> found = constant(*use);
    if (!found || found->values->size() != 1) return std::nullopt;
    value = &found->values->front();
  }
  auto* number = std::get_if<dsl::Number>(&value->node);
  if (!number) return std::nullopt;
  return number->is_integer ? double(number->integer) : number->value;
}

void RuleLowering::check_keys() {
  Scope scope;
  scope.pins = rule_pins_.empty() ? nullptr : &rule_pins_;
  for (const dsl::Expr& key : correlation_->group_by) {
    Typed typed = expression(key, scope);
    if (!typed.object) continue;
    add(Code::E407, fmt::format("`{}` cannot be a key: it has parts and no value of its own", text(key.span)),
        key.span, "an object, or an array of objects")
        .help(fmt::format("group by one of its parts, or by its text: `json_text({})`", text(key.span)));
  }
}

void RuleLowering::check_window() {
  std::optional<int64_t> span =
      duration_ms(correlation_->timespan ? &*correlation_->timespan : nullptr, "timespan");
  duration_ms(correlation_->warmup ? &*correlation_->warmup : nullptr, "warmup");
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

// ---- aggregates -------------------------------------------------------------------------------------------

Typed RuleLowering::aggregate(const dsl::Call& call, const Scope& scope) {
  const std::string& name = call.name.text;
  Typed out = nothing(Type::real);
  out.aggregate = true;
  auto wrong = [&](std::string title, std::string label, std::string help) {
    dsl::Diagnostic& error = add(Code::E210, std::move(title), call.span, std::move(label));
    if (!help.empty()) error.help(std::move(help));
    return nothing();
  };
  if (call.where) selection(*call.where);
  if (name == "count") {
    out.type = Type::integer;
    if (call.args.empty()) return out;
    std::string written = text(call.args[0].span);
    auto* path = std::get_if<dsl::Path>(&call.args[0].node);
    bool is_selection = path && path->segments.size() == 1 && find_selection(path->segments[0].name);
    std::string counted =
        is_selection ? fmt::format("count(where {})", written) : fmt::format("distinct({})", written);
    if (is_selection) used_selections_.insert(path->segments[0].name);
    dsl::Diagnostic& error = add(Code::E210, "`count` takes no argument: it counts events", call.span,
                                 fmt::format("counts events, not {}", quoted(written)));
    if (is_selection)
      error.help(fmt::format("the events that are `{0}`: `count(where {0})`", written));
    else
      error.help(fmt::format("different values: `distinct({})`; only some events: `count(where SELECTION)`",
                             written));
    error.replace(call.span, counted, dsl::Applicability::likely);
    return out;
  }
  if (name == "baseline" || name == "spread") {
    auto* inner = call.args.size() == 2 ? std::get_if<dsl::Call>(&call.args[0].node) : nullptr;
    if (!inner || !is_aggregate(inner->name.text) || inner->name.text == "baseline" ||
        inner->name.text == "spread")
      return wrong(fmt::format("`{}` takes an aggregate and a length of time", name),
                   fmt::format("like `{}(count(), 7d)`", name), "");
    Scope window = scope;
    window.place = Place::window;
    aggregate(*inner, window);
    check_baseline(call);
    return out;
  }
  Scope inner = scope;
  inner.place = Place::expression;
  std::vector<Typed> args;
  size_t last = name == "percentile" || name == "sample" ? 2 : name == "distinct" ? call.args.size() : 1;
  if (call.args.empty() || call.args.size() != last)
    return wrong(last == 2 ? fmt::format("`{}` takes a value and a number", name)
                           : fmt::format("`{}` takes one value", name),
                 fmt::format("{} given", call.args.size()),
                 name == "distinct"
                     ? ""
                     : fmt::format("like `{}(length(query_name){})`", name, last == 2 ? ", 95" : ""));
  for (size_t i = 0; i < (last == 2 ? 1 : call.args.size()); i++) {
    args.push_back(expression(call.args[i], inner));
    if (args.back().object) object_error(call.args[i], args.back());
  }
  std::string written = text(call.args[0].span);
  if (last == 2) {
    std::optional<double> n = number_of(call.args[1]);
    bool sample = name == "sample";
    if (!n || *n < (sample ? 1 : 0) || *n > (sample ? double(kMaxSamples) : 100))
      add(Code::E210,
          fmt::format("`{}` takes {}", name, sample ? "1 to 20 values" : "a percentage, 0 to 100"),
          call.args[1].span, "out of range");
    if (sample) {
      if (scope.place != Place::message) return wrong("`sample` is for messages", "not a number", "");
      out.type = Type::string;
      return out;
    }
  }
  if (name == "distinct") {
    out.type = Type::integer;
    return out;
  }
  Type of = args[0].type;
  if (!is_number(of) && of != Type::duration && of != Type::json && of != Type::unknown) {
    dsl::Diagnostic& error =
        add(Code::E409, fmt::format("`{}` needs numbers, and `{}` is {}", name, written, described(of)),
            call.args[0].span, described(of));
    if (is_text(of))
      error.help(
          fmt::format("its length: `{0}(length({1}))`; different values: `distinct({1})`", name, written));
    return nothing();
  }
  out.type = of == Type::duration                                        ? Type::duration
             : name == "avg" || name == "percentile" || of == Type::json ? Type::real
                                                                         : of;
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

// ---- conditions -------------------------------------------------------------------------------------------

// E405: a length of time against a number.
void RuleLowering::compare_numbers(const dsl::KCond& cond) {
  Scope scope;
  scope.place = Place::window;
  Typed left = expression(*cond.left, scope), right = expression(*cond.right, scope);
  if (left.type == Type::unknown || right.type == Type::unknown) return;
  bool fit = left.type == right.type || (is_number(left.type) && is_number(right.type));
  if (fit && !is_text(left.type)) return;
  bool lengths = left.type == Type::duration || right.type == Type::duration;
  dsl::Diagnostic& error =
      add(lengths ? Code::E405 : Code::E301,
          fmt::format("`{}` is {}, and `{}` is {}", text(cond.right->span), described(right.type),
                      text(cond.left->span), described(left.type)),
          cond.right->span, without_article(described(right.type)));
  error.label(cond.left->span, without_article(described(left.type)));
  if (right.type == Type::duration && left.type != Type::duration)
    error.help(fmt::format("the window is said once, as `timespan: {}`", text(cond.right->span)));
}

void RuleLowering::window_condition(const dsl::KCond& cond) {
  if (cond.kind == Kind::compare) return compare_numbers(cond);
  if (cond.kind == Kind::quantifier && size_t(cond.number) > cond.children.size())
    add(Code::E308, fmt::format("there are {} conditions in the list", cond.children.size()), cond.span,
        "so this can never hold");
  for (const dsl::KCond& child : cond.children) window_condition(child);
}

// E402: the detection lets in no event that is this step.
void RuleLowering::check_step(const dsl::Name& step) {
  const Named* named = selection_or_error(step);
  if (!named || !detection_->condition || source_of(*named->selection) != source_) return;
  ir::Value holds = selection(step);
  ir::Value lets_in = condition(*detection_->condition, false);
  if (!contradict(pack_.module, single_, {lets_in, holds}) || contradict(pack_.module, single_, {holds}))
    return;
  std::string written = text(detection_->condition->span);
  add(Code::E402, fmt::format("the step `{}` never happens", step.text), step.span,
      "no event that the detection lets in matches it")
      .label(detection_->condition->span, "lets in only these")
      .help(fmt::format("add it: `condition: {} or {}`", written, step.text));
}

void RuleLowering::steps_condition(const dsl::KCond& cond, bool in_then, bool first) {
  switch (cond.kind) {
    case Kind::step:
      check_step(cond.name);
      if (cond.numbered && in_then && !first)
        add(Code::E410, fmt::format("`{}` stands later in a chain", text(cond.span)), cond.span,
            "only first in a chain")
            .help(fmt::format("write `{}`: one event is one step", cond.name.text));
      return;
    case Kind::then:
      for (size_t i = 0; i < cond.children.size(); i++) steps_condition(cond.children[i], true, i == 0);
      return;
    default:
      break;
  }
  if (in_then && (cond.kind == Kind::all || cond.kind == Kind::any)) {
    add(Code::E410, "inside `then` stand names only", cond.span, "`name`, `not name`, and first `3 name`")
        .help("a selection can be a list of maps: `either [ { ... } { ... } ]`");
    return;
  }
  for (const dsl::KCond& child : cond.children) steps_condition(child, in_then, first);
}

void RuleLowering::check_kinds(const dsl::KCond& cond) {
  Family family = family_of(cond);
  if (const dsl::KCond* other = other_kind(cond, family)) {
    add(Code::E410, "numbers, steps and `new` do not stand in one condition", other->span,
        fmt::format("{}, and before it stands {}", name_of(family_of(*other)), name_of(family)))
        .help("make two rules, and a third whose source is `alert`");
    return;
  }
  if (family == Family::numbers) window_condition(cond);
  if (family == Family::steps) steps_condition(cond, false, true);
  if (const dsl::KCond* seen = first_seen_in(cond)) {
    Scope scope;
    scope.pins = rule_pins_.empty() ? nullptr : &rule_pins_;
    for (const dsl::Expr& expr : seen->exprs)
      if (Typed typed = expression(expr, scope); typed.object) object_error(expr, typed);
  }
  if (family == Family::numbers && correlation_->window != dsl::Correlation::Window::tumbling_closed &&
      upper_bounds_alone(cond))
    add(Code::W411, "an upper bound alone holds from the first event on", cond.span,
        "true of the first event")
        .help("`timespan: 10m tumbling closed` asks once, when the slot has ended");
}

void RuleLowering::correlation() {
  check_window();
  check_keys();
  if (!correlation_->condition) return;
  const dsl::KCond& cond = *correlation_->condition;
  lint_brackets(cond);
  check_kinds(cond);
  if (correlation_->warmup) {
    check_memory();
    return;
  }
  std::optional<dsl::Span> needs;
  const dsl::KCond* seen = first_seen_in(cond);
  if (seen) needs = seen->span;
  for (const char* name : {"baseline", "spread"})
    if (const dsl::Call* call = call_in(cond, name); call && !needs) needs = call->span;
  if (needs)
    add(Code::E403, "`new` and `baseline` need `warmup`", *needs,
        seen ? "everything is new on the first day" : "nothing is known on the first day")
        .help("add `warmup: 7d`: learn for a week before the first alert; `warmup: 0s` if that is meant");
  check_memory();
}

}  // namespace weir::compiler
