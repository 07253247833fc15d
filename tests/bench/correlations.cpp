// Whole scans, from a file in the page cache to ordered alerts.
#include "tests/bench/correlations.h"

#include <fmt/format.h>

#include <cstdio>
#include <iterator>

#include "compiler/compile.h"
#include "tests/bench/events.h"
#include "tests/bench/goal.h"
#include "tests/bench/measure.h"
#include "tests/bench/stream.h"

namespace weir::bench {
namespace {

constexpr size_t kRulesOverMany = 100;
constexpr size_t kGroups = 1'000;
constexpr size_t kEvents = 300'000;
std::string rule(size_t number, std::string_view detection, std::string_view correlation) {
  return fmt::format(
      "rule generated_{0} {{\n  title: \"Generated {0}\"\n  level: low\n  source: resolver\n"
      "  detection {{\n    picked {{ {1} }}\n    condition: picked\n  }}\n{2}}}\n",
      number, detection, correlation);
}

// What a rule lets in: a type that is not common, an answer, and one zone of twenty.
std::string picked(size_t number) {
  return fmt::format("query_type: \"{}\"\n rcode: \"{}\"\n query_name|domain: \"zone{}.example.com\"",
                     kQueryTypes[2 + number % 8], kResponseCodes[number % 4], number % 20);
}

std::string correlation(size_t number) {
  constexpr const char* kConditions[] = {
      "timespan: 10m\n condition: count() >= 5000",
      "timespan: 10m\n condition: distinct(query_name) >= 500",
      "timespan: 1h\n condition: distinct(query_name) / count() >= 2",
      "timespan: 1h\n condition: max(srcport) - min(srcport) >= 100000",
  };
  return fmt::format("  correlation {{ group_by: [srcaddr]\n {} }}\n", kConditions[number % std::size(kConditions)]);
}

// A pack of rules for single events, which no event of the stream fires, and as many rules over many events as asked.
std::string pack(size_t over_many) {
  std::string text = "edition 1\n";
  for (size_t i = 0; i < kRulesOverMany; ++i)
    text += rule(i, fmt::format("query_type: \"{}\"\n query_name|endswith: \".bad{}.example.net\"", kQueryTypes[i % 8], i), "");
  for (size_t i = 0; i < over_many; ++i) text += rule(kRulesOverMany + i, picked(i), correlation(i));
  return text;
}

// Every query counts: the one rule for windows with few and with many different names.
std::string distinct_rule() {
  return "edition 1\n" + rule(0, "query_class: \"IN\"",
                              "  correlation { group_by: [vpc_id]\n timespan: 2m\n condition: distinct(query_name) >= 5000 }\n");
}

std::shared_ptr<const match::Program> compiled(const std::string& text) {
  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts({{"generated.weir", text}}, diagnostics);
  auto compiled = compiler::compile(*project, {}, diagnostics);
  if (diagnostics.error_count() == 0 && compiled.program) return compiled.program;
  fmt::print(stderr, "the generated rules do not compile: {}\n",
             diagnostics.empty() ? compiled.engine_problem : diagnostics.list()[0].title);
  return nullptr;
}

void show_speed(const std::vector<Candidate>& candidates, uint64_t events, bool json) {
  if (json) return;
  for (const Candidate& candidate : candidates)
    fmt::print("  {:<60} {:>6.0f} ns an event\n", candidate.name,
               median(candidate.seconds) * 1e9 / static_cast<double>(events));
}

}  // namespace

bool bench_correlations(int rounds, bool json) {
  const auto distinct = compiled(distinct_rule()), without = compiled(pack(0)), with = compiled(pack(kRulesOverMany));
  if (!distinct || !without || !with) return false;
  uint64_t events = 0;
  {
    const Stream few(".ndjson", {resolver_events(kEvents, kGroups, 18, 1)});
    const Stream many(".ndjson", {resolver_events(kEvents, kGroups, 1'800, 1)});
    std::vector<Candidate> values = {few.scan("18 different names in a window", distinct),
                                     many.scan("1,800 different names in a window", distinct)};
    if (!measure(values, rounds, false, events)) return false;
    show_speed(values, events, json);
    show_goal("1,800 different values in a window / 18", ratio(values[1].seconds, values[0].seconds), {1.3, Bound::at_most}, json);
  }
  const Stream stream(".ndjson", {resolver_events(kEvents, kGroups, 5'000, 2)});
  std::vector<Candidate> packs = {stream.scan("100 rules for single events", without),
                                  stream.scan("and 100 rules over many, 1,000 groups each", with)};
  if (!measure(packs, rounds, false, events)) return false;
  show_speed(packs, events, json);
  show_goal("speed with 100 rules over many events / without", ratio(packs[0].seconds, packs[1].seconds), {0.7}, json);

  std::vector<Candidate> threads = {stream.scan("one thread, by the clock", with),
                                    stream.scan("two threads, by the clock", with, 2)};
  if (!measure(threads, rounds, true, events)) return false;
  show_speed(threads, events, json);
  show_goal("two threads / one, rules over many events", ratio(threads[0].seconds, threads[1].seconds), {1.7}, json);
  return true;
}

}  // namespace weir::bench
