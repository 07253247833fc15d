// What is said when events cannot wait.
#include "runtime/commit/crowding.h"

#include <doctest/doctest.h>

namespace weir::commit {
namespace {

constexpr int64_t kMinute = 60'000'000;

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("rows that were decided early are said once an hour, with the rule that had most") {
  match::Program program;
  for (const char* name : {"one", "two", "three"}) program.rules.emplace_back().name = name;
  correlate::LiveCounts counts;
  counts.decided_early = {0, 0, 0};
  Crowding crowding;
  CHECK(crowding.look_at(program, counts, 0) == "");
  counts.decided_early = {0, 7, 0};
  CHECK(says(crowding.look_at(program, counts, kMinute), ": two decided 7 early"));
  CHECK(crowding.look_at(program, counts, 2 * kMinute) == "");
  counts.decided_early = {3, 9, 40};
  CHECK(crowding.look_at(program, counts, 60 * kMinute) == "");
  CHECK(says(crowding.look_at(program, counts, 61 * kMinute), ": three and 2 other rules decided 45 early"));
  CHECK(crowding.look_at(program, counts, 200 * kMinute) == "");

  crowding.rules_changed();
  counts.decided_early = {0, 2, 1};
  CHECK(says(crowding.look_at(program, counts, 300 * kMinute), ": two and another rule decided 3 early"));
}

}  // namespace
}  // namespace weir::commit
