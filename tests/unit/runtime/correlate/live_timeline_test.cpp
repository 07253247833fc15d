// The timelines of language.md, 7: what is said when, minute by minute from 12:00.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "live_feed.h"
#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

using Kind = match::Aggregate::Kind;
using Said = std::vector<std::string>;
constexpr int64_t kMinute = 60, kHour = 3600;

int64_t start() { return *match::parse_time("2026-01-01T00:00:00Z"); }
int64_t minutes(int64_t at) { return start() + at * kMinute * kSecond; }

// "state @minute message"
Said said(LiveFeed& feed) {
  Said out;
  std::map<std::string, int64_t> known;
  for (const auto& [id, alert] : feed.open()) known[id] = alert.order.time;
  for (const Alert& alert : feed.said()) {
    known[alert.id] = alert.order.time;
    std::string text = fmt::format("{} @{}", alert.state, (alert.order.time - start()) / kSecond / kMinute);
    if (alert.replaces) text += fmt::format(" for @{}", (known[*alert.replaces] - start()) / kSecond / kMinute);
    if (!alert.message.empty()) text += " " + alert.message;
    out.push_back(text);
  }
  return out;
}

Said deliver(LiveFeed& feed, int64_t at, const Pack::Line& line) {
  feed.take(line, minutes(at));
  feed.advance(minutes(at));
  return said(feed);
}
Said pass(LiveFeed& feed, int64_t at) {
  feed.advance(minutes(at));
  return said(feed);
}

Pack::Line at(int64_t minute, const std::string& name = "a", const std::string& more = "",
              uint16_t source = kOne) {
  return event(minute * kMinute, name, more, source);
}

// CloudTrail's lateness; messages are the completing event's name.
struct Live15 : Pack {
  Live15() {
    source_info(kOne).late_ms = 15 * kMinute * 1000;
    source_info(kTwo).late_ms = 10 * kMinute * 1000;
  }
  match::Correlation& count_of_three() {
    match::Correlation& c = correlation("c", 10 * kMinute);
    asks(c, Kind::count, {}, 3);
    return c;
  }
};

TEST_CASE("a late event moves the crossing") {
  Live15 pack;
  pack.count_of_three();
  LiveFeed feed(pack);
  CHECK(deliver(feed, 0, at(0)).empty());
  CHECK(deliver(feed, 2, at(2)).empty());
  CHECK(deliver(feed, 4, at(4)) == Said{"open @4 a"});
  CHECK(deliver(feed, 9, at(1, "late")) == Said{"amended @2 for @4 a"});
  CHECK(pass(feed, 16).empty());
  CHECK(pass(feed, 17) == Said{"final @2 a"});
  CHECK(pass(feed, 60).empty());
}

TEST_CASE("a late event changes only the message") {
  Live15 pack;
  match::Correlation& c = pack.correlation("c", 10 * kMinute);
  asks(c, Kind::count, {}, 3);
  c.aggregates[0].where = 0;
  asks(c, Kind::count, {}, 0);
  c.condition.pop_back();
  using PieceKind = match::MessagePiece::Kind;
  pack.last().sources[0].message = {{PieceKind::aggregate, "", match::kNone, 0},
                                    {PieceKind::text, " of "},
                                    {PieceKind::aggregate, "", match::kNone, 1}};
  LiveFeed feed(pack);
  deliver(feed, 0, at(0));
  deliver(feed, 2, at(2));
  CHECK(deliver(feed, 4, at(4)) == Said{"open @4 3 of 3"});
  CHECK(deliver(feed, 9, at(1, "success")).empty());
  CHECK(pass(feed, 19) == Said{"final @4 3 of 4"});
}

TEST_CASE("a withdrawn absence") {
  Live15 pack;
  steps(pack.correlation("n", kHour), "a then not b");
  LiveFeed feed(pack);
  CHECK(deliver(feed, 0, at(0)).empty());
  CHECK(pass(feed, 59).empty());
  CHECK(pass(feed, 60) == Said{"open @60 a"});
  CHECK(deliver(feed, 65, at(50, "b")) == Said{"withdrawn @60 a"});
  CHECK(pass(feed, 300).empty());
}

TEST_CASE("a quiet account") {
  Live15 pack;
  steps(pack.correlation("n", kHour), "a then not b");
  LiveFeed feed(pack);
  CHECK(deliver(feed, 0, at(0)).empty());
  CHECK(pass(feed, 60) == Said{"open @60 a"});
  CHECK(pass(feed, 74).empty());
  CHECK(pass(feed, 75) == Said{"final @60 a"});
}

TEST_CASE("suppress and order") {
  Live15 pack;
  pack.rule("s").suppress_ms = kHour * 1000;
  pack.last().sources[0].suppress_by = {{"user", kUser}};
  LiveFeed feed(pack);
  CHECK(deliver(feed, 5, at(5)) == Said{"open @5"});
  CHECK(deliver(feed, 10, at(0)) == Said{"open @0", "withdrawn @5"});
  CHECK(pass(feed, 14).empty());
  CHECK(pass(feed, 15) == Said{"final @0"});
  CHECK(pass(feed, 90).empty());
}

TEST_CASE("2099 blinds nobody") {
  Live15 pack;
  pack.count_of_three();
  pack.rule("each", pack.begins(kName, "far"));
  LiveFeed feed(pack);
  deliver(feed, 0, at(0));
  CHECK(deliver(feed, 1, at(38'000'000, "far")) == Said{"final @38000000"});
  CHECK(deliver(feed, 2, at(2)).empty());
  CHECK(deliver(feed, 3, at(3)) == Said{"open @3 a"});
  CHECK(feed.counts().ahead[kOne] == 1);
  CHECK(feed.counts().late[kOne] == 0);
}

TEST_CASE("an event too late is seen by rules without correlation only, and neither silences nor is silenced") {
  Live15 pack;
  pack.count_of_three();
  pack.rule("each");
  pack.rule("calm").suppress_ms = kHour * 1000;
  LiveFeed feed(pack);
  CHECK(deliver(feed, 0, at(0)) == Said{"final @0", "open @0"});
  CHECK(pass(feed, 15) == Said{"final @0"});
  CHECK(deliver(feed, 16, at(0)) == Said{"final @0", "final @0"});
  CHECK(deliver(feed, 17, at(2)) == Said{"final @2"});
  CHECK(feed.counts().late[kOne] == 1);
}

TEST_CASE("records of one id, and equal ones without an id, stay events of their own however late they come") {
  constexpr int64_t kDay = 24 * kHour / kMinute;
  Live15 pack;
  pack.rule("each", kAlways, {kOne, kTwo});
  LiveFeed feed(pack);
  const Pack::Line first = at(0), equal = at(0, "a", "", kTwo);
  Pack::Line other = first;
  other.json.replace(other.json.find(R"("name":"a")"), 10, R"("name":"b")");
  deliver(feed, 0, first);
  deliver(feed, 0, equal);
  deliver(feed, 2 * kDay, at(2 * kDay));
  CHECK(deliver(feed, 2 * kDay, other) == Said{"final @0"});
  CHECK(deliver(feed, 2 * kDay, equal) == Said{"final @0"});
  CHECK(feed.final().size() == 5);
}

TEST_CASE("two sources: the rule waits for the slower") {
  Live15 pack;
  steps(pack.correlation("r", kHour, {kOne, kTwo}), "a then b");
  LiveFeed feed(pack);
  for (int64_t second = 0; second < 12 * kMinute; ++second) {
    const int64_t now = start() + second * kSecond;
    feed.take(event(second, second == 60 ? "b" : "c", "", kTwo), now);
    feed.advance(kTwo, now);
    feed.advance(kOne, minutes(0) - 1 + second * kSecond);
    REQUIRE(said(feed).empty());
  }
  feed.take(at(0, "a"), minutes(12));
  feed.advance(minutes(12));
  CHECK(said(feed) == Said{"open @1 b"});
  CHECK(pass(feed, 15).empty());
  CHECK(pass(feed, 16) == Said{"final @1 b"});
}

TEST_CASE("an outage, the newest file first: nothing is late") {
  Live15 pack;
  pack.count_of_three();
  LiveFeed feed(pack);
  const int64_t oldest_unit = minutes(5) - 1;  // sent 09:05, counted from 09:00
  for (int64_t hour : {3, 0, 1, 2}) {
    for (int64_t minute : {0, 1}) feed.take(at(hour * 60 + minute), minutes(hour * 60 + 5));
    feed.advance(oldest_unit);
    CHECK(said(feed).empty());
  }
  feed.take(at(1 * 60 + 5), minutes(1 * 60 + 5));
  CHECK(said(feed) == Said{"open @65 a"});
  CHECK(pass(feed, 4 * 60) == Said{"final @65 a"});
  CHECK(feed.counts().late[kOne] == 0);
}

TEST_CASE("a spray of keys: the pending absence stays, and Weir says that it forgot groups") {
  Live15 pack;
  match::Correlation& c = pack.correlation("n", 24 * kHour);
  steps(c, "a then not b");
  c.state_bytes = 100'000;
  LiveFeed feed(pack);
  feed.take(at(0, "a", R"("user":"waits")"), minutes(0));
  for (int i = 0; i < 3000; ++i)
    feed.take(event(60 + i / 2, "c", fmt::format(R"("user":"u{}")", i)), minutes(1) + i / 2 * kSecond);
  feed.advance(minutes(3 * 60));
  const Said first = said(feed);
  REQUIRE(first.size() == 1);
  CHECK(first[0].find("n had no room for all its groups") != std::string::npos);
  CHECK(feed.counts().evicted[0] > 1000);
  CHECK(pass(feed, 24 * 60) == Said{"open @1440 a"});
  CHECK(pass(feed, 24 * 60 + 15) == Said{"final @1440 a"});
  const auto eviction = std::find_if(feed.final().begin(), feed.final().end(),
                                     [](const auto& alert) { return !alert.second.about.empty(); });
  REQUIRE(eviction != feed.final().end());
  CHECK(to_json(*pack.program(), eviction->second).find(R"("rule":"weir.state_evicted")") != std::string::npos);
}

TEST_CASE("alerts of alerts open, amend and withdraw together") {
  Live15 pack;
  pack.count_of_three();
  pack.rule("after", pack.begins(kRule, "c"), {kAlerts}).sources[0].message = {
      {match::MessagePiece::Kind::text, "heard"}};
  LiveFeed feed(pack);
  deliver(feed, 0, at(0));
  deliver(feed, 2, at(2));
  CHECK(deliver(feed, 4, at(4)) == Said{"open @4 a", "open @4 heard"});
  CHECK(deliver(feed, 9, at(1, "late")) == Said{"amended @2 for @4 a", "amended @2 for @4 heard"});
  CHECK(pass(feed, 17) == Said{"final @2 a", "final @2 heard"});
}

TEST_CASE("a rule over alerts waits for the sources of the rules that it may hear, also through others, and for no more") {
  Live15 pack;
  pack.count_of_three();
  pack.rule("elsewhere", kAlways, {kTwo});
  const auto hearer = [&](const char* name, const char* of, std::optional<std::vector<uint32_t>> hears) {
    match::RuleInfo& rule = pack.rule(name, pack.begins(kRule, of), {kAlerts});
    rule.sources[0].message = {{match::MessagePiece::Kind::text, name}};
    rule.hears = std::move(hears);
  };
  hearer("near", "c", {{0}});
  hearer("far", "near", {{2}});
  hearer("wide", "c", {{0, 1}});
  hearer("anyone", "c", std::nullopt);
  LiveFeed feed(pack);
  feed.advance(minutes(0));
  for (int64_t minute : {0, 2, 4}) feed.take(at(minute), minutes(minute));
  feed.advance(kOne, minutes(4));
  CHECK(said(feed) == Said{"open @4 a", "open @4 near", "open @4 wide", "open @4 anyone", "open @4 far"});
  feed.advance(kOne, minutes(20));
  CHECK(said(feed) == Said{"final @4 a", "final @4 near", "final @4 far"});
  feed.advance(kTwo, minutes(13));
  CHECK(said(feed).empty());
  feed.advance(kTwo, minutes(14));
  CHECK(said(feed) == Said{"final @4 wide", "final @4 anyone"});
}

TEST_CASE("silences that span groups join them") {
  Live15 pack;
  match::Correlation& c = pack.correlation("r", 10 * kMinute);
  asks(c, Kind::count, {}, 2);
  pack.last().suppress_ms = kHour * 1000;
  pack.last().sources[0].suppress_by = {{"name", kName}};
  LiveFeed feed(pack);
  const std::string p = R"("user":"p")", q = R"("user":"q")";
  deliver(feed, 5, at(4, "a", p));
  CHECK(deliver(feed, 5, at(5, "a", p)) == Said{"open @5 a"});
  deliver(feed, 6, at(1, "a", q));
  CHECK(deliver(feed, 6, at(2, "a", q)) == Said{"open @2 a", "withdrawn @5 a"});
  CHECK(pass(feed, 17) == Said{"final @2 a"});
  CHECK(pass(feed, 60).empty());
}

TEST_CASE("an absence that another silenced is told when the other is withdrawn, though its row was decided long ago") {
  Live15 pack;
  steps(pack.correlation("n", kHour), "a then not b");
  pack.last().suppress_ms = kHour * 1000;
  pack.last().sources[0].suppress_by = {{"name", kName}};
  LiveFeed feed(pack);
  const std::string p = R"("user":"p")", q = R"("user":"q")";
  deliver(feed, 0, at(0, "a", p));
  deliver(feed, 1, at(1, "a", q));
  CHECK(pass(feed, 62) == Said{"open @60 a"});
  CHECK(deliver(feed, 63, at(50, "b", p)) == Said{"withdrawn @60 a", "open @61 a"});
  CHECK(pass(feed, 76) == Said{"final @61 a"});
}

TEST_CASE("a dated future: a deadline before the row is told when its time comes") {
  Live15 pack;
  steps(pack.correlation("n", 3 * kMinute), "a then not b");
  LiveFeed feed(pack);
  deliver(feed, 0, at(0));
  CHECK(deliver(feed, 1, at(5, "c")).empty());
  CHECK(pass(feed, 2).empty());
  CHECK(pass(feed, 3) == Said{"open @3 a"});
  CHECK(pass(feed, 18) == Said{"final @3 a"});
}

TEST_CASE("without room rows are decided early, and later ones are late") {
  Live15 pack;
  pack.count_of_three();
  LiveFeed feed(pack, {20'000});
  for (int i = 0; i < 200; ++i) feed.take(event(i, "a", R"("user":"x)" + std::to_string(i) + "\""), minutes(4));
  CHECK(feed.counts().decided_early[0] > 100);
  const uint64_t early = feed.counts().decided_early[0];
  feed.take(event(0, "a"), minutes(4));
  CHECK(feed.counts().late[kOne] == 1);
  CHECK(feed.counts().decided_early[0] == early);
}

}  // namespace
}  // namespace weir::correlate
