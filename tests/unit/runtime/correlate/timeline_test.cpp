// What windows, steps, first-seen and suppression mean, from records to alerts (language.md, 6 and 7).
#include <doctest/doctest.h>

#include <algorithm>

#include "pack.h"

namespace weir::correlate {
namespace {

using Kind = match::Aggregate::Kind;
using Lines = std::vector<Pack::Line>;
using Told = std::vector<std::string>;

Lines every(int64_t begin, int64_t step, int times, const std::string& name, const std::string& more = "") {
  Lines lines;
  for (int i = 0; i < times; ++i) lines.push_back(event(begin + step * i, name, more));
  return lines;
}
Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The same from any order and split.
Told alerts(const Pack& pack, const Lines& lines, bool for_ever = true) {
  const Replay replay = pack.run(lines, 0, for_ever);
  auto json = [&](const Replay& replay) {
    std::vector<std::string> out;
    for (const Alert& alert : replay.alerts) out.push_back(to_json(*pack.program(), alert));
    return out;
  };
  for (uint32_t shuffle = 1; shuffle <= 6; ++shuffle)
    CHECK(json(pack.run(lines, shuffle, for_ever)) == json(replay));
  return pack.told(replay);
}

constexpr int64_t kMinute = 60, kHour = 3600;

TEST_CASE("a burst fires once, at the event that completes it, and again after it was false") {
  Pack pack;
  asks(pack.correlation("r", 10 * kMinute), Kind::count, {}, 3);
  CHECK(alerts(pack, every(0, kMinute, 8, "x")) == Told{"@120 r x"});
  CHECK(alerts(pack, every(0, 4 * kMinute, 10, "x")) == Told{"@480 r x"});
  CHECK(alerts(pack, every(0, kMinute, 3, "x") + every(15 * kMinute, kMinute, 3, "x")) ==
        Told{"@120 r x", "@1020 r x"});
  CHECK(alerts(pack, every(1, 0, 3, "x")) == Told{"@1 r x"});
}

TEST_CASE("the event exactly a span ago has left") {
  Pack pack;
  asks(pack.correlation("r", 10 * kMinute), Kind::count, {}, 2);
  CHECK(alerts(pack, every(0, 10 * kMinute, 2, "x")).empty());
  CHECK(alerts(pack, every(0, 10 * kMinute - 1, 2, "x")) == Told{"@599 r x"});
}

TEST_CASE("a condition that one event meets fires again when the window had emptied") {
  Pack pack;
  asks(pack.correlation("r", 10 * kMinute), Kind::maximum, {0}, 40);
  CHECK(alerts(pack, {event(0, "x", R"("size":50)"), event(300, "x", R"("size":60)"),
                      event(900, "x", R"("size":60)")}) == Told{"@0 r x", "@900 r x"});
}

TEST_CASE("tumbling: the boundary belongs to the new slot, once a slot") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", 10 * kMinute);
  c.window = match::Correlation::Window::tumbling;
  asks(c, Kind::count, {}, 2);
  CHECK(alerts(pack, {event(599, "x"), event(600, "x")}).empty());
  CHECK(alerts(pack, every(0, 1, 5, "x") + every(600, 1, 2, "x")) == Told{"@1 r x", "@601 r x"});
}

TEST_CASE("tumbling closed is decided when the slot ends, and not before the newest event has come so far") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", 10 * kMinute);
  c.window = match::Correlation::Window::tumbling_closed;
  asks(c, Kind::count, {}, 1);
  c.condition[0].compare = match::WindowCondition::Compare::equal;
  CHECK(alerts(pack, {event(5, "x"), event(605, "y"), event(606, "y")}) == Told{"@600 r x"});
  CHECK(alerts(pack, {event(5, "x")}) == Told{"@600 r x"});
  CHECK(alerts(pack, {event(5, "x")}, false).empty());
  CHECK(pack.run({event(5, "x")}, 0, false).undecided.size() == 1);
}

TEST_CASE("suppress: a rise inside the silence is not lost for ever, and is counted") {
  Pack pack;
  asks(pack.correlation("r", 10 * kMinute), Kind::count, {}, 3);
  pack.last().suppress_ms = kHour * 1000;
  const Lines lines = every(0, kMinute, 3, "x") + every(40 * kMinute, kMinute, 60, "x");
  CHECK(alerts(pack, lines) == Told{"@120 r x", "@3720 r x"});
  CHECK(pack.run(lines).alerts[1].held_back == 1);
}

TEST_CASE("suppress by something else silences other groups") {
  Pack pack;
  asks(pack.correlation("r", 10 * kMinute), Kind::count, {}, 1);
  pack.last().suppress_ms = kHour * 1000;
  pack.last().sources[0].suppress_by = {{"name", kName}};
  CHECK(alerts(pack, {event(0, "x", R"("user":"u")"), event(1, "x", R"("user":"v")"),
                      event(2, "y", R"("user":"v")")}) == Told{"@0 r x", "@2 r y"});
}

TEST_CASE("a then b: the latest a, used up by the match; of one time in either order") {
  Pack pack;
  steps(pack.correlation("r", kHour), "a then b");
  pack.last().sources[0].message = {{match::MessagePiece::Kind::step, "", kName, 0},
                                    {match::MessagePiece::Kind::text, "-"},
                                    {match::MessagePiece::Kind::step, "", kName, 1}};
  CHECK(alerts(pack, {event(0, "a1"), event(60, "a2"), event(120, "b1"), event(180, "b2")}) ==
        Told{"@120 r a2-b1"});
  CHECK(alerts(pack, {event(1, "b"), event(1, "a")}) == Told{"@1 r a-b"});
  CHECK(alerts(pack, {event(0, "b"), event(60, "a")}).empty());
  CHECK(alerts(pack, {event(0, "a"), event(kHour, "b")}).empty());
  const Replay replay = pack.run({event(0, "a1"), event(120, "b1")});
  REQUIRE(replay.alerts.size() == 1);
  REQUIRE(replay.alerts[0].steps.size() == 2);
  CHECK(replay.alerts[0].steps[0].first == "a");
  CHECK(replay.alerts[0].steps[0].second.find("\"a1\"") != std::string::npos);
  CHECK(replay.alerts[0].window->events == 2);
}

TEST_CASE("forty failures and two successes are one story") {
  Pack pack;
  steps(pack.correlation("r", kHour), "40 a then b");
  CHECK(alerts(pack, every(0, kMinute, 40, "a") +
                         Lines{event(41 * kMinute, "b1"), event(42 * kMinute, "b2")}) == Told{"@2460 r b1"});
  CHECK(alerts(pack, every(0, kMinute, 39, "a") + Lines{event(41 * kMinute, "b1")}).empty());
}

TEST_CASE("a then not b: decided one span after a") {
  Pack pack;
  steps(pack.correlation("r", kHour), "a then not b");
  CHECK(alerts(pack, {event(0, "a")}) == Told{"@3600 r a"});
  CHECK(alerts(pack, {event(0, "a")}, false).empty());
  CHECK(alerts(pack, {event(1, "a"), event(1, "b")}).empty());
  CHECK(alerts(pack, {event(0, "a"), event(kHour, "b")}, false) == Told{"@3600 r a"});
  CHECK(alerts(pack, {event(0, "a"), event(65 * kMinute, "a"), event(59 * kMinute, "b")}) ==
        Told{"@7500 r a"});
  const Replay open = pack.run({event(0, "a"), event(60, "a")}, 0, false);
  REQUIRE(open.undecided.size() == 1);
  CHECK(open.undecided[0].deadline == open.undecided[0].alert.order.time);
  CHECK(open.undecided[0].alert.event.find("\"a\"") != std::string::npos);
}

TEST_CASE("a source goes silent: one alert, a span after the last") {
  Pack pack;
  steps(pack.correlation("r", 30 * kMinute), "a then not a");
  CHECK(alerts(pack, every(0, kMinute, 20, "a")) == Told{"@2940 r a"});
  CHECK(alerts(pack, every(0, 0, 3, "a")) == Told{"@1800 r a"});
  CHECK(alerts(pack, every(0, 30 * kMinute, 2, "a")) == Told{"@1800 r a", "@3600 r a"});
}

TEST_CASE("negations before, between and beside") {
  Pack first, between, beside;
  steps(first.correlation("r", kHour), "not a then b");
  CHECK(alerts(first, {event(300, "b")}) == Told{"@300 r b"});
  CHECK(alerts(first, {event(0, "a"), event(300, "b")}).empty());
  CHECK(alerts(first, {event(300, "a"), event(300, "b")}).empty());
  CHECK(alerts(first, {event(0, "a"), event(kHour, "b")}) == Told{"@3600 r b"});
  steps(between.correlation("r", kHour), "a then not b then c");
  CHECK(alerts(between, {event(0, "a"), event(120, "c")}) == Told{"@120 r c"});
  CHECK(alerts(between, {event(0, "a"), event(60, "b"), event(120, "c")}).empty());
  CHECK(alerts(between, {event(0, "a"), event(120, "b"), event(120, "c")}).empty());
  steps(beside.correlation("r", kHour), "a and b and not c");
  CHECK(alerts(beside, {event(0, "b"), event(60, "a")}) == Told{"@60 r a"});
  CHECK(alerts(beside, {event(0, "c"), event(1, "b"), event(60, "a")}).empty());
}

TEST_CASE("exempt events: only their absence counts") {
  Pack pack;
  steps(pack.correlation("r", kHour), "a then not b");
  pack.last().sources[0].counted = pack.no(pack.begins(kTags, "robot"));
  CHECK(alerts(pack, {event(0, "a"), event(300, "b", R"("tags":"robot")")}).empty());
  CHECK(alerts(pack, {event(0, "a", R"("tags":"robot")")}).empty());
}

TEST_CASE("new: an array stands for each element, seen again each time, after the warm-up") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", 10);
  c.kind = match::Correlation::Kind::first_seen;
  c.warmup_us = 7'000'000;
  match::WindowCondition leaf;
  leaf.kind = match::WindowCondition::Kind::is_new;
  leaf.values = {0, 1};
  c.condition = {leaf};
  const std::string seen = R"("size":1,"tags":["p","q"])";
  CHECK(alerts(pack, {event(0, "x", seen), event(9, "x", seen), event(18, "x", seen),
                      event(28, "x", seen)}) == Told{"@28 r x"});
  CHECK(alerts(pack, {event(0, "x", R"("user":"other")"), event(30, "x", R"("size":1,"tags":"p")")}) ==
        Told{"@30 r x"});
  CHECK(alerts(pack, {event(0, "x", seen), event(8, "y", R"("size":1,"tags":["q","r"])"),
                      event(9, "z", R"("tags":"r")")}) == Told{"@8 r y"});
}

TEST_CASE("a group younger than the warm-up has no baseline, and empty slots count as zero") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", kHour);
  c.window = match::Correlation::Window::tumbling;
  c.warmup_us = 24 * kHour * 1'000'000;
  asks(c, Kind::count, {}, 20);
  match::WindowNumber usual, five, product;
  usual.kind = match::WindowNumber::Kind::baseline;
  usual.over_us = 7 * 24 * kHour * 1'000'000;
  five.constant = 5;
  product.kind = match::WindowNumber::Kind::multiply;
  product.left = 2;
  product.right = 3;
  c.numbers.insert(c.numbers.end(), {usual, five, product});
  match::WindowCondition more, both;
  more.compare = match::WindowCondition::Compare::greater;
  more.left = 0;
  more.right = 4;
  both.kind = match::WindowCondition::Kind::all;
  both.operands = {0, 1};
  c.condition.insert(c.condition.end(), {more, both});
  CHECK(alerts(pack, Lines{event(0, "x", R"("user":"old")"), event(30 * kHour, "x")} +
                         every(31 * kHour, kMinute, 40, "x"))
            .empty());
  CHECK(alerts(pack, every(0, 4 * kHour, 12, "x") + every(48 * kHour, kMinute, 25, "x")) ==
        Told{"@" + std::to_string(48 * kHour + 19 * kMinute) + " r x"});
}

TEST_CASE(
    "a key that is an array puts the event into the group of each element; without a key it is counted as "
    "such") {
  Pack pack;
  asks(pack.correlation("r", 10 * kMinute), Kind::count, {}, 2);
  pack.last().sources[0].message = {{match::MessagePiece::Kind::key, "", kUser, 0}};
  const Lines lines = {event(0, "x", R"("user":["p","q","q"])"), event(1, "x", R"("user":"q")"),
                       event(2, "x", R"("user":null)")};
  CHECK(alerts(pack, lines) == Told{"@1 r q"});
  CHECK(pack.run(lines).counts[0].without_key == 1);
  CHECK(pack.run(lines).alerts[0].key == std::vector<std::pair<std::string, std::string>>{{"user", "\"q\""}});
}

TEST_CASE("equal records without an id are different events; two sources make one rule") {
  Pack pack;
  asks(pack.correlation("r", 10 * kMinute, {kOne, kTwo}), Kind::count, {}, 3);
  const Pack::Line line = event(0, "x", "", kTwo);
  CHECK(alerts(pack, {line, line, event(5, "y")}) == Told{"@5 r y"});
}

TEST_CASE("rules over alerts hear what is left after suppress, and each other") {
  Pack pack;
  pack.rule("base").suppress_ms = kHour * 1000;
  pack.last().sources[0].suppress_by = {{"user", kUser}};
  match::Correlation& c = pack.correlation("twice", 2 * kHour, {kAlerts});
  asks(c, Kind::count, {}, 2);
  c.group_by.clear();
  pack.last().sources[0].group_by.clear();
  pack.last().sources[0].match = pack.last().sources[0].counted = pack.begins(kRule, "base");
  pack.last().sources[0].message = {{match::MessagePiece::Kind::root, "", kRule}};
  pack.rule("after", pack.begins(kRule, "twice"), {kAlerts}).sources[0].message = {
      {match::MessagePiece::Kind::root, "", kRule}};
  Told told = alerts(pack, {event(0, "x"), event(30 * kMinute, "x"), event(90 * kMinute, "x")});
  std::sort(told.begin(), told.end());  // those of one time by the hashes of the alerts that they heard
  CHECK(told == Told{"@0 base ", "@5400 after twice", "@5400 base ", "@5400 twice base"});
}

TEST_CASE("what an alert of a window says") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", 10 * kMinute);
  asks(c, Kind::distinct, {2}, 3);
  asks(c, Kind::average, {0}, 2);
  asks(c, Kind::sample, {2}, 0);
  c.condition = {c.condition[0]};
  c.aggregates[2].parameter = 2;
  using PieceKind = match::MessagePiece::Kind;
  pack.last().sources[0].message = {{PieceKind::aggregate, "", match::kNone, 0},
                                    {PieceKind::text, " names, size "},
                                    {PieceKind::aggregate, "", match::kNone, 1},
                                    {PieceKind::text, ": "},
                                    {PieceKind::aggregate, "", match::kNone, 2}};
  const Lines lines = {event(0, "x", R"("size":1)"), event(10, "y", R"("size":2.5)"), event(20, "z")};
  CHECK(alerts(pack, lines) == Told{"@20 r 3 names, size 1.75: y, z"});
  const std::string json = to_json(*pack.program(), pack.run(lines).alerts[0]);
  CHECK(
      json.find(
          R"("key":{"user":"u"},"window":{"from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:00:20Z","events":3},)"
          R"("values":{"number0":3,"number1":1.75},"approx":false,"learning":false,"held_back":0)") !=
      std::string::npos);
}

TEST_CASE("a sample shows each value as it was written last, numbers and elements of arrays, too") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", 10 * kMinute);
  c.values[2].identity = match::Identity::domain;
  asks(c, Kind::count, {}, 4);
  asks(c, Kind::sample, {2}, 0);
  asks(c, Kind::sample, {0}, 0);
  c.condition = {c.condition[0]};
  c.aggregates[1].parameter = c.aggregates[2].parameter = 3;
  using PieceKind = match::MessagePiece::Kind;
  pack.last().sources[0].message = {{PieceKind::aggregate, "", match::kNone, 1},
                                    {PieceKind::text, "; "},
                                    {PieceKind::aggregate, "", match::kNone, 2}};
  Pack::Line of_two = event(40, "x", R"("size":7)");
  of_two.json.replace(of_two.json.find(R"("x")"), 3, R"(["Q","Example.COM."])");
  const Lines lines = {event(0, "a.example", R"("size":1)"), event(10, "example.com"),
                       event(20, "b.example", R"("size":2.50)"), of_two};
  CHECK(alerts(pack, lines) == Told{"@40 r b.example, Q, Example.COM.; 1, 2.5, 7"});
}

TEST_CASE("beyond its budget a rule forgets the group that was active longest ago, those that wait last") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", kHour);
  steps(c, "a then not b");
  c.state_bytes = 20'000;
  Lines lines = {event(0, "a", R"("user":"waits")")};
  for (int i = 0; i < 200; ++i) lines.push_back(event(1, "c", R"("user":"u)" + std::to_string(i) + "\""));
  const Replay replay = pack.run(lines);
  CHECK(replay.counts[0].evicted > 100);
  CHECK(replay.counts[0].groups < 100);
  CHECK(pack.told(replay) == Told{"@3600 r a"});
}

TEST_CASE("a group of `new` that alone is too much forgets what it saw longest ago") {
  Pack pack;
  match::Correlation& c = pack.correlation("r", 24 * kHour);
  c.kind = match::Correlation::Kind::first_seen;
  match::WindowCondition leaf;
  leaf.kind = match::WindowCondition::Kind::is_new;
  leaf.values = {2};
  c.condition = {leaf};
  c.state_bytes = 40'000;
  Lines lines;
  for (int i = 0; i < 3000; ++i) lines.push_back(event(i, "x" + std::to_string(i)));
  for (int i = 2950; i < 3000; ++i) lines.push_back(event(3000 + i, "x" + std::to_string(i)));
  lines.push_back(event(7000, "x0"));
  const Replay replay = pack.run(lines);
  CHECK(replay.alerts.size() == 3001);  // the newest are known, the oldest is not
  CHECK(replay.counts[0].evicted > 0);
  CHECK(replay.counts[0].evicted < 100);
}

}  // namespace
}  // namespace weir::correlate
