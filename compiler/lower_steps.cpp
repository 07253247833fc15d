// Steps (language.md, 6): chains of selections, and the fields of their events in messages.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"

namespace weir::compiler {

using dsl::Code;
using Kind = dsl::KCond::Kind;

namespace {

constexpr int64_t kMaxCounted = 1'000'000'000;  // of `N failed`; the budget ends it sooner

bool names_step(const dsl::KCond& cond, const std::string& name) {
  if (cond.kind == Kind::step && cond.name.text == name) return true;
  return std::any_of(cond.children.begin(), cond.children.end(),
                     [&](const dsl::KCond& child) { return names_step(child, name); });
}

}  // namespace

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

// `a`, `not a`, and first in a chain `3 a`.
bool RuleLowering::chain_step(const dsl::KCond& cond, match::Chain& chain) {
  match::CorrelationStep step;
  const dsl::KCond* name = &cond;
  for (; name->kind == Kind::negation; name = &name->children[0]) step.negated = !step.negated;
  if (name->kind != Kind::step) {
    add(Code::E410,
        chain.any_order ? "inside `and` stand names only"
        : name == &cond ? "inside `then` stand names only"
                        : "after `not` stands one name",
        name->span, chain.any_order ? "`name` and `not name`" : "`name`, `not name`, and first `3 name`")
        .help(name->kind == Kind::then ? "join whole chains with `or`"
                                       : "a selection can be a list of maps: `either [ { ... } { ... } ]`");
    return false;
  }
  check_step(name->name);
  if (name->numbered) {
    bool first = chain.steps.empty() && !chain.any_order && !step.negated;
    if (!first) {
      add(Code::E410,
          chain.any_order ? fmt::format("`{}` stands in an `and`", text(name->span))
          : step.negated  ? fmt::format("`{}` stands after `not`", text(name->span))
                          : fmt::format("`{}` stands later in a chain", text(name->span)),
          name->span, "only first in a chain")
          .help(fmt::format("write `{}`: one event is one step", name->name.text));
      return false;
    }
    if (name->number < 1 || name->number > kMaxCounted) {
      add(Code::E308, fmt::format("`{}` is no number of events", text(name->span)), name->span,
          name->number < 1 ? "so nothing is waited for" : "more than can be kept");
      return false;
    }
    step.count = uint32_t(name->number);
  }
  step.condition = correlation_condition(name->name);
  chain.steps.push_back(step);
  planned_.step_spans.push_back(cond.span);
  return true;
}

// Brackets around a part of a chain of the same kind change nothing.
bool RuleLowering::chain_steps(const dsl::KCond& cond, match::Chain& chain) {
  if (cond.kind != (chain.any_order ? Kind::all : Kind::then)) return chain_step(cond, chain);
  bool good = true;
  for (const dsl::KCond& child : cond.children) good = chain_steps(child, chain) && good;
  return good;
}

// Chains, joined by `or`.
void RuleLowering::steps_condition(const dsl::KCond& cond) {
  if (cond.kind == Kind::quantifier) {
    add(Code::E410, fmt::format("`{} of` counts conditions over numbers", cond.number), cond.span,
        "these are steps")
        .help("join chains with `or`");
    return;
  }
  if (cond.kind == Kind::any) {
    for (const dsl::KCond& child : cond.children) steps_condition(child);
    return;
  }
  match::Chain chain;
  chain.any_order = cond.kind == Kind::all;
  if (!chain_steps(cond, chain)) return;
  if (std::all_of(chain.steps.begin(), chain.steps.end(), [](const auto& step) { return step.negated; })) {
    add(Code::E412, "no event completes this", cond.span, "only what must not happen")
        .help("say from when, or until when: `seen then not seen`, `not a then b`");
    return;
  }
  if (planned_.made.chains.size() == kMaxChains) {
    add(Code::E413, "a correlation has at most 64 chains", cond.span, "the 65th")
        .help("a selection can be a list of maps: `either [ { ... } { ... } ]`");
    return;
  }
  planned_.made.chains.push_back(std::move(chain));
}

// ---- step.field -------------------------------------------------------------------------------------------

std::optional<RuleLowering::Named> RuleLowering::step_path(const dsl::Path& path) {
  const std::string& head = path.segments[0].name;
  if (!correlation_ || path.segments.size() < 2) return std::nullopt;
  for (uint16_t source : sources_)
    if (pack_.schemas[source]->name == head || exists_in_schema(*pack_.schemas[source], {head}))
      return std::nullopt;
  return find_selection(head);
}

// Of Correlation::conditions. E414 when the rule waits for no event that is this step.
std::optional<uint32_t> RuleLowering::step_number(const dsl::Path& path) {
  const dsl::Segment& head = path.segments[0];
  const match::Correlation& made = planned_.made;
  bool waited = false, absent = false;
  for (const match::Chain& chain : made.chains)
    for (const match::CorrelationStep& step : chain.steps)
      if (made.conditions[step.condition] == head.name) (step.negated ? absent : waited) = true;
  if (waited) return correlation_condition({head.name, head.name_span});
  if (!absent && correlation_->condition && names_step(*correlation_->condition, head.name))
    return std::nullopt;  // of a chain with an error
  dsl::Diagnostic& error =
      add(Code::E414,
          absent ? fmt::format("the step `{}` has no event", head.name)
                 : fmt::format("`{}` is no step of this correlation", head.name),
          path.span, absent ? "the rule fires because there was none" : "of which event?");
  if (!absent)
    error.help(
        fmt::format("a field of the event that completes it stands alone: `{{{}}}`", path_text(path, 1)));
  return std::nullopt;
}

}  // namespace weir::compiler
