// What is told at once, what is folded, and that every row is in exactly one message.
#include "runtime/deliver/network/schedule.h"

#include <map>
#include <set>

#include "sample.h"

using namespace weir::deliver;
using namespace weir::deliver::testing;

namespace {

Item item_of(int64_t row, const std::string& group, int64_t at, const std::string& rule = "r") {
  Item item;
  item.row = row;
  item.first_at = at;
  item.id = id_of(static_cast<int>(row));
  item.state = "final";
  item.body = "{}";
  item.incident = item.id;
  item.group = group;
  item.rule = rule;
  item.title = "Title of " + rule;
  item.time = "2026-01-01T00:00:00Z";
  item.message = "message " + std::to_string(row);
  item.level = 3;
  return item;
}

// Everything that is to go at `now`.
std::vector<Message> sent(Schedule& schedule, int64_t now) {
  std::vector<Message> out;
  while (const Message* message = schedule.next(now)) {
    out.push_back(*message);
    schedule.done();
  }
  return out;
}

Grouping by_rule(int64_t repeat) { return {{"rule"}, 0, repeat, 0}; }

}  // namespace

TEST_CASE("schedule: without groups every alert goes at once, in order") {
  Schedule schedule({Grouping{}});
  for (int row = 1; row <= 5; ++row) CHECK_FALSE(schedule.take(item_of(row, "", kStart), kStart));
  CHECK(schedule.wake() == 0);
  const std::vector<Message> messages = sent(schedule, kStart);
  REQUIRE(messages.size() == 5);
  for (int i = 0; i < 5; ++i) {
    CHECK(messages[i].kind == Message::Kind::alert);
    CHECK(messages[i].rows == std::vector<int64_t>{i + 1});
  }
  CHECK_FALSE(schedule.wake());
}

TEST_CASE("schedule: the first of a group at once, repeats folded with a count at repeat") {
  Schedule schedule({by_rule(10 * kMinute)});
  schedule.take(item_of(1, "a", kStart), kStart);
  CHECK(sent(schedule, kStart).size() == 1);
  for (int row = 2; row <= 6; ++row) CHECK(schedule.take(item_of(row, "a", kStart), kStart + row * kSecond));
  schedule.take(item_of(7, "b", kStart), kStart + 8 * kSecond);
  CHECK(sent(schedule, kStart + 8 * kSecond).front().rows == std::vector<int64_t>{7});
  CHECK(schedule.wake() == kStart + 10 * kMinute);
  CHECK(sent(schedule, kStart + 10 * kMinute - 1).empty());
  const std::vector<Message> messages = sent(schedule, kStart + 10 * kMinute);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].kind == Message::Kind::repeats);
  CHECK(messages[0].digest.alerts == 5);
  CHECK(messages[0].digest.by_rule.at("r").count == 5);
  CHECK(messages[0].digest.last_message == "message 6");
  CHECK(messages[0].rows == std::vector<int64_t>{2, 3, 4, 5, 6});
  // The clock of the group starts anew with each message.
  schedule.take(item_of(8, "a", kStart), kStart + 11 * kMinute);
  CHECK(schedule.wake() == kStart + 20 * kMinute);
}

TEST_CASE("schedule: a repeat that stays alone is told as the alert that it is") {
  Schedule schedule({by_rule(kMinute)});
  schedule.take(item_of(1, "a", kStart), kStart);
  sent(schedule, kStart);
  schedule.take(item_of(2, "a", kStart), kStart + kSecond);
  const std::vector<Message> messages = sent(schedule, kStart + kMinute);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].kind == Message::Kind::alert);
  CHECK(messages[0].id == id_of(2));
}

TEST_CASE("schedule: a silent group begins anew") {
  Schedule schedule({by_rule(kMinute)});
  schedule.take(item_of(1, "a", kStart), kStart);
  sent(schedule, kStart);
  CHECK_FALSE(schedule.take(item_of(2, "a", kStart), kStart + kMinute));
  CHECK(sent(schedule, kStart + kMinute).size() == 1);
}

TEST_CASE("schedule: wait collects what comes together") {
  Schedule schedule({Grouping{{"rule"}, 30 * kSecond, 10 * kMinute, 0}});
  for (int row = 1; row <= 3; ++row) schedule.take(item_of(row, "a", kStart), kStart + row * kSecond);
  CHECK(sent(schedule, kStart + 4 * kSecond).empty());
  CHECK(schedule.wake() == kStart + 31 * kSecond);
  const std::vector<Message> messages = sent(schedule, kStart + 31 * kSecond);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].digest.alerts == 3);
}

TEST_CASE("schedule: of a storm the rest is one summary with counts by rule, and nothing is lost") {
  Grouping grouping;
  grouping.storm_per_minute = 10;
  Schedule schedule({grouping});
  for (int row = 1; row <= 500; ++row)
    schedule.take(item_of(row, "", kStart + row, row % 5 == 0 ? "rare" : "often"), kStart + row);
  std::vector<Message> messages = sent(schedule, kStart + kSecond);
  CHECK(messages.size() == 10);
  for (const Message& message : sent(schedule, kStart + kMinute + kSecond)) messages.push_back(message);
  REQUIRE(messages.size() == 11);
  const Message& storm = messages.back();
  CHECK(storm.kind == Message::Kind::storm);
  CHECK(storm.digest.alerts == 490);
  CHECK(storm.digest.by_rule.at("rare").count == 98);
  CHECK(storm.digest.by_rule.at("often").count == 392);
  std::set<int64_t> rows;
  for (const Message& message : messages)
    for (const int64_t row : message.rows) CHECK(rows.insert(row).second);
  CHECK(rows.size() == 500);
}

TEST_CASE("schedule: what waited through an outage is no storm") {
  Grouping grouping;
  grouping.storm_per_minute = 20;
  Schedule schedule({grouping});
  // 1,000 alerts of an hour, all handed over at its end.
  for (int row = 1; row <= 1'000; ++row)
    CHECK_FALSE(schedule.take(item_of(row, "", kStart + row * 3'600'000LL), kStart + 60 * kMinute));
  CHECK(sent(schedule, kStart + 60 * kMinute).size() == 1'000);
}

TEST_CASE("schedule: repeats of a group are no part of a storm, what must go is never folded") {
  Grouping grouping = by_rule(10 * kMinute);
  grouping.storm_per_minute = 3;
  Schedule schedule({grouping});
  for (int row = 1; row <= 50; ++row) schedule.take(item_of(row, "a", kStart), kStart);
  for (int row = 51; row <= 52; ++row)
    CHECK_FALSE(schedule.take(item_of(row, "b" + std::to_string(row), kStart), kStart));
  CHECK(schedule.take(item_of(53, "c", kStart), kStart));
  Item resolve = item_of(54, "a", kStart);
  resolve.update = resolve.must_go = true;
  CHECK_FALSE(schedule.take(resolve, kStart));
  CHECK(sent(schedule, kStart).size() == 4);
}

TEST_CASE("schedule: the message to go stays the same until it is done") {
  Schedule schedule({by_rule(kMinute)});
  schedule.take(item_of(1, "a", kStart), kStart);
  sent(schedule, kStart);
  schedule.take(item_of(2, "a", kStart), kStart);
  schedule.take(item_of(3, "a", kStart), kStart);
  const Message* first = schedule.next(kStart + kMinute);
  REQUIRE(first);
  schedule.take(item_of(4, "a", kStart), kStart + 2 * kMinute);
  const Message* again = schedule.next(kStart + 10 * kMinute);
  REQUIRE(again);
  CHECK(again->rows == std::vector<int64_t>{2, 3});
}

TEST_CASE("schedule: groups that were told are remembered, those that were only made ready are not") {
  Schedule before({by_rule(10 * kMinute)});
  before.take(item_of(1, "a b\n1 2", kStart), kStart);
  sent(before, kStart);
  before.take(item_of(2, "waiting", kStart), kStart);
  const std::string saved = before.save(kStart + kSecond);
  Schedule after({by_rule(10 * kMinute)});
  after.restore(saved);
  CHECK(after.take(item_of(3, "a b\n1 2", kStart), kStart + kMinute));
  CHECK_FALSE(after.take(item_of(2, "waiting", kStart), kStart + kMinute));
  for (const char* broken :
       {"", "x", "1", "1 ", "1 5", "1 5 abc", "99999999999999999999 1 a\n", "1 99999999999999999999 a\n"})
    after.restore(broken);
}

TEST_CASE("schedule: each way has its own groups and its own guard") {
  Grouping often = by_rule(kMinute), seldom = by_rule(60 * kMinute);
  often.storm_per_minute = 2;
  Schedule schedule({often, seldom});
  const auto take = [&](int64_t row, const char* group, size_t way) {
    Item item = item_of(row, group, kStart);
    item.way = way;
    return schedule.take(std::move(item), kStart);
  };
  CHECK_FALSE(take(1, "a", 0));
  CHECK_FALSE(take(2, "a", 1));
  CHECK(take(3, "a", 0));
  CHECK(take(4, "a", 1));
  CHECK_FALSE(take(5, "b", 0));
  CHECK(take(6, "c", 0));  // the third group of a minute is a storm there
  CHECK_FALSE(take(7, "c", 1));
  CHECK(sent(schedule, kStart).size() == 4);
  std::vector<Message> messages = sent(schedule, kStart + kMinute);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].rows == std::vector<int64_t>{3});
  CHECK(messages[1].rows == std::vector<int64_t>{6});
  messages = sent(schedule, kStart + 60 * kMinute);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].rows == std::vector<int64_t>{4});
}

TEST_CASE("schedule: any mixture leaves every row in one message and keeps the order of a group") {
  uint64_t seed = 1;
  const auto random = [&](uint64_t below) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % below;
  };
  for (int round = 0; round < 30; ++round) {
    Grouping grouping;
    if (random(2)) grouping = {{"rule"}, static_cast<int64_t>(random(2)) * 5 * kSecond, kMinute, 0};
    grouping.storm_per_minute = random(2) ? 1 + random(20) : 0;
    Schedule schedule({grouping});
    int64_t now = kStart;
    std::vector<Message> messages;
    for (int row = 1; row <= 300; ++row) {
      now += static_cast<int64_t>(random(2 * kSecond));
      Item item = item_of(row, grouping.by.empty() ? "" : "g" + std::to_string(random(5)), now);
      item.update = random(4) == 0;
      item.folded = item.update && random(2);
      schedule.take(std::move(item), now);
      if (random(3) == 0)
        for (Message& message : sent(schedule, now)) messages.push_back(std::move(message));
    }
    while (const std::optional<int64_t> wake = schedule.wake()) {
      now = std::max(now, *wake);
      for (Message& message : sent(schedule, now)) messages.push_back(std::move(message));
    }
    CHECK(schedule.held() == 0);
    std::set<int64_t> rows;
    std::map<std::string, int64_t> newest;
    for (const Message& message : messages) {
      for (const int64_t row : message.rows) CHECK(rows.insert(row).second);
      if (message.kind != Message::Kind::alert || message.group.empty()) continue;
      CHECK(newest[message.group] < message.rows.back());
      newest[message.group] = message.rows.back();
    }
    CHECK(rows.size() == 300);
  }
}

TEST_CASE("schedule: it takes no more than it can hold") {
  Schedule schedule({Grouping{}});
  int64_t row = 0;
  while (schedule.room() > 0) {
    Item item = item_of(++row, "", kStart);
    item.body = std::string(1 << 20, 'x');
    schedule.take(std::move(item), kStart);
  }
  CHECK(row == 8);
  sent(schedule, kStart);
  CHECK(schedule.room() == 200);
}

TEST_CASE("schedule: a spray of groups is told together") {
  Schedule schedule({by_rule(10 * kMinute)});
  size_t told = 0;
  for (int row = 1; row <= 30'000; ++row) {
    schedule.take(item_of(row, "g" + std::to_string(row), kStart), kStart);
    told += sent(schedule, kStart).size();
  }
  CHECK(told == 20'000);
  const std::vector<Message> rest = sent(schedule, kStart + kMinute);
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].digest.alerts == 10'000);
}
