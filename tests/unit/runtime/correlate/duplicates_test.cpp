// Which events are delivered twice, whatever the order and the threads.
#include "runtime/correlate/duplicates.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace weir::correlate {
namespace {

using Verdict = Duplicates::Verdict;
constexpr int64_t kHour = 3'600'000'000;

TEST_CASE("the same id and record is a duplicate, the same id alone a conflict") {
  Duplicates seen;
  CHECK(seen.see(0, "a", 1, 0, kHour) == Verdict::fresh);
  CHECK(seen.see(0, "a", 1, 0, kHour) == Verdict::duplicate);
  CHECK(seen.see(0, "a", 2, 0, kHour) == Verdict::conflict);
  CHECK(seen.see(0, "a", 2, 0, kHour) == Verdict::duplicate);
  CHECK(seen.see(0, "a", 3, 0, kHour) == Verdict::conflict);
  CHECK(seen.see(0, "b", 1, 0, kHour) == Verdict::fresh);
  CHECK(seen.see(1, "a", 1, 0, kHour) == Verdict::fresh);
}

TEST_CASE("a copy from another time is an event of its own") {
  Duplicates seen;
  CHECK(seen.see(0, "a", 1, 0, kHour) == Verdict::fresh);
  CHECK(seen.see(0, "a", 1, kHour, kHour) == Verdict::duplicate);
  CHECK(seen.see(0, "a", 1, kHour + 1, kHour) == Verdict::fresh);
  CHECK(seen.see(0, "b", 1, INT64_MIN, kHour) == Verdict::fresh);
  CHECK(seen.see(0, "b", 1, INT64_MAX, kHour) == Verdict::fresh);
}

TEST_CASE("the counts do not depend on the order") {
  const std::vector<std::pair<uint64_t, int64_t>> events = {{1, 0},         {2, kHour / 2}, {1, 0},
                                                            {3, kHour * 2}, {2, kHour / 2}, {3, kHour * 2}};
  for (size_t turn = 0; turn < events.size(); ++turn) {
    Duplicates seen;
    int count[3] = {};
    for (size_t i = 0; i < events.size(); ++i) {
      auto [content, time] = events[(i + turn) % events.size()];
      ++count[static_cast<int>(seen.see(0, "id", content, time, kHour))];
    }
    CHECK(count[static_cast<int>(Verdict::fresh)] == 1);
    CHECK(count[static_cast<int>(Verdict::conflict)] == 2);
    CHECK(count[static_cast<int>(Verdict::duplicate)] == 3);
  }
}

TEST_CASE("memory is bounded: the oldest go") {
  Duplicates seen(Duplicates::Limits{64 * 100});
  for (int i = 0; i < 50'000; ++i) seen.see(0, std::to_string(i), 1, i, kHour);
  CHECK(seen.see(0, "49999", 1, 49'999, kHour) == Verdict::duplicate);
  CHECK(seen.see(0, "0", 1, 0, kHour) == Verdict::fresh);
  Duplicates same_time(Duplicates::Limits{64});
  for (int i = 0; i < 5'000; ++i) CHECK(same_time.see(0, std::to_string(i), 1, 7, kHour) == Verdict::fresh);
}

TEST_CASE("threads") {
  Duplicates seen;
  std::atomic<int> fresh = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) fresh += seen.see(0, std::to_string(i), 1, i, kHour) == Verdict::fresh;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(fresh == 5'000);
}

}  // namespace
}  // namespace weir::correlate
