// A rule that takes long to look at rests before it is looked at again: nothing of what it tells is lost.
#include <doctest/doctest.h>

#include "live_feed.h"
#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

constexpr int64_t kMinute = 60, kMillisecond = 1000;
using Said = std::vector<std::string>;

int64_t minutes(int64_t at) { return *match::parse_time("2026-01-01T00:00:00Z") + at * kMinute * kSecond; }

// Three events of a user within ten minutes; "heard" hears of it. Its looks take as long as `look` says, and nothing
// else takes any time.
struct Resting : Pack {
  Resting() {
    source_info(kOne).late_ms = 15 * kMinute * 1000;
    asks(correlation("three", 10 * kMinute), match::Aggregate::Kind::count, {}, 3);
  }
  void hear() { rule("heard", begins(kRule, "three"), {kAlerts}); }
  LiveOptions options() {
    LiveOptions options;
    options.steady_us = [this] { return clock += look; };
    return options;
  }
  int64_t clock = 0, look = 0;
};

// "state rule @minute"
Said said(const Pack& pack, LiveFeed& feed) {
  Said out;
  for (const Alert& alert : feed.said())
    out.push_back(alert.state + " " + pack.program()->rules[alert.rule].name + " @" +
                  std::to_string((alert.order.time - minutes(0)) / kSecond / kMinute));
  return out;
}

struct Fed : Resting {
  explicit Fed(int64_t look_us, bool heard = false) {
    if (heard) hear();
    look = look_us;
    feed.emplace(*this, options());
    take({0}, 0);
    CHECK(after(0, 0).empty());  // looked at for the first time
  }
  // Events of those minutes are delivered at another.
  void take(std::vector<int64_t> times, int64_t delivered) {
    for (const int64_t time : times) feed->take(event(time * kMinute, "a"), minutes(delivered));
  }
  // What is said when so much time has passed, of delivery and of the clock.
  Said after(int64_t milliseconds, int64_t minute) {
    clock += milliseconds * kMillisecond;
    feed->advance(minutes(minute));
    return said(*this, *feed);
  }
  std::optional<LiveFeed> feed;
};

TEST_CASE("an expensive rule rests ten times as long as it was looked at, a cheap one does not") {
  Fed expensive(20 * kMillisecond), cheap(20);
  for (Fed* fed : {&expensive, &cheap}) fed->take({2, 4}, 4);
  CHECK(expensive.after(100, 4).empty());
  CHECK(cheap.after(100, 4) == Said{"open three @4"});
  CHECK(expensive.after(100, 4) == Said{"open three @4"});
  CHECK(expensive.after(300, 19) == Said{"final three @4"});
}

TEST_CASE("no rule rests longer than a second") {
  Fed fed(1'000 * kMillisecond);
  fed.take({2, 4}, 4);
  fed.look = 0;
  CHECK(fed.after(990, 4).empty());
  CHECK(fed.after(10, 4) == Said{"open three @4"});
}

TEST_CASE("what is decided while a rule rests is final, and heard") {
  Fed fed(20 * kMillisecond, true);
  fed.take({2, 4}, 4);
  CHECK(fed.after(0, 4).empty());
  CHECK(fed.after(0, 19) == Said{"final three @4", "open heard @4", "final heard @4"});
  CHECK(fed.after(2'000, 60).empty());
}

TEST_CASE("what was open is withdrawn when another event completed it while the rule rested, for those that heard it, too") {
  Fed fed(20 * kMillisecond, true);
  fed.take({2, 4}, 4);
  CHECK(fed.after(1'000, 4) == Said{"open three @4", "open heard @4"});
  fed.take({1}, 9);
  CHECK(fed.after(0, 9).empty());
  CHECK(fed.after(0, 19) ==
        Said{"final three @2", "withdrawn three @4", "open heard @2", "withdrawn heard @4", "final heard @2"});
  CHECK(fed.feed->open().empty());
}

// Two users whose alerts silence each other.
struct Silencing : Resting {
  Silencing() {
    last().suppress_ms = 60 * kMinute * 1000;
    last().sources[0].suppress_by = {{"name", kName}};
  }
  void take(LiveFeed& feed, const std::string& user, std::vector<int64_t> times, int64_t delivered) {
    for (const int64_t time : times)
      feed.take(event(time * kMinute, "a", "\"user\":\"" + user + "\""), minutes(delivered));
    feed.advance(minutes(delivered));
  }
};

TEST_CASE("what a silence of a group that was decided while the rule rested holds back is withdrawn") {
  Silencing pack;
  LiveFeed feed(pack, pack.options());
  pack.take(feed, "p", {3, 4, 5}, 5);
  CHECK(said(pack, feed) == Said{"open three @5"});
  pack.look = 20 * kMillisecond;
  pack.take(feed, "p", {6}, 6);
  pack.take(feed, "q", {0, 1, 2}, 6);
  feed.advance(minutes(17));
  CHECK(said(pack, feed) == Said{"final three @2"});
  pack.clock += kSecond;
  feed.advance(minutes(17));
  CHECK(said(pack, feed) == Said{"withdrawn three @5"});
}

TEST_CASE("absences whose deadlines came while the rule rested silence each other") {
  Silencing pack;
  match::Correlation& c = pack.correlation("gone", 60 * kMinute);
  steps(c, "a then not b");
  pack.last().suppress_ms = 60 * kMinute * 1000;
  pack.last().sources[0].suppress_by = {{"name", kName}};
  LiveFeed feed(pack, pack.options());
  pack.look = 20 * kMillisecond;
  feed.take(event(0, "c"), minutes(0));
  feed.advance(minutes(0));
  pack.take(feed, "q", {0}, 0);
  pack.take(feed, "p", {1}, 1);
  feed.advance(minutes(62));
  CHECK(said(pack, feed).empty());
  pack.clock += kSecond;
  feed.advance(minutes(62));
  CHECK(said(pack, feed) == Said{"open gone @60"});
  feed.advance(minutes(75));
  CHECK(said(pack, feed) == Said{"final gone @60"});
  feed.advance(minutes(100));
  CHECK(said(pack, feed).empty());
}

TEST_CASE("the end looks at all, and so does what rests no more") {
  Fed ended(20 * kMillisecond), stopped(20 * kMillisecond);
  for (Fed* fed : {&ended, &stopped}) {
    fed->take({2, 4}, 4);
    CHECK(fed->after(0, 4).empty());
  }
  ended.feed->end();
  CHECK(said(ended, *ended.feed) == Said{"open three @4", "final three @4"});
  stopped.feed->live().rest_no_more();
  CHECK(said(stopped, *stopped.feed) == Said{"open three @4"});
}

TEST_CASE("what is saved while a rule rests is looked at in the next process") {
  Fed fed(20 * kMillisecond, true);
  fed.take({2, 4}, 4);
  CHECK(fed.after(0, 4).empty());
  fed.feed->restart();
  CHECK(said(fed, *fed.feed) == Said{"open three @4", "open heard @4"});
  CHECK(fed.after(0, 19) == Said{"final three @4", "final heard @4"});
}

}  // namespace
}  // namespace weir::correlate
