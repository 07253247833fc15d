// The parts of a window, each by itself: what a random case of a dozen rows never fills.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "runtime/correlate/distinct.h"
#include "runtime/correlate/exact_sum.h"
#include "runtime/correlate/extremes.h"
#include "runtime/correlate/identity.h"
#include "runtime/correlate/moment.h"
#include "runtime/correlate/ranks.h"
#include "runtime/correlate/recent_set.h"
#include "runtime/correlate/tallies.h"

namespace weir::correlate {
namespace {

constexpr int64_t kSpan = 64'000, kPane = kSpan / kPanes + 1;

Identity128 hashed(uint64_t number) {
  return identity_of({reinterpret_cast<const char*>(&number), sizeof number});
}

TEST_CASE("a sum is exact, whatever the order") {
  ExactSum sum;
  for (double term : {1e308, 1.0, -1e308, 1e-300, 0x1p-1074}) sum.add(Number::of(term));
  CHECK(sum.value() == 1.0);
  sum.subtract(Number::of(1.0));
  CHECK(sum.value() == 1e-300);
  sum.subtract(Number::of(1e-300));
  CHECK(sum.value() == 0x1p-1074);
  sum.add(Number::of(std::numeric_limits<int64_t>::min()));
  sum.subtract(Number::of(0x1p-1074));
  CHECK(sum.value() == -0x1p63);
}

TEST_CASE("sums round once, to the nearest double") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<Number> terms;
    for (int i = 0; i < 40; ++i) {
      if (i % 3 == 0) {
        terms.push_back(Number::of(static_cast<int64_t>(random()) >> (random() % 60)));
      } else {
        terms.push_back(Number::of(std::ldexp(static_cast<double>(static_cast<int64_t>(random())),
                                              static_cast<int>(random() % 80) - 100)));
      }
    }
    ExactSum forth, back, both;
    for (const Number& term : terms) forth.add(term);
    std::reverse(terms.begin(), terms.end());
    for (const Number& term : terms) back.add(term);
    CHECK(forth.value() == back.value());
    both.add(forth);
    both.add(back);
    CHECK(both.value() == 2 * forth.value());
    both.subtract(back);
    for (const Number& term : terms) both.subtract(term);
    CHECK(both.value() == 0);
  }
  ExactSum tie;  // 2^53 + 1 lies between two doubles; a hair more decides
  tie.add(Number::of(0x1p53));
  tie.add(Number::of(1.0));
  CHECK(tie.value() == 0x1p53);
  tie.add(Number::of(0x1p-1074));
  CHECK(tie.value() == 0x1p53 + 2);
}

TEST_CASE("a set of what was seen is that of a map") {
  std::mt19937_64 random(2);
  RecentSet seen;
  std::map<uint64_t, int64_t> model;
  for (int64_t time = 0; time < 20'000; ++time) {
    const uint64_t value = random() % 300;
    std::optional<int64_t> want;
    if (auto found = model.find(value); found != model.end()) want = found->second;
    CHECK(seen.see(hashed(value), time) == want);
    model[value] = time;
    const int64_t left = time - static_cast<int64_t>(100 + random() % 200);
    seen.forget_until(left);
    std::erase_if(model, [&](const auto& entry) { return entry.second <= left; });
    CHECK(seen.size() == model.size());
  }
  size_t odd = 0;
  for (const auto& [value, time] : model) odd += time % 2;
  seen.forget_if([](const RecentSet::Seen& one) { return one.time % 2 == 0; });
  CHECK(seen.size() == odd);
  for (const auto& [value, time] : model)
    CHECK(seen.see(hashed(value), 30'000).has_value() == (time % 2 == 1));
}

TEST_CASE("a count is exact to its limit, then to a pane, and says so") {
  CountWindow window;
  std::vector<int64_t> times;
  std::mt19937_64 random(3);
  int64_t now = 0;
  bool folded = false;
  for (int i = 0; i < 30'000; ++i) {
    now += static_cast<int64_t>(random() % 14);
    window.add({now}, 500, kPane);
    window.leave_until(now - kSpan);
    times.push_back(now);
    auto first_in = std::upper_bound(times.begin(), times.end(), now - kSpan);
    const auto exact = static_cast<uint64_t>(times.end() - first_in);
    const auto and_a_pane = static_cast<uint64_t>(
        times.end() - std::upper_bound(times.begin(), times.end(), now - kSpan - kPane));
    const uint64_t count = window.total().count;
    CHECK(count >= exact);
    CHECK(count <= and_a_pane);
    CHECK((count >= 500) == (exact >= 500));  // what the limit decides is exact
    if (!window.approximate(now - kSpan)) CHECK(count == exact);
    folded |= window.approximate(now - kSpan);
  }
  CHECK(folded);
  window.leave_until(now);
  CHECK(window.total().count == 0);
}

TEST_CASE("the extreme of many is off by a pane at most, and the window still empties") {
  ExtremeWindow window;
  for (int64_t i = 0; i < 3 * kSpan; i += 5) {
    window.add(i, Number::of(3 * kSpan - i), true, kPane);  // falling: every number may yet be the greatest
    window.leave_until(i - kSpan);
    const int64_t oldest = std::max<int64_t>(0, (i - kSpan) / 5 * 5 + 5);
    CHECK(*window.value() >= static_cast<double>(3 * kSpan - oldest));
    CHECK(*window.value() <= static_cast<double>(3 * kSpan - oldest + kPane + 5));
  }
  CHECK(window.bytes() < 400'000);
  window.leave_until(3 * kSpan);
  CHECK(!window.value());
}

TEST_CASE("percentiles: nearest rank, within a hundredth once folded") {
  Ranks few;
  for (double number : {3.0, 1.0, 2.0, 4.0}) few.enter({0, number});
  CHECK(*few.percentile(0) == 1);
  CHECK(*few.percentile(25) == 1);
  CHECK(*few.percentile(26) == 2);
  CHECK(*few.percentile(95) == 4);
  CHECK(!Ranks().percentile(50));

  RankWindow window;
  std::vector<std::pair<int64_t, double>> entries;
  std::mt19937_64 random(4);
  for (int64_t time = 0; time < 200'000; time += 8) {
    const double number = std::pow(static_cast<double>(random() % 1000), 3) - 1000;
    window.add({time, number}, kExactEntries, kPane);
    window.leave_until(time - kSpan);
    entries.emplace_back(time, number);
    if (time % 10'000 != 0 || time < kSpan) continue;
    std::vector<double> sorted;
    for (const auto& [at, n] : entries)
      if (at > time - kSpan) sorted.push_back(n);
    std::sort(sorted.begin(), sorted.end());
    for (double percent : {10.0, 50.0, 99.0}) {
      const double got = *window.total().percentile(percent);
      const auto at = static_cast<size_t>(percent / 100 * static_cast<double>(sorted.size()));
      const double low = sorted[at - std::min<size_t>(at, 200)],
                   high = sorted[std::min(at + 200, sorted.size() - 1)];
      CHECK(got >= low - std::fabs(low) * 0.01);
      CHECK(got <= high + std::fabs(high) * 0.01);
    }
  }
  window.leave_until(200'000);
  CHECK(!window.total().percentile(50));
}

TEST_CASE("distinct: so many decide; the rest is an estimate, and exact again a span later") {
  DistinctWindow capped, all;
  std::map<uint64_t, int64_t> model;
  std::mt19937_64 random(5);
  for (int64_t time = 0; time < 6000; ++time) {
    const uint64_t value = random() % 400;
    for (DistinctWindow* window : {&capped, &all}) window->leave_until(time - 500, time);
    capped.add(hashed(value), time, 100);
    all.add(hashed(value), time, 0);
    model[value] = time;
    std::erase_if(model, [&](const auto& entry) { return entry.second <= time - 500; });
    CHECK((capped.count() >= 100) == (model.size() >= 100));
    CHECK(all.count() == static_cast<double>(model.size()));
    CHECK(capped.approximate(time - 500) == (model.size() > 100));
  }

  DistinctWindow many;
  constexpr int64_t kMany = 300'000;
  for (int64_t time = 0; time < kMany; ++time) {
    many.leave_until(time - kMany, time);
    many.add(hashed(static_cast<uint64_t>(time)), time, 0);
  }
  CHECK(many.approximate(-1));
  CHECK(std::fabs(many.count() - kMany) < kMany * 0.05);
  CHECK(many.bytes() < 2'000'000);
  for (int64_t time = kMany; time < 4 * kMany; time += 1000) {
    many.leave_until(time - kMany, time);
    many.add(hashed(static_cast<uint64_t>(time)), time, 0);
  }
  CHECK(!many.approximate(0));
  CHECK(many.count() == 300);
}

TEST_CASE("slots and spans at the ends of time") {
  CHECK(slot_of(-1, 10) == -1);
  CHECK(slot_of(-10, 10) == -1);
  CHECK(slot_of(-11, 10) == -2);
  CHECK(slot_of(9, 10) == 0);
  CHECK(earlier(kBeginningOfTime + 5, 10) == kBeginningOfTime);
  CHECK(later(kEndOfTime - 5, 10) == kEndOfTime);
  CHECK(begin_of_slot(slot_of(kEndOfTime, 1000) + 1, 1000) == kEndOfTime);
}

}  // namespace
}  // namespace weir::correlate
