// What tunings attach to rules: exemptions, params, level, status, suppress, on and off (language.md, 8).
// They have no order, so what two of them set is set by neither.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/clauses.h"
#include "compiler/loading.h"
#include "compiler/nearest.h"
#include "runtime/match/functions.h"
#include "runtime/match/text.h"

namespace weir::compiler {
namespace {

using dsl::Code;

bool is_glob(std::string_view name) { return name.find('*') != name.npos; }

bool names_rule(const dsl::Name& target, std::string_view rule) {
  if (!is_glob(target.text)) return target.text == rule;
  std::vector<uint32_t> stars;
  for (uint32_t i = 0; i < target.text.size(); ++i)
    if (target.text[i] == '*') stars.push_back(i);
  return match::Pattern(target.text, stars, {.cased = true}).matches(rule);
}

// The whole head: `tune a, b`.
dsl::Span head_of(const dsl::Tune& tune) {
  if (tune.targets.empty()) return tune.span;
  return {tune.span.source, tune.span.begin, tune.targets.back().span.end};
}

// E502; `glob` when it was no single rule that was asked.
void unknown_param(const dsl::Rule& rule, const dsl::Name* glob, const dsl::Param& param,
                   dsl::Diagnostics& diagnostics) {
  std::vector<std::string> names;
  if (const auto* params = find_clause<dsl::Params>(rule.clauses); params && !glob)
    for (const dsl::Param& known : params->params) names.push_back(known.name.text);
  dsl::Diagnostic& d = diagnostics.add(
      Code::E502,
      glob ? fmt::format("no rule of `{}` has a param `{}`", glob->text, param.name.text)
           : fmt::format("`{}` has no param `{}`", rule.name.text, param.name.text),
      param.name.span,
      names.empty() ? "nothing to set" : fmt::format("not one of {}", fmt::join(names, ", ")));
  std::vector<std::string> near = nearest(param.name.text, names, 1);
  if (!near.empty()) d.help(did_you_mean(near)).replace(param.name.span, near[0], dsl::Applicability::likely);
}

class Tuner {
 public:
  Tuner(Loading& loading, const dsl::Tune& tune)
      : project_(loading.project), diagnostics_(loading.diagnostics), tune_(tune), today_(loading.today) {}

  void run() {
    check_targets();
    check_own_clauses();
    if (tune_.kind == dsl::Tune::Kind::schema || tune_.broken) return;
    bool reasoned = check_reason();
    check_until();
    if (tune_.kind != dsl::Tune::Kind::rules) return;
    check_params();
    for (RuleEntry& entry : project_.rules)
      if (hits(entry)) attach(entry, reasoned);
  }

 private:
  bool hits(const RuleEntry& entry) const {
    return std::any_of(tune_.targets.begin(), tune_.targets.end(),
                       [&](const dsl::Name& target) { return names_rule(target, entry.rule->name.text); });
  }

  // ---- the targets ----

  void check_targets() {
    for (const dsl::Name& target : tune_.targets) {
      if (target.text.empty()) continue;
      if (tune_.kind == dsl::Tune::Kind::rules) {
        check_rule_target(target);
      } else {
        bool list = tune_.kind == dsl::Tune::Kind::list;
        std::vector<std::string> names;
        if (list)
          for (const auto& [name, info] : project_.lists) names.push_back(name);
        else
          for (const auto& [name, info] : project_.schemas) names.push_back(name);
        if (std::find(names.begin(), names.end(), target.text) == names.end())
          unknown_target(list ? "list" : "schema", target, names);
      }
    }
  }

  void check_rule_target(const dsl::Name& target) {
    std::vector<std::string> names;
    for (const RuleEntry& entry : project_.rules) {
      if (names_rule(target, entry.rule->name.text)) return;
      names.push_back(entry.rule->name.text);
    }
    unknown_target("rule", target, names);
  }

  void unknown_target(const char* kind, const dsl::Name& target, const std::vector<std::string>& names) {
    bool glob = is_glob(target.text);
    dsl::Diagnostic& d = diagnostics_.add(Code::E501,
                                          glob ? fmt::format("no {} matches `{}`", kind, target.text)
                                               : fmt::format("no {} is named `{}`", kind, target.text),
                                          target.span, "not in this project");
    std::vector<std::string> near = glob ? std::vector<std::string>() : nearest(target.text, names, 1);
    if (is_shipped(kind, target.text))
      d.help(fmt::format("`{}` is in the shipped pack: add `shipped` to the paths", target.text));
    else if (!near.empty())
      d.help(did_you_mean(near)).replace(target.span, near[0], dsl::Applicability::likely);
  }

  // ---- its clauses ----

  void check_own_clauses() {
    if (tune_.kind == dsl::Tune::Kind::schema) return;  // make_schema has done it
    std::vector<OtherClause> single;
    for (const dsl::TuneClause& clause : tune_.clauses) {
      if (const auto* params = std::get_if<dsl::Params>(&clause)) single.push_back({"params", params->span});
      if (const auto* suppress = std::get_if<dsl::Suppress>(&clause))
        single.push_back({"suppress", suppress->span});
      if (const auto* exempt = std::get_if<dsl::Exempt>(&clause); exempt && exempt->selection.source)
        check_source(project_, *exempt->selection.source, diagnostics_);
    }
    Owner owner = tune_.kind == dsl::Tune::Kind::list ? Owner::tuned_list : Owner::tuned_rules;
    check_clauses(project_.sources, owner, metas_of(tune_.clauses), single, diagnostics_);
  }

  bool check_reason() {
    for (const dsl::Meta* meta : metas_of(tune_.clauses))
      if ((meta->name.text == "reason" && text_of(meta).find_first_not_of(' ') != std::string::npos) ||
          meant_clause(Owner::tuned_rules, meta->name.text) == "reason")
        return true;
    bool exempts = find_clause<dsl::Exempt>(tune_.clauses);
    dsl::Diagnostic& d =
        diagnostics_.add(Code::E505, exempts ? "an exemption needs a reason" : "a tuning needs a reason",
                         head_of(tune_), "no `reason:`");
    d.help(exempts ? "add `reason: \"who, why, ticket\"`; and `until: 2026-12-31` if it should end"
                   : "add `reason: \"who, why, ticket\"`");
    return false;
  }

  void check_until() {
    const dsl::Meta* meta = find_meta(tune_.clauses, "until");
    std::optional<dsl::Date> until = date_of(meta);
    if (!until) return;
    for (const dsl::TuneClause& clause : tune_.clauses) check_ends(clause, until->span);
    if (!today_) return;
    int64_t late_by = *today_ - match::days_from_civil(until->year, until->month, until->day);
    if (late_by <= 0) return;
    diagnostics_
        .add(Code::W507, "this tuning has ended", until->span,
             fmt::format("its last day was {} ago", late_by == 1 ? "a day" : fmt::format("{} days", late_by)))
        .help("drop it, or give it a later `until`: older events are still exempt, newer ones are not");
  }

  // E512: what is true of one event can depend on its time; what many events are held against cannot.
  void check_ends(const dsl::TuneClause& clause, dsl::Span until) {
    auto say = [&](std::string_view what, dsl::Span span) {
      diagnostics_
          .add(Code::E512, fmt::format("`until` does not end `{}`", what), span, "would hold for ever")
          .label(until, "ends exemptions, `enabled` and `level`")
          .help("put it into a tuning of its own, without `until`");
    };
    if (const auto* params = std::get_if<dsl::Params>(&clause)) say("params", params->span);
    if (const auto* suppress = std::get_if<dsl::Suppress>(&clause)) say("suppress", suppress->span);
    if (const auto* amend = std::get_if<dsl::Amend>(&clause)) say(amend->remove ? "remove" : "add", amend->span);
    if (const auto* meta = std::get_if<dsl::Meta>(&clause); meta && meta->name.text == "status")
      say("status", meta->span);
  }

  // ---- params ----

  void check_params() {
    const auto* params = find_clause<dsl::Params>(tune_.clauses);
    if (!params) return;
    for (const dsl::Param& param : params->params) {
      for (const dsl::Name& target : tune_.targets) check_param(target, param);
      auto first = std::find_if(params->params.begin(), params->params.end(),
                                [&](const dsl::Param& other) { return other.name.text == param.name.text; });
      if (&*first != &param)
        diagnostics_
            .add(Code::E109, fmt::format("`{}` stands twice", param.name.text), param.name.span, "the second")
            .label(first->name.span, "the first");
    }
  }

  // A named rule must have it; of the rules of a glob, one must.
  void check_param(const dsl::Name& target, const dsl::Param& param) {
    const dsl::Rule* without = nullptr;
    for (const RuleEntry& entry : project_.rules) {
      if (!names_rule(target, entry.rule->name.text)) continue;
      if (entry.rule->broken || find_param(*entry.rule, param.name.text)) return;
      without = entry.rule;
    }
    if (without) unknown_param(*without, is_glob(target.text) ? &target : nullptr, param, diagnostics_);
  }

  // ---- attaching ----

  void attach(RuleEntry& entry, bool reasoned) {
    bool first = entry.tunes.empty();
    entry.tunes.push_back(&tune_);
    for (const dsl::TuneClause& clause : tune_.clauses) {
      if (const auto* exempt = std::get_if<dsl::Exempt>(&clause); exempt && reasoned)
        entry.exemptions.push_back({&exempt->selection, &tune_, text_of(find_meta(tune_.clauses, "reason")),
                                    date_of(find_meta(tune_.clauses, "until"))});
      bool ends = find_meta(tune_.clauses, "until") != nullptr;
      if (const auto* params = std::get_if<dsl::Params>(&clause); params && !ends)
        attach_params(entry, *params);
      if (const auto* suppress = std::get_if<dsl::Suppress>(&clause); suppress && !ends) {
        if (!first) check_other(entry, "suppress", suppress->span, suppress->span);
        entry.suppress = suppress;
      }
      if (const auto* meta = std::get_if<dsl::Meta>(&clause)) attach_meta(entry, *meta);
    }
  }

  void attach_params(RuleEntry& entry, const dsl::Params& params) {
    for (const dsl::Param& param : params.params) {
      const dsl::Param* declared = find_param(*entry.rule, param.name.text);
      if (!declared || !check_param_type(project_.sources, *declared, param, diagnostics_)) continue;
      auto [known, fresh] = entry.params.emplace(param.name.text, TunedParam{&param, &tune_});
      if (!fresh && known->second.tune != &tune_)
        two_tunings(entry, param.name.text, param.span, param.values_span, known->second.param->span,
                    known->second.param->values_span);
    }
  }

  void attach_meta(RuleEntry& entry, const dsl::Meta& meta) {
    const std::string& name = meta.name.text;
    if (name != "enabled" && name != "level" && name != "status") return;
    check_other(entry, name, meta.span, meta.values_span);
    std::optional<dsl::Date> until = date_of(find_meta(tune_.clauses, "until"));
    std::optional<dsl::Name> word = word_of(&meta);
    if (name == "enabled" && until && !bool_of(&meta).value_or(true))
      entry.off_until = until;
    else if (name == "enabled")
      entry.enabled = bool_of(&meta).value_or(true);
    if (name == "level" && word) entry.level = word->text, entry.level_until = until;
    if (name == "status" && word && !until) entry.status = word->text;
  }

  // Has an earlier tuning of the rule set the same clause?
  void check_other(RuleEntry& entry, const std::string& name, dsl::Span span, dsl::Span value) {
    for (const dsl::Tune* other : entry.tunes) {
      if (other == &tune_) continue;
      for (const dsl::TuneClause& clause : other->clauses) {
        const auto* meta = std::get_if<dsl::Meta>(&clause);
        const auto* suppress = std::get_if<dsl::Suppress>(&clause);
        if (meta && meta->name.text == name)
          return two_tunings(entry, name, span, value, meta->span, meta->values_span);
        if (suppress && name == "suppress")
          return two_tunings(entry, name, span, value, suppress->span, suppress->span);
      }
    }
  }

  void two_tunings(RuleEntry& entry, std::string_view what, dsl::Span span, dsl::Span value, dsl::Span other,
                   dsl::Span other_value) {
    entry.broken = true;
    diagnostics_
        .add(Code::E503, fmt::format("two tunings set `{}` of {}", what, entry.rule->name.text), span,
             fmt::format("here {}; at {} it is {}", project_.sources.text(value),
                         place_of(project_.sources, other), project_.sources.text(other_value)))
        .note("tunings have no order, so neither can win");
  }

  Project& project_;
  dsl::Diagnostics& diagnostics_;
  const dsl::Tune& tune_;
  std::optional<int64_t> today_;
};

// The default is the type of a param; numbers are one type, whole or not.
std::string param_type(const dsl::Param& param) {
  return param.values.empty() ? "" : kind_of(param.values.front());
}

}  // namespace

std::vector<const RuleEntry*> targets_of(const Project& project, const dsl::Tune& tune) {
  std::vector<const RuleEntry*> rules;
  for (const RuleEntry& entry : project.rules)
    if (std::any_of(tune.targets.begin(), tune.targets.end(),
                    [&](const dsl::Name& target) { return names_rule(target, entry.rule->name.text); }))
      rules.push_back(&entry);
  return rules;
}

bool check_param_known(const dsl::Rule& rule, const dsl::Param& param, dsl::Diagnostics& diagnostics) {
  bool known = find_param(rule, param.name.text);
  if (!known) unknown_param(rule, nullptr, param, diagnostics);
  return known;
}

bool check_param_type(const dsl::SourceMap& sources, const dsl::Param& declared, const dsl::Param& given,
                      dsl::Diagnostics& diagnostics) {
  auto say = [&](std::string_view is, std::string_view seen, std::string label) {
    std::string_view written = sources.text(given.values_span);
    dsl::Diagnostic& d =
        diagnostics
            .add(Code::E509, fmt::format("`{}` is {}, and {} is {}", declared.name.text, is, written, seen),
                 given.values_span, std::move(label))
            .label(declared.values_span, "its default");
    if (is == "a length of time" && written.find_first_not_of("0123456789") == written.npos)
      d.help(fmt::format("a length of time has a unit: `{}s`", written))
          .replace(given.values_span, fmt::format("{}s", written), dsl::Applicability::likely);
  };
  if (declared.is_list != given.is_list) {
    say(declared.is_list ? "a list" : "one value", given.is_list ? "a list" : "one value",
        declared.is_list ? "not in brackets" : "not one value");
    return false;
  }
  std::string wanted = param_type(declared);
  if (wanted.empty()) return true;  // a list without values takes any
  for (const dsl::Expr& value : given.values) {
    if (kind_of(value) == wanted) continue;
    say(wanted, kind_of(value), fmt::format("not {}", wanted));
    return false;
  }
  return true;
}

void apply_tunings(Loading& loading) {
  for (const dsl::Tune* tune : loading.project.tunes) Tuner(loading, *tune).run();
}

}  // namespace weir::compiler
