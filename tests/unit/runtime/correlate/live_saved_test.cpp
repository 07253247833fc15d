// The saved state: what is refused, what is forgotten and said, and that no bytes break the reader.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "live_feed.h"
#include "runtime/correlate/aggregates.h"
#include "runtime/correlate/state_bytes.h"
#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

using Kind = match::Aggregate::Kind;
constexpr int64_t kMinute = 60;

int64_t minutes(int64_t at) { return *match::parse_time("2026-01-01T00:00:00Z") + at * kMinute * kSecond; }

// Every kind of state, with rows that wait, alerts that are open and silences that last.
struct Everything : Pack {
  explicit Everything(double least = 3, uint64_t shape = 7) {
    source_info(kOne).late_ms = source_info(kTwo).late_ms = 15 * kMinute * 1000;
    match::Correlation& c = correlation("numbers", 10 * kMinute);
    asks(c, Kind::count, {}, least);
    for (Kind kind : {Kind::distinct, Kind::sum, Kind::average, Kind::minimum, Kind::maximum, Kind::percentile,
                      Kind::sample})
      asks(c, kind, {kind == Kind::distinct || kind == Kind::sample ? 2u : 0u}, 0);
    c.aggregates.back().parameter = 3;
    match::WindowNumber usual;
    usual.kind = match::WindowNumber::Kind::baseline;
    usual.over_us = c.span_us * 6;
    c.numbers.push_back(usual);
    c.condition.resize(1);
    c.warmup_us = 0;
    c.shape = shape;
    last().suppress_ms = 60 * kMinute * 1000;
    steps(correlation("steps", 60 * kMinute, {kOne, kTwo}), "2 a then not b");
    steps(correlation("any", 60 * kMinute), "a and b and not c");
    match::Correlation& fresh = correlation("fresh", 60 * kMinute);
    fresh.kind = match::Correlation::Kind::first_seen;
    match::WindowCondition leaf;
    leaf.kind = match::WindowCondition::Kind::is_new;
    leaf.values = {2};
    fresh.condition = {leaf};
    rule("calm", kAlways, {kOne, kTwo}).suppress_ms = 20 * kMinute * 1000;
    rule("each", begins(kName, "b"), {kOne, kTwo});
    rule("after", begins(kRule, "numbers"), {kAlerts});
  }
};

void feed_some(LiveFeed& feed, int64_t from, int64_t to) {
  for (int64_t minute = from; minute < to; ++minute) {
    const std::string name = minute % 3 == 0 ? "a" : minute % 3 == 1 ? "b" : "c";
    const std::string more = fmt::format(R"("user":"u{}","size":{})", minute % 2, minute % 5 == 0 ? "0.5" : "7");
    feed.take(event(minute * kMinute, name + std::to_string(minute), more, minute % 4 == 0 ? kTwo : kOne), minutes(minute));
    feed.advance(minutes(minute));
  }
  feed.said();
}

LiveOptions packed_from(size_t groups) {
  LiveOptions options;
  options.pack_from = groups;
  return options;
}

std::string with_checksum(const std::string& key, std::string body) {
  const uint64_t sum = part_checksum(key, body);
  for (int shift = 0; shift < 64; shift += 8) body += static_cast<char>(sum >> shift);
  return body;
}

std::optional<std::string> restored(const Pack& pack, const std::vector<SavedPart>& parts,
                                    std::vector<std::string>* forgotten = nullptr) {
  Live live(pack.program());
  std::vector<std::string> gone;
  auto wrong = live.restore(parts, gone);
  if (forgotten) *forgotten = gone;
  return wrong;
}

// What is in packs can be changed byte by byte where it is not compressed, which is read as well.
std::vector<SavedPart> in_plain_packs(const Pack& pack, std::vector<SavedPart> parts) {
  for (SavedPart& part : parts) {
    if (part.key[0] != 'p') continue;
    StateReader reader("");
    std::string unpacked;
    REQUIRE(!unseal(part.key, *part.value, *pack.program(), reader, unpacked));
    part.value = with_checksum(part.key, part.value->substr(0, 4) + '\2' + unpacked);
  }
  REQUIRE(!restored(pack, parts));
  return parts;
}

TEST_CASE("a state that is cut off, damaged, of another version or without its head is refused") {
  Everything pack;
  LiveFeed feed(pack);
  feed_some(feed, 0, 59);
  feed.restart(packed_from(1));
  feed_some(feed, 59, 60);  // of one user: that of the other stand by themselves
  const std::vector<SavedPart> parts = feed.saved();
  REQUIRE(parts.size() > 15);
  REQUIRE(!restored(pack, parts));
  std::string kinds;
  for (const SavedPart& part : parts)
    if (kinds.find(part.key[0]) == std::string::npos) kinds += part.key[0];
  CHECK(kinds.size() == 7);
  for (size_t i = 0; i < parts.size(); ++i) {
    INFO("part ", i, " ", parts[i].key);
    auto changed = [&](auto change) {
      std::vector<SavedPart> others = parts;
      change(others[i]);
      return restored(pack, others).value_or("");
    };
    CHECK(changed([](SavedPart& part) { part.value->pop_back(); }).find("checksum is wrong") != std::string::npos);
    CHECK(changed([](SavedPart& part) { part.value->resize(part.value->size() / 2); }) != "");
    CHECK(changed([](SavedPart& part) { part.value->clear(); }).find("not a part of Weir's state") !=
          std::string::npos);
    CHECK(changed([](SavedPart& part) { (*part.value)[part.value->size() / 2] ^= 4; }) != "");
    CHECK(changed([](SavedPart& part) { (*part.value)[4] = 9; }).find("version 9") != std::string::npos);
    CHECK(changed([](SavedPart& part) { part.key += 'x'; }) != "");
  }
  std::vector<SavedPart> headless = parts;
  std::erase_if(headless, [](const SavedPart& part) { return part.key == "h"; });
  CHECK(restored(pack, headless).value_or("").find("no head") != std::string::npos);
  CHECK(!restored(pack, {}));
}

TEST_CASE("a rule whose correlation changed begins anew, is named, and learns; its open alerts are withdrawn") {
  Everything pack;
  LiveFeed feed(pack);
  feed_some(feed, 0, 70);
  const std::vector<SavedPart> parts = feed.saved();
  const auto of_numbers = std::count_if(feed.open().begin(), feed.open().end(), [](const auto& open) {
    return open.second.rule == 0;
  });
  REQUIRE(of_numbers > 0);

  Everything other(3, 8);
  Live live(other.program());
  std::vector<std::string> forgotten;
  REQUIRE(!live.restore(parts, forgotten));
  CHECK(forgotten == std::vector<std::string>{"numbers"});
  const std::vector<Alert> said = live.take_alerts();
  CHECK(std::count_if(said.begin(), said.end(), [](const Alert& alert) {
          return alert.rule == 0 && alert.state == "withdrawn";
        }) == of_numbers);
  for (const Alert& alert : said) CHECK((alert.state == "withdrawn" && (alert.rule == 0 || alert.rule == 6)));
}

// What `numbers` tells at those minutes, three events each.
std::vector<bool> learning(const Pack& pack, const std::vector<SavedPart>& parts, std::vector<int64_t> at) {
  Live live(pack.program());
  std::vector<std::string> forgotten;
  REQUIRE(!live.restore(parts, forgotten));
  match::Decoder decoder(pack.program());
  for (int64_t minute : at) {
    for (int i = 0; i < 4; ++i) {
      const std::string line =
          event(minute * kMinute + i, "x", R"("user":"new)" + std::to_string(minute) + R"(","size":1)").json;
      const std::string padded = line + std::string(match::kPadding, ' ');
      const std::string_view record(padded.data(), line.size());
      decoder.decode(record, kOne);
      std::vector<uint64_t> matched(1);
      pack.program()->match(pack.program()->code.get(), &decoder.event(), nullptr, matched.data());
      live.take(decoder, nullptr, matched.data(), record, false, "", minutes(minute + 1));
    }
  }
  std::vector<bool> out;
  for (const Alert& alert : live.take_alerts())
    if (alert.rule == 0 && alert.state == "open") out.push_back(alert.learning);
  return out;
}

TEST_CASE("what a rule could not know yet is told as learning, for one span") {
  Everything pack;
  LiveFeed feed(pack);
  feed_some(feed, 0, 60);
  const std::vector<SavedPart> parts = feed.saved();
  CHECK(learning(pack, parts, {61, 80}) == std::vector<bool>{false, false});
  CHECK(learning(Everything(3, 8), parts, {61, 80}) == std::vector<bool>{true, false});
  // More events have to be kept than were; fewer, or as many, do not.
  CHECK(learning(Everything(4), parts, {50, 80}) == std::vector<bool>{true, false});
  CHECK(learning(Everything(2), parts, {61, 80}) == std::vector<bool>{false, false});
}

TEST_CASE("that time passes is saved now and then only, and with whatever else is") {
  Everything pack;
  LiveFeed feed(pack);
  feed_some(feed, 0, 20);
  feed.saved();
  const auto saves = [&](int64_t delivered) {
    feed.live().advance({delivered, delivered, delivered});
    return feed.live().take_saved().size();
  };
  const int64_t now = minutes(140);  // nothing waits any more
  saves(now);
  CHECK(saves(now) == 0);
  CHECK(saves(now + 9'900'000) == 0);
  CHECK(saves(now + 10'000'000) == 1);
  CHECK(saves(now + 10'100'000) == 0);
  feed.take(event(141 * kMinute, "a", R"("user":"u0","size":2)"), now + 10'200'000);
  const std::vector<SavedPart> parts = feed.live().take_saved();
  REQUIRE(parts.size() > 1);
  CHECK(parts.back().key.size() == 1);  // the head
}

// One group a user. What is saved is what was written last under each key, as a store has it.
TEST_CASE("packs are taken apart when what they hold is elsewhere") {
  Pack pack;
  pack.source_info(kOne).late_ms = 0;
  match::Correlation& c = pack.correlation("many", 60 * kMinute);
  asks(c, Kind::count, {}, 1000);
  LiveFeed feed(pack, packed_from(8));
  const auto see = [&](int64_t minute, int from, int to) {
    for (int user = from; user < to; ++user)
      feed.take(
          event(minute * kMinute, fmt::format("a{}-{}", minute, user), fmt::format(R"("user":"u{}")", user)),
          minutes(minute));
    feed.advance(minutes(minute) + 1);
    feed.said();
    const std::vector<SavedPart> parts = feed.saved();
    CHECK(!restored(pack, parts));
    std::string kinds;
    for (const SavedPart& part : parts) kinds += part.key[0];
    return kinds;  // in the order of keys
  };
  const std::string seven = "ggggggg";
  CHECK(see(0, 0, 20) == "hp");
  CHECK(see(1, 0, 7) == seven + "hp");  // each has a part of its own
  CHECK(see(2, 0, 7) == seven + "hp");  // and keeps it
  CHECK(see(3, 7, 10) ==
        seven + "hp");  // half are elsewhere: the ten that are not stand in another pack, with these three
  feed.restart();
  CHECK(see(4, 0, 1) == seven + "hp");
  CHECK(see(5, 0, 20) == "hp");
  CHECK(see(70, 100, 101) == "ggghp");  // an hour has passed: two are gone, which the pack does not know
  feed.restart();
  CHECK(see(71, 0, 20) == "ghp");
}

// As versions before wrote it: the values of a sample were read from events.
TEST_CASE("a sample of events is read, and begins anew") {
  const auto event = std::make_shared<StoredEvent>();
  StateWriter writer;
  writer(uint8_t{5}, std::vector<std::pair<Identity128, Place>>(3, {{1, 2}, {event, 0, {3, 4}}}), uint8_t{9});
  StateReader reader(writer.bytes());
  reader.events = writer.events();
  AggregateState state;
  uint8_t next = 0;
  reader(state, next);
  REQUIRE(!reader.failed());
  CHECK(reader.at_end());
  CHECK(next == 9);
  REQUIRE(state.sample());
  CHECK(state.sample()->values.empty());

  StateWriter again;
  again(state);
  StateReader other(again.bytes());
  AggregateState same;
  other(same);
  CHECK(!other.failed());
  CHECK(same.sample());
  for (const char kind : {7, 8, 100}) {
    StateReader unknown(std::string_view(&kind, 1));
    unknown(same);
    CHECK(unknown.failed());
  }
}

TEST_CASE("no bytes break the reader, nor what goes on with what it read") {
  Everything pack;
  LiveFeed feed(pack), in_packs(pack, packed_from(1));
  feed_some(feed, 0, 50);
  feed_some(in_packs, 0, 50);
  const std::vector<SavedPart> parts = feed.saved(), packs = in_plain_packs(pack, in_packs.saved());
  int accepted = 0;
  for (uint32_t seed = 0; seed < 1500; ++seed) {
    INFO("seed ", seed);
    std::mt19937 random(seed);
    std::vector<SavedPart> others = seed % 3 == 0 ? packs : parts;
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes) {
      SavedPart& part = others[random() % others.size()];
      std::string body = part.value->substr(0, part.value->size() - 8);
      const size_t at = 5 + random() % (body.size() - 5);
      const char values[] = {0, 1, -1, 127, -128, static_cast<char>(random())};
      body[at] = values[random() % 6];
      if (random() % 8 == 0) body.erase(at, random() % 9);
      part.value = with_checksum(part.key, body);
    }
    LiveFeed other(pack);
    std::vector<std::string> forgotten;
    if (other.live().restore(others, forgotten)) continue;
    ++accepted;
    for (int64_t minute : {51, 52, 53, 120}) {
      for (const char* name : {"a", "b", "c"}) {
        Pack::Line line = event(minute * kMinute, name, R"("user":"u0","size":2)");
        other.take(line, minutes(minute));
      }
      other.live().advance({minutes(minute), minutes(minute), minutes(minute)});
      other.live().take_alerts();
      other.live().take_saved();
    }
    other.end();
    other.live().take_alerts();
  }
  CHECK(accepted > 100);
  CHECK(accepted < 1500);
}

}  // namespace
}  // namespace weir::correlate
