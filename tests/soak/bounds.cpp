// A spray of keys: an attacker chooses what a rule groups by, so that every event is a group of its own. Memory stays
// within the rule's budget, what goes is counted, groups that wait for an absence go last, and no other rule notices.
//
//   test_bounds --rows 10000000 --groups 1000000 --state 64
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/project.h"
#include "runtime/correlate/moment.h"
#include "runtime/correlate/rule_state.h"

namespace {

using namespace weir;
using correlate::Identity128;
using correlate::Row;
using correlate::RuleState;
using correlate::Told;

constexpr int64_t kMillisecond = 1'000;
constexpr double kTolerance = 0.2;
constexpr size_t kAllocatorBytes = 4u << 20;  // what an allocator keeps beside what is in use

struct Rule {
  const char* name;
  const char* condition;
  const char* warmup = "";
};
constexpr Rule kRules[] = {
    {"counts", "count() >= 5"},
    {"averages", "avg(srcport) >= 70000"},
    {"distincts", "distinct(query_type) >= 40"},
    {"pairs", "off then back"},
    {"absences", "off then not back"},
    {"firsts", "new(query_type)", "warmup: 1s\n"},
    {"baselines", "count() > 1000 * baseline(count(), 7d)", "warmup: 1s\n"},
};

std::string pack(unsigned state_mib) {
  std::string text = "edition 1\n";
  for (const Rule& rule : kRules)
    text += fmt::format(
        "rule {} {{\n title: \"{}\"\n level: low\n source: resolver\n detection {{\n off {{ query_type: \"NS\" }}\n"
        " back {{ query_type: \"SOA\" }}\n condition: off or back\n }}\n correlation {{\n group_by: [query_name]\n"
        " timespan: 24h\n {}state: {}MiB\n condition: {}\n }}\n}}\n",
        rule.name, rule.name, rule.warmup, state_mib, rule.condition);
  return text;
}

size_t resident_bytes() {
  size_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

Identity128 identity(uint64_t number) { return correlate::identity_of({reinterpret_cast<const char*>(&number), 8}); }

// The rows of one rule: what its conditions and values are, of a key that the caller chooses.
class Rows {
 public:
  Rows(const match::RuleInfo& rule, uint64_t seed) : random_(seed) {
    for (uint64_t conditions : {1, 2}) {
      auto seen = std::make_shared<correlate::Observation>();
      seen->conditions = conditions;
      for (size_t i = 0; i < rule.correlation->values.size(); ++i)
        seen->values.push_back({{identity(conditions), correlate::Number::of(int64_t{1})}});
      seen_.push_back(std::move(seen));
    }
  }

  Row row(uint64_t key, int64_t time, bool first_step) {
    auto event = std::make_shared<correlate::StoredEvent>();
    event->order.time = time;
    event->order.id = std::to_string(random_());
    const Identity128 group = identity(key);
    return {group, {event, 0, group}, seen_[first_step ? 0 : 1]};
  }

 private:
  std::mt19937_64 random_;
  std::vector<std::shared_ptr<const correlate::Observation>> seen_;
};

struct Outcome {
  size_t highest = 0;  // of memory, beyond what there was before
  uint64_t told = 0;
  bool pending_stayed = true;
};

// `groups` keys in turn and at random; the absence that waits since the first row is looked for at the end.
Outcome spray(RuleState& state, const match::RuleInfo& rule, size_t rows, size_t groups) {
  Outcome outcome;
  Rows maker(rule, 1);
  std::mt19937_64 random(2);
  std::vector<Told> told;
  const size_t before = resident_bytes();
  state.advance({maker.row(UINT64_MAX, 0, true)}, told);
  for (size_t i = 1; i <= rows; ++i) {
    // Seconds step where the span of a day must be passed, or nothing would ever leave by time.
    const uint64_t key = i % 2 == 0 ? random() % groups : i;
    state.advance({maker.row(key, static_cast<int64_t>(i) * kMillisecond, false)}, told);
    outcome.told += told.size();
    told.clear();
    if (i % 50'000 == 0) outcome.highest = std::max(outcome.highest, resident_bytes() - std::min(before, resident_bytes()));
  }
  const auto undecided = state.undecided();
  if (std::string_view(rule.name) == "absences") outcome.pending_stayed = !undecided.empty();
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Memory of rules over many events, under a spray of keys"};
  size_t rows = 10'000'000, groups = 1'000'000;
  unsigned state_mib = 64;
  app.add_option("--rows", rows)->capture_default_str();
  app.add_option("--groups", groups)->capture_default_str();
  app.add_option("--state", state_mib, "MiB a rule")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts({{"spray.weir", pack(state_mib)}}, diagnostics);
  const auto program = compiler::compile(*project, {.engine = compiler::Engine::interpreter}, diagnostics).program;
  if (diagnostics.error_count() > 0) {
    for (const dsl::Diagnostic& wrong : diagnostics.list())
      if (wrong.severity() == dsl::Severity::error) fmt::print(stderr, "{}\n", wrong.title);
    return 2;
  }
  bool good = true;
  for (const Rule& wanted : kRules) {
    const auto found = std::find_if(program->rules.begin(), program->rules.end(),
                                    [&](const match::RuleInfo& rule) { return rule.name == wanted.name; });
    malloc_trim(0);
    RuleState state(*found, correlate::kBeginningOfTime);
    const Outcome outcome = spray(state, *found, rows, groups);
    const size_t budget = found->correlation->state_bytes;
    const double share = double(outcome.highest) / double(budget);
    const bool holds = outcome.highest <= size_t(double(budget) * (1 + kTolerance)) + kAllocatorBytes &&
                       state.bytes() <= budget && state.evicted() > 0 && outcome.pending_stayed;
    fmt::print("{:<10} {:>9} rows: {:>7} groups of {:>4} B, {:>8} evicted, {:>5} told, {:>4} MiB resident, {:.2f} of the budget{}{}\n",
               wanted.name, rows, state.groups(), state.bytes() / std::max<size_t>(state.groups(), 1), state.evicted(),
               outcome.told, outcome.highest >> 20, share, outcome.pending_stayed ? "" : "; the absence is gone",
               holds ? "" : "  WRONG");
    good &= holds;
  }
  return good ? 0 : 1;
}
