#include "tests/shuffle/timelines.h"

#include <algorithm>
#include <variant>

#include "compiler/test_events.h"

namespace weir::shuffle {
namespace {

void add_lines(const compiler::SchemaInfo& schema, const dsl::Feed& feed, int64_t& serial, std::vector<std::string>& lines) {
  const int64_t times = feed.every ? feed.times.value_or(1) : 1;
  for (int64_t i = 0; i < times; ++i) {
    const int64_t offset_ms = (feed.at ? feed.at->ms : 0) + (feed.every ? i * feed.every->ms : 0);
    lines.push_back(
        compiler::test_event(schema, feed.event, {compiler::kTestStart + offset_ms * 1000, i, serial++}));
  }
}

}  // namespace

std::vector<Timeline> timelines(const compiler::Project& project) {
  std::vector<Timeline> all;
  for (const compiler::RuleEntry& entry : project.rules) {
    const auto& clauses = entry.rule->clauses;
    const auto is_correlation = [](const dsl::RuleClause& clause) { return std::holds_alternative<dsl::Correlation>(clause); };
    if (std::none_of(clauses.begin(), clauses.end(), is_correlation)) continue;
    for (const dsl::RuleClause& clause : clauses) {
      const auto* test = std::get_if<dsl::Test>(&clause);
      if (!test) continue;
      Timeline timeline{entry.rule->name.text + ": " + test->title.value, entry.rule->name.text, {}, {}};
      int64_t serial = 0;
      for (const auto& step : test->steps) {
        if (const auto* params = std::get_if<dsl::Params>(&step)) timeline.params.push_back(params);
        const auto* feed = std::get_if<dsl::Feed>(&step);
        if (!feed) continue;
        const std::string source = feed->source ? feed->source->text : compiler::sources_of(*entry.rule)[0].text;
        const auto schema = project.schemas.find(source);
        if (schema != project.schemas.end()) add_lines(schema->second, *feed, serial, timeline.lines);
      }
      all.push_back(std::move(timeline));
    }
  }
  return all;
}

}  // namespace weir::shuffle
