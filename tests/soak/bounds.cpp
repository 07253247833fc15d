// A spray of keys: an attacker chooses what a rule groups by, so that every event is a group of its own. Memory is the
// rule's budget, no less and no more; what goes is counted, groups that wait for an absence go last, and no other rule
// notices, whatever the times of its events.
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
#include "runtime/correlate/live.h"
#include "runtime/correlate/moment.h"
#include "runtime/correlate/rule_state.h"
#include "runtime/match/functions.h"
#include "runtime/match/matcher.h"

namespace {

using namespace weir;
using correlate::Identity128;
using correlate::Row;
using correlate::RuleState;
using correlate::Told;

constexpr int64_t kMillisecond = 1'000;
constexpr double kTolerance = 0.2;
constexpr size_t kRecordBytes = 400;

struct Rule {
  const char* name;
  const char* condition;
  const char* warmup = "";
  const char* group_by = "group_by: [query_name]\n";
};
// The names after the seventh are of few groups that hold much.
constexpr Rule kRules[] = {
    {"counts", "count() >= 5"},
    {"averages", "avg(srcport) >= 70000"},
    {"distincts", "distinct(query_type) >= 40"},
    {"pairs", "off then back"},
    {"absences", "off then not back"},
    {"firsts", "new(query_type)", "warmup: 1s\n"},
    {"baselines", "count() > 1000 * baseline(count(), 7d)", "warmup: 1s\n"},
    {"full_averages", "avg(srcport) >= 70000"},
    {"full_distincts", "distinct(query_type) >= 3000"},
    {"full_firsts", "new(query_type)", "warmup: 1s\n", ""},
};
constexpr size_t kSprayed = 7;

std::string pack(unsigned state_mib) {
  std::string text = "edition 1\n";
  for (const Rule& rule : kRules)
    text += fmt::format(
        "rule {} {{\n title: \"{}\"\n level: low\n source: resolver\n detection {{\n off {{ query_type: \"NS\" }}\n"
        " back {{ query_type: \"SOA\" }}\n condition: off or back\n }}\n correlation {{\n {} timespan: 24h\n {}state: "
        "{}MiB\n condition: {}\n }}\n}}\n",
        rule.name, rule.name, rule.group_by, rule.warmup, state_mib, rule.condition);
  return text;
}

size_t resident_bytes() {
  size_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// With what the allocator adds.
size_t allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

Identity128 identity(uint64_t number) { return correlate::identity_of({reinterpret_cast<const char*>(&number), 8}); }

// The rows of one rule: what its conditions and values are, of a key that the caller chooses.
class Rows {
 public:
  Rows(const match::RuleInfo& rule, uint64_t seed) : rule_(rule), random_(seed) {}

  // `value`: what its aggregates look at.
  Row row(uint64_t key, int64_t time, bool first_step, uint64_t value) {
    auto seen = std::make_shared<correlate::Observation>();
    seen->conditions = first_step ? 1 : 2;
    for (size_t i = 0; i < rule_.correlation->values.size(); ++i)
      seen->values.push_back({{identity(value), correlate::Number::of(static_cast<int64_t>(value % 60'000))}});
    auto event = std::make_shared<correlate::StoredEvent>();
    event->order.time = time;
    event->order.source = "resolver";
    event->order.id = fmt::format("{:016x}", random_());
    event->record.assign(kRecordBytes + match::kPadding, 'x');
    event->size = kRecordBytes;
    const Identity128 group = rule_.correlation->group_by.empty() ? Identity128() : identity(key);
    return {group, {event, 0, group}, std::move(seen)};
  }

 private:
  const match::RuleInfo& rule_;
  std::mt19937_64 random_;
};

// Memory beyond what there was before, when it was highest.
struct Highest {
  size_t counted = 0, allocated = 0, resident = 0;
};

class Meter {
 public:
  Meter() {
    malloc_trim(0);
    resident_ = resident_bytes();
    allocated_ = allocated_bytes();
  }
  void look(const RuleState& state) {
    highest.counted = std::max(highest.counted, state.bytes());
    highest.allocated = std::max(highest.allocated, allocated_bytes() - std::min(allocated_bytes(), allocated_));
    highest.resident = std::max(highest.resident, resident());
  }
  size_t resident() const { return resident_bytes() - std::min(resident_bytes(), resident_); }
  Highest highest;

 private:
  size_t resident_ = 0, allocated_ = 0;
};

struct Outcome {
  Highest highest;
  uint64_t told = 0;
  bool pending_stayed = true;
};

void advance(RuleState& state, const Row& row, std::vector<Told>& told) { state.advance({&row, 1}, told); }

// `groups` keys in turn and at random; the absence that waits since the first row is looked for at the end.
Outcome spray(RuleState& state, const match::RuleInfo& rule, size_t rows, size_t groups, bool full) {
  Outcome outcome;
  Rows maker(rule, 1);
  std::mt19937_64 random(2);
  std::vector<Told> told;
  const bool first_step = std::string_view(rule.name) == "pairs";  // of absences one waits, and must stay
  Meter meter;
  advance(state, maker.row(UINT64_MAX, 0, true, 0), told);
  for (size_t i = 1; i <= rows; ++i) {
    const uint64_t key = full ? i % groups : i % 2 == 0 ? random() % groups : i;
    const uint64_t value = full ? random() : 1;
    advance(state, maker.row(key, static_cast<int64_t>(i) * kMillisecond, first_step, value), told);
    outcome.told += told.size();
    told.clear();
    if (i % 20'000 == 0) meter.look(state);
  }
  const auto undecided = state.undecided();
  if (std::string_view(rule.name) == "absences") outcome.pending_stayed = !undecided.empty();
  outcome.highest = meter.highest;
  return outcome;
}

double share(size_t bytes, size_t budget) { return static_cast<double>(bytes) / static_cast<double>(budget); }

bool within(double share) { return share >= 1 - kTolerance && share <= 1 + kTolerance; }

bool holds(const compiler::RuleState& said, const match::RuleInfo& rule, size_t rows, size_t groups, bool full) {
  RuleState state(rule, correlate::kBeginningOfTime);
  const Outcome outcome = spray(state, rule, rows, groups, full);
  const Highest& high = outcome.highest;
  const double of_budget = share(high.resident, said.budget), of_counted = share(high.resident, high.counted);
  const size_t each = high.counted / std::max<size_t>(state.groups(), 1);
  // Sprayed groups hold an event or two, which are smaller here than is supposed; full ones what they may.
  const bool of_numbers = rule.correlation->kind == match::Correlation::Kind::numbers;
  const bool as_said = full ? rule.correlation->group_by.empty() || each <= said.most
                            : each <= said.least * 11 / 10 && (!of_numbers || within(share(each, said.least)));
  const bool good = within(of_budget) && within(of_counted) && high.counted <= said.budget && as_said &&
                    state.evicted() > 0 && outcome.pending_stayed;
  constexpr double kMiB = 1 << 20;
  fmt::print(
      "{:<14} budget {:>5.1f} MiB, counted {:>5.1f}, allocated {:>5.1f}, resident {:>5.1f}: {:.2f} of the budget; {:>6} "
      "groups of {} B (said: {} to {}), {} evicted, {} told{}{}\n",
      rule.name, static_cast<double>(said.budget) / kMiB, static_cast<double>(high.counted) / kMiB,
      static_cast<double>(high.allocated) / kMiB, static_cast<double>(high.resident) / kMiB, of_budget, state.groups(), each,
      said.least, said.most, state.evicted(), outcome.told, outcome.pending_stayed ? "" : "; the absence is gone",
      good ? "" : "  WRONG");
  std::fflush(stdout);
  return good;
}

// Two rules of the same condition, one of which is sprayed: the other tells what it tells alone. And what comes with
// times of 1970 and 2099 changes no window of today.
bool others_notice_nothing(const match::RuleInfo& sprayed, const match::RuleInfo& quiet, size_t rows) {
  const auto tell = [&](bool beside, bool far_times) {
    RuleState attacked(sprayed, correlate::kBeginningOfTime), state(quiet, correlate::kBeginningOfTime);
    Rows of_attack(sprayed, 3), of_quiet(quiet, 4);
    std::vector<Told> ignored, told;
    const int64_t today = match::parse_time("2026-01-15T06:00:00Z").value();
    const auto stranger = [&](const char* time) {
      advance(state, of_quiet.row(7, match::parse_time(time).value(), false, 1), told);
    };
    if (far_times) stranger("1970-01-01T00:00:00Z");
    for (size_t i = 0; i < rows; ++i) {
      const int64_t time = today + static_cast<int64_t>(i) * kMillisecond;
      if (beside) advance(attacked, of_attack.row(i, time, false, 1), ignored);
      if (i % 100 == 0) advance(state, of_quiet.row(i / 100 % 10, time, false, 1), told);
    }
    if (far_times) stranger("2099-01-01T00:00:00Z");
    std::string text;
    for (const Told& one : told)
      text += fmt::format("{} {} {};", one.fire.time, one.fire.events, one.fire.completing.event->order.time);
    return std::pair(text, told.size());
  };
  const auto [alone, count] = tell(false, false);
  const bool good = count > 0 && tell(true, false).first == alone && tell(false, true).first == alone;
  fmt::print("{} alerts of another rule are the same beside the spray, and beside events of 1970 and 2099{}\n", count,
             good ? "" : "  WRONG");
  return good;
}

// Rows that wait for the watermark on a live feed: how much there is when the first are decided for want of room.
bool waiting_rows(const std::shared_ptr<const match::Program>& program, size_t budget) {
  correlate::LiveOptions options;
  options.rows_bytes = budget;
  correlate::Live live(program, options);
  match::Matcher matcher(program);
  Meter meter;
  const int64_t begin = match::parse_time("2026-01-15T06:00:00Z").value();
  const auto decided_early = [&] {
    uint64_t all = 0;
    for (const uint64_t of_rule : live.counts().decided_early) all += of_rule;
    return all;
  };
  size_t highest = 0, events = 0;
  for (; decided_early() == 0 && events < budget / 100; ++events) {
    const int64_t time = begin + static_cast<int64_t>(events) * 10;
    std::string record = fmt::format(
        R"({{"version":"1.100000","account_id":"111122223333","region":"eu-west-1","vpc_id":"vpc-1","query_timestamp":"{}","query_name":"n{}.example.com.","query_type":"SOA","query_class":"IN","rcode":"NOERROR","answers":[],"srcaddr":"10.0.0.1","srcport":"{}","transport":"UDP","srcids":{{}}}})",
        match::format_time(time), events, 1024 + events % 60'000);
    const size_t size = record.size();
    record.resize(size + match::kPadding);
    const std::string_view view = std::string_view(record).substr(0, size);
    if (matcher.recognise(view, false).status != match::DecodeStatus::ok) break;
    if (matcher.match() != match::Matcher::Outcome::matched) break;
    if (events % 1'000 == 0) {
      live.take_alerts();
      highest = meter.resident();
    }
    live.take(matcher.decoder(), matcher.scratch(), matcher.matched().data(), view, false, "", time);
  }
  const double of_budget = share(highest, budget);
  const bool good = decided_early() > 0 && within(of_budget);
  fmt::print("waiting rows   budget {:>5.1f} MiB, resident {:>5.1f}: {:.2f} of the budget; {} events in {} rules{}\n",
             static_cast<double>(budget) / (1 << 20), static_cast<double>(highest) / (1 << 20), of_budget, events,
             program->rules.size(), good ? "" : "  WRONG");
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Memory of rules over many events, under a spray of keys"};
  size_t rows = 10'000'000, groups = 1'000'000;
  unsigned state_mib = 64;
  std::string only;
  app.add_option("--rows", rows)->capture_default_str();
  app.add_option("--groups", groups)->capture_default_str();
  app.add_option("--state", state_mib, "MiB a rule")->capture_default_str();
  app.add_option("--only", only, "One kind");
  CLI11_PARSE(app, argc, argv);

  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts({{"spray.weir", pack(state_mib)}}, diagnostics);
  const auto program = compiler::compile(*project, {.engine = compiler::Engine::interpreter}, diagnostics).program;
  if (diagnostics.error_count() > 0) {
    for (const dsl::Diagnostic& wrong : diagnostics.list())
      if (wrong.severity() == dsl::Severity::error) fmt::print(stderr, "{}\n", wrong.title);
    return 2;
  }
  dsl::Diagnostics known;
  const auto said = compiler::rule_states(compiler::lower(*project, {}, known, nullptr));
  const auto rule_of = [&](std::string_view name) -> const match::RuleInfo& {
    return *std::find_if(program->rules.begin(), program->rules.end(),
                         [&](const match::RuleInfo& rule) { return rule.name == name; });
  };
  bool good = true;
  for (size_t i = 0; i < std::size(kRules); ++i) {
    const Rule& wanted = kRules[i];
    if (!only.empty() && only != wanted.name) continue;
    const bool full = i >= kSprayed;
    const auto of_rule = std::find_if(said.begin(), said.end(),
                                      [&](const compiler::RuleState& state) { return state.rule == wanted.name; });
    // Full groups: so many that their windows overflow, and the budget with them.
    const size_t many = std::max<size_t>(4, 2 * of_rule->fit_at_worst);
    good &= holds(*of_rule, rule_of(wanted.name), rows, full ? many : groups, full);
  }
  if (only.empty() || only == "waiting") good &= waiting_rows(program, size_t{state_mib} << 20);
  if (only.empty()) good &= others_notice_nothing(rule_of("firsts"), rule_of("counts"), std::min<size_t>(rows, 400'000));
  return good ? 0 : 1;
}
