// Exemptions: the condition becomes `(condition) and not (exemption or …)`, on the tree, before counting.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/lowering.h"
#include "runtime/match/functions.h"

namespace weir::compiler {

using dsl::Code;

int64_t first_second_after(const dsl::Date& last_day) {
  return (match::days_from_civil(last_day.year, last_day.month, last_day.day) + 1) * 86'400;
}

namespace {

dsl::Span span_of(const dsl::Entry& entry) {
  if (auto* item = std::get_if<dsl::Item>(&entry)) return item->span;
  return std::get<std::unique_ptr<dsl::Block>>(entry)->span;
}

}  // namespace

ir::Value RuleLowering::exempted(ir::Value matches, match::RuleOnSource& out, RuleTrace* trace) {
  if (pack_.options.untuned) return matches;
  std::vector<ir::Value> any;
  if (entry_->off_until) {
    ir::Value off = make().before(first_second_after(*entry_->off_until));
    out.exemptions.push_back({"enabled: false", make().root(make().make(ir::Op::both, {matches, off}))});
    any.push_back(off);
  }
  dsl::Diagnostics* rule_sink = sink_;
  for (const Exemption& exemption : entry_->exemptions) {
    if (exemption.selection->source && source_of(*exemption.selection) != source_) continue;
    // An exemption with a mistake is left out and reported; the rule goes on alerting.
    dsl::Diagnostics own;
    sink_ = &own;
    TracedExemption traced;
    Scope scope;
    ir::Value holds =
        lower_selection(*exemption.selection, false, scope, trace ? &traced.selection : nullptr);
    bool good = own.error_count() == 0;
    sink_ = rule_sink;
    pack_.report(own);
    if (!good) continue;
    judge_exemption(exemption, matches, holds);
    check_ratio(exemption);
    ir::Value active = exemption.until ? make().before(first_second_after(*exemption.until))
                                       : make().make(ir::Op::always, {});
    ir::Value takes = make().make(ir::Op::both, {active, holds});
    any.push_back(takes);
    out.exemptions.push_back(
        {exemption.selection->name.text, make().root(make().make(ir::Op::both, {matches, takes}))});
    if (trace) {
      traced.name = exemption.selection->name.text;
      traced.reason = exemption.reason;
      traced.span = exemption.tune ? exemption.tune->span : exemption.selection->span;
      traced.active = make().root(active);
      trace->exemptions.push_back(std::move(traced));
    }
  }
  if (any.empty()) return matches;
  ir::Value none = make().make(ir::Op::negate, {make().make(ir::Op::either, std::move(any))});
  return make().make(ir::Op::both, {matches, none});
}

// E504, W506. An exemption of many rules is wrong only when it fits none of them.
void RuleLowering::judge_exemption(const Exemption& exemption, ir::Value matches, ir::Value holds) {
  ExemptionVerdict& verdict = pack_.exemption_verdicts[exemption.selection];
  verdict.rules++;
  const dsl::Selection& selection = *exemption.selection;
  dsl::Span body = std::visit(
      [&](const auto& body) {
        if constexpr (requires { body.entries; })
          return body.entries.empty()
                     ? body.span
                     : dsl::join(span_of(body.entries.front()), span_of(body.entries.back()));
        else if constexpr (requires { body.span; })
          return body.span;
        else
          return body.empty() ? selection.span : dsl::join(body.front().span, body.back().span);
      },
      selection.body);
  if (contradict(pack_.module, single_, {matches, holds})) {
    verdict.never++;
    dsl::Diagnostic error{
        Code::E504, "this exemption can never apply", {body, "the rule lets in nothing like this"}};
    if (auto* map = std::get_if<dsl::Map>(&selection.body))
      for (const dsl::Entry& entry : map->entries) {
        auto* item = std::get_if<dsl::Item>(&entry);
        if (!item) continue;
        dsl::Diagnostics silent;
        dsl::Diagnostics* reporting =
            std::exchange(sink_, &silent);  // all was said when the whole was lowered
        LoweredItem lowered = this->item(*item, Scope{});
        sink_ = reporting;
        if (!contradict(pack_.module, single_, {matches, lowered.holds})) continue;
        std::vector<std::string> allowed;
        for (const std::string& needle : needed_texts(pack_.module, matches, lowered.subject.value)) {
          auto spelled = pack_.spelled.find(needle);
          allowed.push_back(spelled == pack_.spelled.end() ? needle : spelled->second);
        }
        error.primary.span = item->values_span;
        if (!allowed.empty())
          error.primary.text = fmt::format("the rule only lets in {}", fmt::join(allowed, ", "));
        break;
      }
    error.help("drop it, or attach it to the rule that fired");
    verdict.why_never = std::move(error);
  } else if (contradict(pack_.module, single_, {matches, make().make(ir::Op::negate, {holds})})) {
    verdict.always++;
    dsl::Diagnostic warning{
        Code::W506, "this exemption lets everything through", {body, "true of every event the rule matches"}};
    warning.help("to switch the rule off, say so: `enabled: false`");
    verdict.why_always = std::move(warning);
  }
}

// W511: what is exempted leaves the denominator too.
void RuleLowering::check_ratio(const Exemption& exemption) {
  if (!has_ratio_) return;
  dsl::Diagnostics found;
  found
      .add(Code::W511, "this exemption can raise a ratio", exemption.selection->name.span,
           fmt::format("`{}` divides by a count", entry_->rule->name.text))
      .note("exempt events leave the denominator too, so the share of the others grows")
      .help("if that is meant, say so above it: `# allow: W511 the reason`");
  pack_.report(found);
}

}  // namespace weir::compiler
