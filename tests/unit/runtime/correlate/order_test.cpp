// Order, ids and silence: the same alerts from candidates in any order.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "runtime/correlate/alert.h"

namespace weir::correlate {
namespace {

constexpr int64_t kMinute = 60'000'000;

match::Program program() {
  match::Program program;
  program.sources.resize(1);
  program.sources[0].name = "resolver";
  program.rules.resize(3);
  program.rules[0].name = "loud";
  program.rules[1].name = "calm";
  program.rules[1].id = "7a1d";
  program.rules[1].suppress_ms = 60 * 60'000;
  program.rules[2].name = "again";
  return program;
}

Alert candidate(uint32_t rule, int64_t minute, std::string id = "0", std::string key = "",
                std::string event = "{}") {
  Alert alert;
  alert.rule = rule;
  alert.order = {minute * kMinute, "resolver", std::move(id)};
  alert.key_identity = std::move(key);
  alert.event = std::move(event);
  return alert;
}

TEST_CASE("by time, source, id, then the rule's name") {
  std::vector<Alert> got = order_alerts(
      program(),
      {candidate(0, 2), candidate(0, 1, "b"), candidate(2, 1, "a"), candidate(0, 1, "a"), candidate(0, -1)});
  REQUIRE(got.size() == 5);
  CHECK(got[0].order.time == -kMinute);
  CHECK(got[1].order.id == "a");
  CHECK(got[1].rule == 2);  // "again" before "loud"
  CHECK(got[2].rule == 0);
  CHECK(got[3].order.id == "b");
  CHECK(got[4].order.time == 2 * kMinute);
}

TEST_CASE("ids are hashes of what the alert is") {
  std::vector<Alert> got =
      order_alerts(program(), {candidate(0, 1), candidate(0, 1), candidate(0, 2), candidate(2, 1)});
  REQUIRE(got.size() == 4);
  std::vector<std::string> ids;
  for (const Alert& alert : got) {
    CHECK(alert.id.size() == 32);
    CHECK(alert.id.find_first_not_of("0123456789abcdef") == std::string::npos);
    ids.push_back(alert.id);
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::unique(ids.begin(), ids.end()) == ids.end());
  Alert moved = candidate(0, 1);
  moved.message = "another text";
  moved.where = "another file";
  moved.level = 4;
  CHECK(order_alerts(program(), {moved})[0].id == order_alerts(program(), {candidate(0, 1)})[0].id);
  CHECK(order_alerts(program(), {candidate(0, 1, "0", "k")})[0].id !=
        order_alerts(program(), {candidate(0, 1)})[0].id);
}

TEST_CASE("two records of one id are two events: their alerts have the same ids whichever came first, or alone") {
  const Alert one = candidate(0, 1, "e1", "", R"({"name":"a"})"), other = candidate(0, 1, "e1", "", R"({"name":"b"})");
  const std::vector<Alert> both = order_alerts(program(), {other, one});
  REQUIRE(both.size() == 2);
  CHECK(both[0].id == order_alerts(program(), {one})[0].id);
  CHECK(both[1].id == order_alerts(program(), {other})[0].id);
  CHECK(both[0].id != both[1].id);
}

TEST_CASE("an alert that completes another is the same event whatever it says by now") {
  const auto heard = [](std::string event) {
    Alert alert = candidate(0, 1, "e1", "", std::move(event));
    alert.order.source = "alert";
    return order_alerts(program(), {alert})[0].id;
  };
  CHECK(heard(R"({"held_back":0})") == heard(R"({"held_back":3})"));
}

TEST_CASE("an id does not change between versions") {
  CHECK(order_alerts(program(), {candidate(0, 1, "e1", "1;5:3:abc")})[0].id ==
        "f5c5921da321a52f8941743f3e4288fe");
}

TEST_CASE("silence is half open and does not lengthen") {
  std::vector<Alert> got = order_alerts(program(), {candidate(1, 0), candidate(1, 30), candidate(1, 59),
                                                    candidate(1, 60), candidate(1, 119), candidate(1, 200)});
  REQUIRE(got.size() == 3);
  CHECK(got[0].held_back == 0);
  CHECK(got[1].order.time == 60 * kMinute);
  CHECK(got[1].held_back == 2);
  CHECK(got[2].order.time == 200 * kMinute);
  CHECK(got[2].held_back == 1);
}

TEST_CASE("each key has its own silence, and each rule") {
  std::vector<Alert> got =
      order_alerts(program(), {candidate(1, 0, "0", "a"), candidate(1, 1, "0", "b"),
                               candidate(1, 2, "0", "a"), candidate(0, 1), candidate(0, 2)});
  CHECK(got.size() == 4);
}

TEST_CASE("the first of equal times by id is the one that speaks") {
  std::vector<Alert> got = order_alerts(program(), {candidate(1, 5, "b"), candidate(1, 5, "a")});
  REQUIRE(got.size() == 1);
  CHECK(got[0].order.id == "a");
}

TEST_CASE("the order of candidates does not matter") {
  std::vector<Alert> candidates;
  for (int i = 0; i < 200; ++i) {
    candidates.push_back(candidate(i % 3, i % 90, std::to_string(i % 7), std::to_string(i % 2),
                                   "{\"n\":" + std::to_string(i % 5) + "}"));
  }
  match::Program pack = program();
  auto lines = [&](std::vector<Alert> from) {
    std::string out;
    for (const Alert& alert : order_alerts(pack, std::move(from))) out += to_json(pack, alert) + "\n";
    return out;
  };
  const std::string expected = lines(candidates);
  std::mt19937 random(1);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(candidates.begin(), candidates.end(), random);
    CHECK(lines(candidates) == expected);
  }
}

}  // namespace
}  // namespace weir::correlate
