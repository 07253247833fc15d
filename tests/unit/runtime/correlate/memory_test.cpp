// What state is said to take before it runs, and what is counted while it does, are one arithmetic; that memory is as
// both say, test_bounds measures.
#include <doctest/doctest.h>

#include <deque>
#include <random>

#include "pack.h"
#include "runtime/correlate/blocks.h"
#include "runtime/correlate/moment.h"
#include "runtime/correlate/rule_state.h"

namespace weir::correlate {
namespace {

using Kind = match::Aggregate::Kind;

Identity128 identity(uint64_t number) { return identity_of({reinterpret_cast<const char*>(&number), sizeof number}); }

// An event of 1 KiB that is the first step of whatever there is, with a value of its own.
Row row(const match::Correlation& correlation, uint64_t key, uint64_t value, int64_t time, bool real) {
  auto seen = std::make_shared<Observation>();
  seen->conditions = 1;
  for (size_t i = 0; i < correlation.values.size(); ++i)
    seen->values.push_back({{identity(value), real ? Number::of(static_cast<double>(1000 + value % 1000))
                                                  : Number::of(static_cast<int64_t>(value))}});
  for (std::vector<RowValue>& values : seen->values)
    seen->add_text(values[0], std::string(match::kSampledTextBytes - 1, 'x'));
  auto event = std::make_shared<StoredEvent>();
  event->order = {time, "one", std::to_string(time)};
  event->record.assign(1024 + match::kPadding, 'x');
  event->size = 1024;
  const Identity128 group = identity(key);
  return {group, {event, 0, group}, seen};
}

struct Kinds : Pack {
  Kinds() {
    constexpr int64_t kDay = 86'400;
    for (Kind kind : {Kind::count, Kind::distinct, Kind::sum, Kind::average, Kind::minimum, Kind::maximum, Kind::percentile})
      asks(correlation("of " + std::to_string(static_cast<int>(kind)), kDay), kind, {kind == Kind::distinct ? 2u : 0u}, 500);
    match::Correlation& shown = correlation("shown", kDay);
    asks(shown, Kind::sample, {2}, 0);
    shown.aggregates[0].parameter = 3;
    steps(correlation("pairs", kDay), "a then b");
    steps(correlation("absences", kDay), "a then not b");
    steps(correlation("three", kDay), "3 a then b then c");
    match::Correlation& fresh = correlation("fresh", kDay);
    fresh.kind = match::Correlation::Kind::first_seen;
    match::WindowCondition leaf;
    leaf.kind = match::WindowCondition::Kind::is_new;
    leaf.values = {2};
    fresh.condition = {leaf};
    match::Correlation& usual = correlation("usual", kDay);
    asks(usual, Kind::count, {}, 3);
    match::WindowNumber baseline;
    baseline.kind = match::WindowNumber::Kind::baseline;
    baseline.over_us = usual.span_us * 7;
    usual.numbers.push_back(baseline);
  }
};

TEST_CASE("groups of one event take what is said") {
  const Kinds pack;
  for (const match::RuleInfo& rule : pack.program()->rules) {
    INFO(rule.name);
    RuleState state(rule, kBeginningOfTime);
    std::vector<Told> told;
    for (uint64_t key = 0; key < 2000; ++key)
      state.advance(std::vector<Row>{row(*rule.correlation, key, key, static_cast<int64_t>(key), false)},
                    told);
    const double each = static_cast<double>(state.bytes()) / static_cast<double>(state.groups());
    const auto said = static_cast<double>(match::group_bytes(*rule.correlation, state.plan().kept, 1));
    CHECK(each > said * 0.9);
    CHECK(each < said * 1.1);
  }
}

TEST_CASE("a group takes no more than is said of it at its worst, and of what fills it not much less") {
  const Kinds pack;
  for (const match::RuleInfo& rule : pack.program()->rules) {
    if (rule.correlation->kind == match::Correlation::Kind::first_seen) continue;
    INFO(rule.name);
    RuleState state(rule, kBeginningOfTime);
    std::vector<Told> told;
    size_t highest = 0;
    for (int64_t i = 0; i < 12'000; ++i) {
      const Row fresh = row(*rule.correlation, 0, static_cast<uint64_t>(12'000 - i), i * 1'000'000, true);
      state.advance({&fresh, 1}, told);
      highest = std::max(highest, state.bytes());
    }
    const size_t said = match::group_bytes(*rule.correlation, state.plan().kept, SIZE_MAX);
    CHECK(highest <= said);
    const Kind kind = rule.correlation->aggregates.empty() ? Kind::sample : rule.correlation->aggregates[0].kind;
    if (kind == Kind::sum || kind == Kind::average || kind == Kind::distinct) CHECK(highest > said * 4 / 10);
  }
}

TEST_CASE("blocks are a queue, and take what they hold") {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    INFO("seed ", seed);
    std::mt19937 random(seed);
    Blocks<int64_t> blocks;
    std::deque<int64_t> want;
    const uint32_t grows = 40 + random() % 40;
    for (int i = 0; i < 6'000; ++i) {
      if (random() % 100 < grows || want.empty()) {
        blocks.push_back(i);
        want.push_back(i);
      } else if (random() % 3 == 0) {
        blocks.pop_back();
        want.pop_back();
      } else {
        blocks.pop_front();
        want.pop_front();
      }
      if (random() % 500 == 0) blocks = Blocks<int64_t>(blocks);
      if (i % 1'000 == 0 && random() % 2) {
        blocks.clear();
        want.clear();
      }
    }
    REQUIRE(blocks.size() == want.size());
    CHECK(std::equal(want.begin(), want.end(), blocks.begin(), blocks.end()));
    if (!want.empty()) {
      CHECK(blocks.front() == want.front());
      CHECK(blocks.back() == want.back());
      CHECK(blocks[want.size() / 2] == want[want.size() / 2]);
    }
    CHECK(blocks.bytes() < want.size() * 8 + 3 * 4'200);
  }
}

}  // namespace
}  // namespace weir::correlate
