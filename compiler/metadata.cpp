// The clauses of a rule that are about the rule: which there must be, levels, sources, ATT&CK ids.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/attack/attack.h"
#include "compiler/clauses.h"
#include "compiler/loading.h"
#include "compiler/nearest.h"
#include "compiler/on_threads.h"

namespace weir::compiler {
namespace {

using dsl::Code;
using dsl::Diagnostics;

class RuleChecker {
 public:
  RuleChecker(const Project& project, const dsl::Rule& rule, Diagnostics& diagnostics)
      : project_(project), rule_(rule), diagnostics_(diagnostics) {}

  void run() {
    check_clauses(project_.sources, Owner::rule, metas_of(rule_.clauses), other_clauses(), diagnostics_);
    if (!rule_.broken) check_needed();  // else it may stand in what could not be read
    if (const auto* level = find_clause<dsl::Level>(rule_.clauses))
      for (const dsl::LevelCase& level_case : level->cases) check_level(level_case.level, diagnostics_);
    for (const dsl::Name& source : sources_of(rule_)) check_source(project_, source, diagnostics_);
    check_attack();
  }

 private:
  template <class Clause>
  void add_all(std::string_view name, std::vector<OtherClause>& out) const {
    for (const dsl::RuleClause& clause : rule_.clauses)
      if (const auto* found = std::get_if<Clause>(&clause)) {
        uint32_t begin = found->span.begin;
        out.push_back({name, {found->span.source, begin, begin + uint32_t(name.size())}});
      }
  }

  std::vector<OtherClause> other_clauses() const {
    std::vector<OtherClause> out;
    add_all<dsl::Level>("level", out);
    add_all<dsl::Params>("params", out);
    add_all<dsl::Detection>("detection", out);
    add_all<dsl::Correlation>("correlation", out);
    add_all<dsl::Suppress>("suppress", out);
    add_all<dsl::Custom>("custom", out);
    return out;
  }

  // ---- E113 ----

  // A clause of this name, or one whose wrong name is complained of already.
  bool has(std::string_view name) const {
    const std::vector<const dsl::Meta*> metas = metas_of(rule_.clauses);
    const auto any = [&](auto holds) { return std::any_of(metas.begin(), metas.end(), holds); };
    // Nearness costs, and few rules lack what they need.
    return any([&](const dsl::Meta* meta) { return meta->name.text == name; }) ||
           any([&](const dsl::Meta* meta) {
             return meant_clause(Owner::rule, meta->name.text) == name ||
                    !nearest(meta->name.text, {std::string(name)}).empty();
           });
  }

  void check_needed() {
    std::vector<std::string> missing, helps;
    if (!has("title")) {
      missing.push_back("`title`");
      helps.push_back("add `title: \"what happened\"`");
    }
    if (!find_clause<dsl::Level>(rule_.clauses) && !has("level")) {
      missing.push_back("`level`");
      helps.push_back("add `level: medium`: informational, low, medium, high or critical");
    }
    if (!has("source")) {
      std::vector<std::string> sources;
      for (const auto& [name, schema] : project_.schemas) sources.push_back(name);
      missing.push_back("`source`");
      helps.push_back(fmt::format("add `source: {}`: the sources are {}",
                                  project_.schemas.contains("cloudtrail") ? "cloudtrail" : "NAME",
                                  fmt::join(sources, ", ")));
    }
    if (!find_clause<dsl::Detection>(rule_.clauses) && !has("detection")) {
      missing.push_back("`detection`");
      helps.push_back("add `detection { selection { FIELD: \"value\" } condition: selection }`");
    }
    if (missing.empty()) return;
    std::string last = missing.back();
    missing.pop_back();
    std::string all = missing.empty() ? last : fmt::format("{} and no {}", fmt::join(missing, ", no "), last);
    dsl::Diagnostic& d = diagnostics_.add(
        Code::E113, fmt::format("the rule `{}` has no {}", rule_.name.text, all), rule_.name.span,
        helps.size() == 1 ? "every rule needs it" : "every rule needs them");
    for (std::string& help : helps) d.help(std::move(help));
  }

  // ---- mitre ----

  void check_attack() {
    std::vector<std::pair<const Technique*, dsl::Span>> techniques;
    std::vector<std::pair<const Tactic*, dsl::Span>> tactics;
    for (const dsl::Attack& id : attack_of(find_meta(rule_.clauses, "mitre"))) {
      if (const Tactic* tactic = find_tactic(id.id)) {
        tactics.emplace_back(tactic, id.span);
      } else if (const Technique* technique = find_technique(id.id)) {
        techniques.emplace_back(technique, id.span);
        if (!technique->in_use()) revoked(*technique, id.span);
      } else {
        unknown_id(id);
      }
    }
    if (techniques.empty() || tactics.empty()) return;
    check_tactics(techniques, tactics);
  }

  void unknown_id(const dsl::Attack& id) {
    dsl::Diagnostic& d = diagnostics_.add(Code::E313, fmt::format("ATT&CK has no `{}`", id.id), id.span,
                                          fmt::format("not in version {}", attack_version()));
    std::vector<std::string> near;
    // Of a sub-technique that does not exist, its technique is meant sooner than another number.
    if (size_t dot = id.id.find('.');
        dot != id.id.npos && find_technique(std::string_view(id.id).substr(0, dot)))
      near.push_back(id.id.substr(0, dot));
    for (std::string& other : nearest(id.id, attack_ids(), 2)) near.push_back(std::move(other));
    for (std::string& candidate : near) {
      if (const Technique* technique = find_technique(candidate))
        candidate = fmt::format("{}` ({})", candidate, technique->name);
      else if (const Tactic* tactic = find_tactic(candidate))
        candidate = fmt::format("{}` ({})", candidate, tactic->name);
    }
    if (!near.empty()) d.help(fmt::format("did you mean `{}?", fmt::join(near, " or `")));
  }

  void revoked(const Technique& technique, dsl::Span span) {
    dsl::Diagnostic& d = diagnostics_.add(Code::W806, fmt::format("{} is no longer in ATT&CK", technique.id),
                                          span, std::string(technique.name));
    const Technique* successor = find_technique(technique.successor);
    if (!successor) {
      d.help("it has no successor: leave it out");
      return;
    }
    d.help(fmt::format("write {}: {}, of {}", successor->id, successor->name, tactics_of(*successor)))
        .replace(span, std::string(successor->id), dsl::Applicability::likely);
  }

  // Each tactic wants a technique of it, and each technique one of its tactics.
  void check_tactics(const std::vector<std::pair<const Technique*, dsl::Span>>& techniques,
                     const std::vector<std::pair<const Tactic*, dsl::Span>>& tactics) {
    bool said = false;
    for (const auto& [tactic, span] : tactics) {
      std::string_view id = tactic->id;
      if (std::any_of(techniques.begin(), techniques.end(), [&](const auto& t) { return t.first->of(id); }))
        continue;
      said = true;
      bool one = techniques.size() == 1;
      dsl::Diagnostic& d =
          diagnostics_.add(Code::W806,
                           one ? fmt::format("{} is not a technique of {}", techniques[0].first->id, id)
                               : fmt::format("none of these techniques is of {}", id),
                           span, std::string(tactic->name));
      for (const auto& [technique, place] : techniques)
        d.label(place, fmt::format("{}: {}", technique->name, tactics_of(*technique)));
      d.help(fmt::format("drop {}, or add the technique that is meant", id));
    }
    for (const auto& [technique, span] : techniques) {
      if ((said && techniques.size() == 1) || !technique->in_use()) continue;
      if (std::any_of(tactics.begin(), tactics.end(),
                      [&, t = technique](const auto& tactic) { return t->of(tactic.first->id); }))
        continue;
      diagnostics_
          .add(Code::W806, fmt::format("{} is of none of the tactics listed", technique->id), span,
               fmt::format("{}: {}", technique->name, tactics_of(*technique)))
          .help("add its tactic, or drop it");
    }
  }

  const Project& project_;
  const dsl::Rule& rule_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_metadata(Loading& loading) {
  constexpr size_t kRulesPerThread = 64;  // one takes some ten microseconds
  std::vector<RuleEntry>& rules = loading.project.rules;
  std::vector<Diagnostics> said(rules.size());
  on_threads(rules.size(), kRulesPerThread,
             [&](size_t i) { RuleChecker(loading.project, *rules[i].rule, said[i]).run(); });
  for (size_t i = 0; i < rules.size(); ++i) {
    rules[i].broken |= said[i].error_count() > 0;
    loading.diagnostics.append(std::move(said[i]));
  }
  for (const auto& [name, shared] : loading.project.selections)
    if (shared->selection.source)
      check_source(loading.project, *shared->selection.source, loading.diagnostics);
}

}  // namespace weir::compiler
