// Guesses, tried one after the other; see sketch.h.
#include "cli/ruletest/sketch.h"

#include <fmt/format.h>

#include "cli/load.h"
#include "cli/ruletest/run.h"
#include "cli/ruletest/sketch_timeline.h"
#include "compiler/clauses.h"
#include "dsl/parse.h"

namespace weir::cli {
namespace {

std::string test_text(std::string_view title, const std::string& events, bool silent) {
  return fmt::format("  test {} {{\n{}    expect {}\n  }}\n", json_quoted(title), events,
                     silent ? "no alert" : "1 alert");
}

// Tries tests as if they stood in the rule.
class Trial {
 public:
  Trial(compiler::Project& project, const compiler::RuleEntry& entry)
      : project_(project), entry_(entry), runner_(project) {}

  bool passes(const std::string& text) {
    const dsl::SourceId source = project_.sources.add("sketch", "rule sketch {\n" + text + "}\n");
    dsl::Diagnostics diagnostics;
    const dsl::File file = dsl::parse(project_.sources, source, diagnostics);
    if (diagnostics.error_count() || file.declarations.empty()) return false;
    const auto* test = compiler::find_clause<dsl::Test>(std::get<dsl::Rule>(file.declarations[0]).clauses);
    if (!test) return false;
    return runner_.run({test, entry_.rule, nullptr, {entry_.rule->name.text}}).kind ==
           TestOutcome::Kind::passed;
  }

 private:
  compiler::Project& project_;
  const compiler::RuleEntry& entry_;
  TestRunner runner_;
};

std::optional<std::string> of_one_event(Trial& trial, const Constants& constants,
                                        const compiler::SchemaInfo& schema, bool silent) {
  const auto text_of = [&](std::string_view title, const std::vector<Wanted>& event, bool still) {
    return test_text(title, fmt::format("    event {}\n", event_text(event, schema)), still);
  };
  for (const dsl::Selection& selection :
       compiler::find_clause<dsl::Detection>(constants.rule.clauses)->selections) {
    if (std::holds_alternative<dsl::Keywords>(selection.body)) continue;
    const std::vector<Wanted> wanted = wanted_by(selection, constants);
    std::string firing = text_of("fires", wanted, false);
    if (!trial.passes(firing)) continue;
    if (!silent) return firing;
    for (size_t i = wanted.size(); i-- > 0;) {  // the last item is usually the most telling
      std::vector<Wanted> missed = wanted;
      missed[i].json = other_value(missed[i].json);
      std::string test =
          text_of(fmt::format("silent on another {}", fmt::join(missed[i].path, ".")), missed, true);
      if (trial.passes(test)) return test;
    }
  }
  return std::nullopt;
}

std::optional<std::string> of_many_events(Trial& trial, const Constants& constants,
                                          const compiler::SchemaInfo& schema, bool silent) {
  for (const Timeline& timeline : timelines_of(constants, schema)) {
    std::string firing = test_text("fires", timeline_text(timeline.firing, schema), false);
    if (!trial.passes(firing)) continue;
    if (!silent) return firing;
    if (timeline.silent.empty()) continue;
    std::string test =
        test_text("silent " + timeline.why_silent, timeline_text(timeline.silent, schema), true);
    if (trial.passes(test)) return test;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> sketch_test(compiler::Project& project, const compiler::RuleEntry& entry,
                                       bool silent) {
  const dsl::Rule& rule = *entry.rule;
  const std::vector<dsl::Name> sources = compiler::sources_of(rule);
  if (!compiler::find_clause<dsl::Detection>(rule.clauses) || sources.empty() ||
      !project.schemas.contains(sources[0].text))
    return std::nullopt;
  const compiler::SchemaInfo& schema = project.schemas.at(sources[0].text);
  Trial trial(project, entry);
  for (const bool of_lists : {true, false}) {
    const Constants constants{rule, project, of_lists};
    if (auto text = of_one_event(trial, constants, schema, silent)) return text;
    if (auto text = of_many_events(trial, constants, schema, silent)) return text;
  }
  return std::nullopt;
}

}  // namespace weir::cli
