// What an alert of a correlation says: numbers of its window, fields of its steps, the key that it silences.
#include <doctest/doctest.h>

#include "pack.h"

using namespace weir;
using namespace weir::correlate;

TEST_CASE("a number of a message, a baseline among the values") {
  Pack pack;
  match::Correlation& correlation = pack.correlation("ratio", 60);
  using Kind = match::WindowNumber::Kind;
  correlation.aggregates = {{.kind = match::Aggregate::Kind::count, .text = "count()"}};
  correlation.numbers = {{.kind = Kind::aggregate, .aggregate = 0},
                         {.kind = Kind::constant, .constant = 2},
                         {.kind = Kind::divide, .left = 0, .right = 1},
                         {.kind = Kind::baseline,
                          .aggregate = 0,
                          .over_us = 60'000'000,
                          .text = "baseline(count(), 1m)"}};
  correlation.condition = {
      {.compare = match::WindowCondition::Compare::greater_equal, .left = 0, .right = 1}};
  for (match::RuleOnSource& on : pack.last().sources) {
    match::MessagePiece ratio, baseline;
    ratio.kind = baseline.kind = match::MessagePiece::Kind::number;
    ratio.index = 2;
    baseline.index = 3;
    on.message = {ratio, baseline};
  }
  const Replay replay = pack.run({event(0, "a"), event(1, "a")});
  REQUIRE(replay.alerts.size() == 1);
  CHECK(replay.alerts[0].message == "1-");
  REQUIRE(replay.alerts[0].values.size() == 2);
  CHECK(replay.alerts[0].values[1] == std::pair<std::string, std::string>("baseline(count(), 1m)", "null"));
}

TEST_CASE("a field of a step is that of the step's event, and null where there is none") {
  Pack pack;
  steps(pack.correlation("r", 60), "a then b");
  for (match::RuleOnSource& on : pack.last().sources)
    on.fields = {{.name = "a.size", .root = kSize, .step = 0},
                 {.name = "size", .root = kSize},
                 {.name = "c.size", .root = kSize, .step = 2}};
  const Replay replay = pack.run({event(0, "a", R"("size":7)"), event(1, "b", R"("size":8)")});
  REQUIRE(replay.alerts.size() == 1);
  using Fields = std::vector<std::pair<std::string, std::string>>;
  CHECK(replay.alerts[0].fields == Fields{{"a.size", "7"}, {"size", "8"}, {"c.size", "null"}});
}

TEST_CASE("an element of an array key silences its own group alone") {
  Pack pack;
  match::Correlation& correlation = pack.correlation("r", 60);
  correlation.group_by = {{"tags", match::Identity::exact}};
  asks(correlation, match::Aggregate::Kind::count, {}, 1);
  pack.last().suppress_ms = 60'000;
  for (match::RuleOnSource& on : pack.last().sources) {
    on.group_by = {kTags};
    on.suppress_by = {{.name = "tags", .root = kTags, .key = 0}};
  }
  const Replay replay =
      pack.run({event(0, "a", R"("tags":["x","y"])"), event(1, "a", R"("tags":["x"])")});
  CHECK(replay.alerts.size() == 2);
}

TEST_CASE("an alert out of time silences nothing, is not silenced, and is not heard") {
  Pack pack;
  pack.rule("r").suppress_ms = 60'000;
  Alert alert;
  alert.order = {1, "one", "x"};
  Alert late = alert;
  late.order.time = 0;
  late.out_of_time = true;
  CHECK(order_alerts(*pack.program(), {alert, late}).size() == 2);
  late.out_of_time = false;
  CHECK(order_alerts(*pack.program(), {alert, late}).size() == 1);
}
