// Random packs on live feeds against their replay: whatever the order of arrival within `late`, the batches, the
// copies and the restarts, what is open or final is at each moment what a replay of the events so far tells.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "live_feed.h"
#include "random_case.h"
#include "runtime/correlate/duplicates.h"
#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

constexpr int64_t kUnit = 1000;  // microseconds; spans and lateness are a few of them
constexpr int64_t kLate = 8;     // units

struct Arrival {
  Pack::Line line;
  int64_t time = 0, delivered = 0;
};

class Random {
 public:
  explicit Random(uint32_t seed) : random_(seed) {}
  int64_t upto(int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random_); }
  bool chance(int percent) { return upto(99) < percent; }

 private:
  std::mt19937 random_;
};

int64_t start() { return *match::parse_time("2026-01-01T00:00:00Z"); }

// What of a random case concerns the rule; its rows are made of lines here.
void make_correlation(Pack& pack, const std::string& name, uint32_t seed, std::vector<uint16_t> sources) {
  model::CaseMaker maker(seed);
  const bool of_numbers = seed % 3 == 0;
  const model::Case one = of_numbers ? maker.numbers() : seed % 3 == 1 ? maker.steps() : maker.first_seen();
  match::Correlation& c = pack.correlation(name, 1, std::move(sources));
  const auto group_by = c.group_by;
  const auto values = c.values;
  c = one.correlation;
  c.group_by = group_by;
  c.values = values;
  c.conditions = {"a", "b", "c", "d"};
  for (size_t i = 0; i < c.aggregates.size(); ++i) c.aggregates[i].text = "number" + std::to_string(i);
  if (!of_numbers) c.span_us *= kUnit;
  if (one.suppress_us) pack.last().suppress_ms = std::max<int64_t>(1, *one.suppress_us / kUnit);
}

Pack make_pack(uint32_t seed, Random& random) {
  Pack pack;
  pack.source_info(kOne).late_ms = kLate;
  pack.source_info(kTwo).late_ms = kLate / 2;
  std::vector<uint16_t> sources = {kOne};
  if (random.chance(40)) sources.push_back(kTwo);
  make_correlation(pack, "made", seed, sources);
  if (pack.last().suppress_ms && random.chance(50))
    for (match::RuleOnSource& on : pack.last().sources) on.suppress_by = {{"name", kName}};
  if (random.chance(30))
    for (match::RuleOnSource& on : pack.last().sources) on.counted = pack.no(pack.begins(kTags, "robot"));
  pack.rule("calm", pack.begins(kName, "a"), {kOne, kTwo}).suppress_ms = 5;
  for (match::RuleOnSource& on : pack.last().sources) on.suppress_by = {{"user", kUser}};
  pack.rule("each", pack.begins(kName, "b"), {kTwo});
  if (random.chance(60)) {
    pack.rule("after", pack.begins(kRule, "made"), {kAlerts});
    if (random.chance(50)) pack.last().suppress_ms = 6;
    match::Correlation& c = pack.correlation("twice", 1, {kAlerts});
    c.span_us = 10 * kUnit;
    asks(c, match::Aggregate::Kind::count, {}, 2);
    c.group_by.clear();
    pack.last().sources[0].group_by.clear();
    const match::Root others = pack.no(pack.begins(kRule, "t"));
    pack.last().sources[0].match = others;
    const_cast<Pack::Code&>(*static_cast<const Pack::Code*>(pack.program()->code.get()))
        .matches.back()[kAlerts] = others;
  }
  return pack;
}

std::vector<Arrival> make_arrivals(Random& random) {
  std::vector<Arrival> arrivals;
  for (int64_t count = 3 + random.upto(25); count > 0; --count) {
    Arrival one;
    const int64_t at = random.upto(40);
    const uint16_t source = random.chance(25) ? kTwo : kOne;
    one.time = start() + at * kUnit;
    one.delivered = one.time + random.upto((source == kTwo ? kLate / 2 : kLate) - 1) * kUnit;
    std::string name(1, static_cast<char>('a' + random.upto(3)));
    std::string names = "\"" + name + "\"";
    if (random.chance(20)) names = "[" + names + ",\"" + static_cast<char>('a' + random.upto(3)) + "\"]";
    std::string more = fmt::format(R"("user":{})", random.chance(10)   ? R"(["u","v"])"
                                                   : random.chance(50) ? R"("u")"
                                                                       : R"("v")");
    if (random.chance(80)) more += fmt::format(R"(,"size":{})", random.chance(50) ? "2" : random.chance(50) ? "0.5" : "3");
    if (random.chance(70)) more += fmt::format(R"(,"tags":"{}")", random.chance(20) ? "robot" : random.chance(50) ? "x" : "y");
    one.line.source = source;
    one.line.json = fmt::format(R"({{"at":"{}","{}":1,"id":"{:x}","name":{},{}}})", match::format_time(one.time),
                                source == kOne ? "one" : "two", random.upto(1'000'000), names, more);
    arrivals.push_back(one);
    if (source == kTwo && random.chance(15)) arrivals.push_back(one);  // two equal events, for there are no ids
    if (source == kOne && random.chance(15)) {                        // a copy, delivered again
      one.delivered = std::min(one.delivered + random.upto(3) * kUnit, one.time + (kLate - 1) * kUnit);
      arrivals.push_back(one);
    }
    if (source == kOne && random.chance(8)) {  // another content under the same id
      one.line.json.back() = ',';
      one.line.json += R"("other":true})";
      arrivals.push_back(one);
    }
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.delivered < b.delivered; });
  return arrivals;
}

void deliver_otherwise(std::vector<Arrival>& arrivals, Random& random) {
  for (Arrival& one : arrivals)
    one.delivered = one.time + random.upto((one.line.source == kTwo ? kLate / 2 : kLate) - 1) * kUnit;
  for (size_t i = arrivals.size(); i > 1; --i)
    std::swap(arrivals[i - 1], arrivals[static_cast<size_t>(random.upto(static_cast<int64_t>(i) - 1))]);
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.delivered < b.delivered; });
}

std::vector<Arrival> without_copies(const Pack& pack, const std::vector<Arrival>& arrivals) {
  Duplicates duplicates;
  match::Decoder decoder(pack.program());
  std::vector<Arrival> fresh;
  for (const Arrival& one : arrivals) {
    const std::string padded = one.line.json + std::string(match::kPadding, ' ');
    decoder.decode({padded.data(), one.line.json.size()}, one.line.source);
    if (!decoder.id().empty() && duplicates.see(one.line.source, decoder.id(), decoder.canonical_hash(), one.time,
                                                remembered_for(kLate)) == Duplicates::Verdict::duplicate)
      continue;
    fresh.push_back(one);
  }
  return fresh;
}

// "@unit rule id", sorted.
std::string shown(const Pack& pack, const Alert& alert) {
  return fmt::format("@{} {} {}", static_cast<double>(alert.order.time - start()) / kUnit,
                     pack.program()->rules[alert.rule].name, alert.id);
}
std::vector<std::string> ids(const Pack& pack, const std::vector<Alert>& alerts) {
  std::vector<std::string> out;
  for (const Alert& alert : alerts) out.push_back(shown(pack, alert));
  std::sort(out.begin(), out.end());
  return out;
}
std::vector<std::string> ids(const Pack& pack, const LiveFeed& feed) {
  std::vector<std::string> out;
  for (const auto& [id, alert] : feed.open()) out.push_back(shown(pack, alert));
  for (const auto& [id, alert] : feed.final()) out.push_back(shown(pack, alert));
  std::sort(out.begin(), out.end());
  return out;
}

// More of them, or others, by hand.
uint32_t seed_from(const char* variable, uint32_t otherwise) {
  const char* value = std::getenv(variable);
  return value ? static_cast<uint32_t>(std::atoi(value)) : otherwise;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

// Sorted: equal records give alerts of which only the ids differ.
std::string texts(const Pack& pack, const std::vector<Alert>& alerts) {
  std::vector<std::string> lines;
  for (const Alert& alert : alerts) lines.push_back(to_json(*pack.program(), alert));
  std::sort(lines.begin(), lines.end());
  return joined(lines);
}

LiveOptions replay(uint64_t packed_bytes) {
  LiveOptions options;
  options.only_finals = true;
  options.packed_bytes = packed_bytes;
  options.folder = std::filesystem::temp_directory_path();
  options.pack_from = 2;
  return options;
}

// One way of delivery: what was not as in the replay, or nothing. With `rests` rules are looked at now and
// then, and all before it is compared.
std::string difference(const Pack& pack, const std::vector<Arrival>& arrivals, Random& random,
                       int64_t restart_every, bool rests) {
  LiveOptions options;
  options.pack_from = 1 + static_cast<size_t>(random.upto(4));
  int64_t clock = 0;
  if (rests) options.steady_us = [&] { return clock += random.upto(100) * 100; };
  LiveFeed feed(pack, options);
  std::vector<Pack::Line> lines;
  int64_t steps = 0;
  for (size_t i = 0; i < arrivals.size();) {
    // Batches end between two times of delivery; the clock may then run on to the next.
    size_t end = i + 1 + static_cast<size_t>(random.chance(60) ? 0 : random.upto(4));
    while (end < arrivals.size() && arrivals[end].delivered == arrivals[end - 1].delivered) ++end;
    for (; i < end && i < arrivals.size(); ++i) {
      feed.take(arrivals[i].line, arrivals[i].delivered);
      lines.push_back(arrivals[i].line);
    }
    const int64_t next = i < arrivals.size() ? arrivals[i].delivered - 1 : arrivals.back().delivered + 2 * kUnit;
    for (const int64_t now : {arrivals[i - 1].delivered, next}) {
      feed.advance(now);
      feed.said();
      if (rests) {
        if (restart_every > 0 && random.chance(20)) feed.restart();
        if (random.chance(70)) continue;
        clock += kSecond;
        feed.advance(now);
        feed.said();
      }
      const auto got = ids(pack, feed), want = ids(pack, pack.run(lines, 0, false, now).alerts);
      if (got != want)
        return fmt::format("after {} events, at {}\ngot\n{}want\n{}", i, static_cast<double>(now - start()) / kUnit,
                           joined(got), joined(want));
      if (restart_every > 0 && ++steps % restart_every == 0) feed.restart();
    }
  }
  // What was final before the end remains so; the end decides what the newest event's time decides.
  int64_t last = arrivals.back().delivered + 2 * kUnit;
  int64_t horizon = last - kLate * kUnit;
  if (random.chance(50)) {
    for (const Arrival& one : arrivals) horizon = std::max(horizon, one.time);
    if (restart_every > 0) feed.restart(replay(2000));  // `run --once` after `run`: alerts may be open
    feed.end();
  } else {
    last += 1000 * kUnit;
    horizon += 1000 * kUnit;
    feed.advance(last);
  }
  feed.said();
  CHECK(feed.open().empty());
  std::vector<Alert> final;
  for (const auto& [id, alert] : feed.final()) final.push_back(alert);
  const std::string got = texts(pack, final), want = texts(pack, pack.run(lines, 0, false, horizon).alerts);
  return got == want ? "" : "final\ngot\n" + got + "want\n" + want;
}

// A replay that is interrupted now and then, of events in any order, in one piece or in two of which the second is later:
// what of its final alerts is not as in one run, or nothing.
std::string difference_of_replay(const Pack& pack, std::vector<Arrival> arrivals, Random& random) {
  std::stable_sort(arrivals.begin(), arrivals.end(), [](const Arrival& a, const Arrival& b) { return a.time < b.time; });
  size_t first_piece = random.chance(50) ? arrivals.size() : static_cast<size_t>(random.upto(static_cast<int64_t>(arrivals.size())));
  while (first_piece > 0 && first_piece < arrivals.size() && arrivals[first_piece].time == arrivals[first_piece - 1].time)
    ++first_piece;
  LiveFeed feed(pack, replay(random.chance(50) ? 1 : 2000));  // so little that most rows go to a file
  std::vector<Pack::Line> lines;
  for (size_t begin = 0; begin < arrivals.size();) {
    const size_t end = begin < first_piece ? first_piece : arrivals.size();
    for (size_t i = end; i > begin + 1; --i)
      std::swap(arrivals[i - 1], arrivals[begin + static_cast<size_t>(random.upto(static_cast<int64_t>(i - begin) - 1))]);
    for (; begin < end; ++begin) {
      feed.take(arrivals[begin].line, arrivals[begin].time);
      lines.push_back(arrivals[begin].line);
      if (random.chance(20)) feed.restart();
      feed.said();
      if (!feed.open().empty()) return "something is open before the end";
    }
    feed.end();
    feed.said();
    if (end < arrivals.size()) feed.restart();
  }
  int64_t newest = arrivals.front().time;
  for (const Arrival& one : arrivals) newest = std::max(newest, one.time);
  std::vector<Alert> final;
  for (const auto& [id, alert] : feed.final()) final.push_back(alert);
  const std::string got = texts(pack, final), want = texts(pack, pack.run(lines, 0, false, newest).alerts);
  if (!feed.live().failure().empty()) return feed.live().failure();
  return got == want ? "" : "got\n" + got + "want\n" + want;
}

void compare(uint32_t from, uint32_t seeds, bool restarts, bool rests) {
  int failures = 0;
  size_t alerts = 0;
  for (uint32_t seed = from; seed < from + seeds && failures < 3; ++seed) {
    Random random(seed);
    const Pack pack = make_pack(seed, random);
    std::vector<Arrival> arrivals = without_copies(pack, make_arrivals(random));
    for (int order = 0; order < 3; ++order) {
      if (order > 0) deliver_otherwise(arrivals, random);
      const std::string wrong = difference(pack, arrivals, random, restarts ? 1 + random.upto(4) : 0, rests);
      if (wrong.empty()) continue;
      ++failures;
      FAIL_CHECK("seed ", seed, " order ", order, "\n", wrong);
      break;
    }
    std::vector<Pack::Line> lines;
    for (const Arrival& one : arrivals) lines.push_back(one.line);
    alerts += pack.run(lines).alerts.size();
  }
  CHECK(alerts > seeds);  // the feeds are about something
}

uint32_t first_seed() { return seed_from("WEIR_SEED", 0); }

TEST_CASE("a live feed tells what its replay tells, at each moment") {
  compare(first_seed(), seed_from("WEIR_SEEDS", 250), false, false);
}
TEST_CASE("a live feed that is restarted again and again tells the same") {
  compare(first_seed(), seed_from("WEIR_SEEDS", 250), true, false);
}
TEST_CASE("a live feed whose rules rest tells it, too, when it has looked at all") {
  compare(first_seed(), seed_from("WEIR_SEEDS", 250), false, true);
  compare(first_seed(), seed_from("WEIR_SEEDS", 250), true, true);
}

TEST_CASE("a replay that is interrupted again and again tells what it tells in one run") {
  const uint32_t from = first_seed(), seeds = seed_from("WEIR_SEEDS", 250);
  for (uint32_t seed = from; seed < from + seeds; ++seed) {
    Random random(seed);
    const Pack pack = make_pack(seed, random);
    const std::vector<Arrival> arrivals = without_copies(pack, make_arrivals(random));
    for (int order = 0; order < 3; ++order) {
      const std::string wrong = difference_of_replay(pack, arrivals, random);
      REQUIRE_MESSAGE(wrong.empty(), "seed ", seed, " order ", order, "\n", wrong);
    }
  }
}

}  // namespace
}  // namespace weir::correlate
