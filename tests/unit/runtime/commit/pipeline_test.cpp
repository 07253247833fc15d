// The commit, seen from a source: what is acknowledged when, what a unit that comes again does, and where a
// restart goes on.
#include "runtime/commit/pipeline.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>

#include "runtime/process/clock.h"
#include "tests/unit/runtime/commit/sample.h"

using namespace weir;

namespace {

std::shared_ptr<const match::Program> program() {
  static const auto made = program_of(kZoneDeleted);
  return made;
}

struct Given {
  std::string key, bytes;
  std::string from = {}, upto = {};
};

// What a test says about a run: which units were acknowledged, and what the store knew at that moment.
struct Script {
  Script(std::deque<Given> units, std::string store) : units(std::move(units)), store(std::move(store)) {}
  std::deque<Given> units;
  std::string store;
  std::mutex mutex;  // what follows
  std::vector<std::string> acknowledged;
  bool before_commit = false;         // a unit was acknowledged that the store did not have
  std::vector<std::string> recalled;  // marks
  std::string kept;                   // the key of what may come again, whatever its age
  std::deque<Given> at_once;          // comes before the first acknowledgement has returned
  std::atomic<int> given_back = 0;
  int refused = 0;
  std::string there;  // the key of what is there now
};

class Unit final : public ingest::Unit {
 public:
  explicit Unit(Given given) : bytes_(std::move(given.bytes)), upto_(std::move(given.upto)) {
    key = std::move(given.key);
    name = key;
    from = std::move(given.from);
  }
  std::string read(ingest::FileReader&, const ingest::ReadLimits& limits, ingest::Receiver& receiver,
                   const std::atomic<bool>&) override {
    ingest::read_bytes(name, bytes_, limits, receiver);
    upto = upto_;
    return {};
  }

 private:
  std::string bytes_, upto_;
};

class Source final : public ingest::Source {
 public:
  explicit Source(Script& script) : script_(script) {}
  std::unique_ptr<ingest::Unit> next() override {
    std::lock_guard lock(script_.mutex);
    if (script_.units.empty() || out_) return nullptr;
    out_ = !script_.units.front().upto.empty();  // parts follow each other
    auto unit = std::make_unique<Unit>(std::move(script_.units.front()));
    script_.units.pop_front();
    return unit;
  }
  bool drained() const override { return script_.units.empty(); }
  void recall(const std::string&, const std::string&, const std::string& mark) override {
    script_.recalled.push_back(mark);
  }
  bool may_come_again(std::string_view key, int64_t age_us) const override {
    return key == script_.kept || age_us < 1'000'000'000;
  }
  bool is_there(std::string_view key) const override { return key == script_.there; }
  void refuse(std::unique_ptr<ingest::Unit>) override {
    std::lock_guard lock(script_.mutex);
    ++script_.refused;
  }
  void acknowledge(ingest::Unit& unit) override {
    std::lock_guard lock(script_.mutex);
    script_.acknowledged.push_back(unit.key);
    out_ = false;
    std::string problem;
    auto store = store::Store::open(script_.store, store::Access::look, problem);
    REQUIRE(store);
    bool there = false;
    for (const store::UnitPosition& position : store->units())
      there |= position.unit == unit.key && (position.finished || position.mark == unit.upto);
    script_.before_commit |= !there;
    if (script_.at_once.empty()) return;
    std::swap(script_.units, script_.at_once);
    const size_t before = script_.acknowledged.size();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (script_.acknowledged.size() == before && script_.given_back == 0 && script_.refused == 0 &&
           std::chrono::steady_clock::now() < end) {
      script_.mutex.unlock();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      script_.mutex.lock();
    }
  }
  void give_back(std::unique_ptr<ingest::Unit>) override { ++script_.given_back; }

 private:
  Script& script_;
  bool out_ = false;
};

store::Audit run(Script& script, const std::vector<store::UnitPosition>& before = {},
                 const std::vector<store::Death>& deaths = {}, int64_t now = process::now_us(),
                 const std::shared_ptr<const match::Program>& rules = program()) {
  std::string problem;
  auto store = store::Store::open(script.store, store::Access::run, problem);
  REQUIRE_MESSAGE(store, problem);
  if (!before.empty()) {
    store->seen(1000, [](std::string_view) {});
    store::Commit commit;
    commit.units = before;
    commit.now = now;
    REQUIRE(store->commit(commit) == "");
  }
  for (const store::Death& death : deaths) store->note_deaths({death});
  std::vector<commit::FeedSource> sources;
  sources.push_back({"feed", std::make_unique<Source>(script), match::kNone});
  deliver::Outbox outbox(
      *store, {}, [](process::Severity, const std::string&) {}, [] {});
  commit::PipelineOptions options;
  options.threads = 2;
  options.commit_every_us = 5'000;
  options.once = true;
  commit::Pipeline pipeline(rules, *store, std::move(sources), deliver::Routing({}, {}), outbox, options);
  REQUIRE(pipeline.restore() == "");
  commit::Requests requests;
  CHECK(pipeline.run(requests) == "");
  return store->audit();
}

}  // namespace

TEST_CASE("units are acknowledged after the commit that holds their end") {
  Folder folder;
  Script script{{{"0123456789abcde1", event("1") + event("2") + "{broken\n" + event("3")},
                 {"0123456789abcde2", event("4")}},
                folder.path};
  const store::Audit audit = run(script);
  CHECK(script.acknowledged.size() == 2);
  CHECK(!script.before_commit);
  CHECK(audit.received == 5);
  CHECK(audit.evaluated == 4);
  CHECK(audit.quarantined == 1);
  CHECK(audit.in_flight == 0);
  CHECK(audit.alerts_committed == 4);
}

TEST_CASE("a unit that was committed is acknowledged again and not evaluated again") {
  Folder folder;
  Script script{{{"0123456789abcde1", event("1")}}, folder.path};
  run(script);
  script.units = {
      {"0123456789abcde1", event("1")}, {"0123456789abcde1", event("1")}, {"0123456789abcde3", event("5")}};
  const store::Audit audit = run(script);
  CHECK(script.acknowledged.size() == 4);
  CHECK(audit.received == 2);
  CHECK(audit.alerts_committed == 2);
}

TEST_CASE("what comes again while it is being acknowledged is acknowledged, not given back") {
  Folder folder;
  Script script{{{"0123456789abcde1", event("1")}}, folder.path};
  script.at_once = {{"0123456789abcde1", event("1")}};
  const store::Audit audit = run(script);
  CHECK(script.acknowledged.size() == 2);
  CHECK(script.given_back == 0);
  CHECK(audit.received == 1);
}

TEST_CASE("copies of events are known after a restart") {
  Folder folder;
  Script script{{{"0123456789abcde1", event("1")}}, folder.path};
  run(script);
  script.units = {{"0123456789abcde2", event("1") + event("2")}};
  const store::Audit audit = run(script);
  CHECK(audit.received == 2);
  CHECK(audit.evaluated == 2);
}

TEST_CASE("a unit that was decided in part is passed over up to there") {
  Folder folder;
  Script script{{{"0123456789abcde1", event("1") + "{broken\n" + event("2") + event("3")}}, folder.path};
  const store::Audit audit = run(script, {{"feed", "0123456789abcde1", "name", 2, false}});
  CHECK(audit.received == 2);
  CHECK(audit.quarantined == 0);
  CHECK(audit.alerts_committed == 2);
}

TEST_CASE("of what has no end the commit keeps where the next part begins") {
  Folder folder;
  const std::string key = "0123456789abcdef";
  Script script{{{key, event("1") + event("2"), "", "a"}, {key, event("3"), "a", "b"}}, folder.path};
  run(script);
  CHECK(script.acknowledged.size() == 2);
  {
    std::string problem;
    auto store = store::Store::open(folder.path, store::Access::look, problem);
    REQUIRE(store->units().size() == 1);
    CHECK(store->units()[0].mark == "b");
    CHECK(store->units()[0].done == 0);
    CHECK(!store->units()[0].finished);
  }
  // A part that was begun is passed over up to there; another part is not.
  script.units = {{key, event("4") + event("5"), "b", "c"}};
  CHECK(run(script, {{"feed", key, "name", 1, false, "b"}}).received == 4);
  script.units = {{key, event("6") + event("7"), "d", "e"}};
  CHECK(run(script, {{"feed", key, "name", 1, false, "c"}}).received == 6);
  CHECK(script.recalled == std::vector<std::string>{"b", "c"});
}

TEST_CASE("what cannot come again is forgotten") {
  Folder folder;
  Script script{{}, folder.path};
  const int64_t old = 1'000'000;  // 1970
  run(script,
      {{"feed", "0123456789abcde1", "name", 0, true},
       {"feed", "0123456789abcde2", "name", 3, false, "mark"},
       {"another", "0123456789abcde3", "name", 0, true}},
      {}, old);
  std::string problem;
  CHECK(store::Store::open(folder.path, store::Access::look, problem)->units().empty());
  script.kept = "0123456789abcde2";
  run(script,
      {{"feed", "0123456789abcde1", "name", 0, true}, {"feed", "0123456789abcde2", "name", 3, false, "mark"}},
      {}, old);
  auto store = store::Store::open(folder.path, store::Access::look, problem);
  REQUIRE(store->units().size() == 1);
  CHECK(store->units()[0].mark == "mark");
}

TEST_CASE("what is there is heard of: its time counts from when it went") {
  Folder folder;
  Script script{{}, folder.path};
  const std::string key = "0123456789abcde1";
  const int64_t old = 1'000'000;  // 1970
  script.there = key;
  run(script, {{"feed", key, "name", 0, true}}, {}, old);
  std::string problem;
  auto store = store::Store::open(folder.path, store::Access::look, problem);
  REQUIRE(store);
  const auto units = store->units_after({}, 10);
  REQUIRE(units.size() == 1);
  CHECK(units[0].at > old);
}

TEST_CASE("the key of one that is finished, with other content, is refused, also by the next process") {
  Folder folder;
  const std::string key = "0123456789abcde1";
  const auto unit = [&](const char* id, const char* content) { return Given{key, event(id), content, ""}; };
  Script script{{unit("1", "a")}, folder.path};
  script.at_once = {unit("2", "b")};
  CHECK(run(script).evaluated == 1);
  CHECK(script.refused == 1);
  CHECK(script.acknowledged.size() == 1);
  script.units = {unit("3", "c"), unit("1", "a")};
  CHECK(run(script).evaluated == 1);
  CHECK(script.refused == 2);
  CHECK(script.acknowledged.size() == 2);
}

TEST_CASE("where the process crashed twice is put aside: the record, or what was being read") {
  const std::string unit = "0123456789abcde1";
  const std::string bytes = event("1") + event("2") + event("3");
  const store::Death deciding{"feed", unit, 2, true, 1, 1}, reading{"feed", unit, 0, false, 1, 1};
  {
    Folder folder;
    Script script{{{unit, bytes}}, folder.path};
    const store::Audit audit = run(script, {}, {deciding});
    CHECK(audit.evaluated == 3);
  }
  {
    Folder folder;
    Script script{{{unit, bytes}}, folder.path};
    const store::Audit audit = run(script, {}, {deciding, deciding});
    CHECK(audit.evaluated == 2);
    CHECK(audit.quarantined == 1);
    CHECK(script.acknowledged.size() == 1);
  }
  {
    Folder folder;
    Script script{{{unit, bytes}, {"0123456789abcde2", event("4")}}, folder.path};
    const store::Audit audit = run(script, {}, {reading, reading});
    CHECK(audit.evaluated == 1);
    CHECK(audit.quarantined == 1);
    CHECK(script.acknowledged.size() == 2);
  }
}

namespace {

void ask_for_all(const std::string& folder) {
  std::string problem;
  CHECK(store::Store::open(folder, store::Access::look, problem)->retry_quarantine({}) > 0);
}

size_t in_quarantine(const std::string& folder) {
  std::string problem;
  return store::Store::open(folder, store::Access::look, problem)->quarantine(0, 1000, false).size();
}

}  // namespace

TEST_CASE("all that somebody asked for is decided anew before a replay ends, and no source hears of it") {
  Folder folder;
  std::string bytes;
  for (int i = 0; i < 250; ++i) {
    std::string line = event(std::to_string(i));
    bytes += line.replace(line.find("2026-01-15T10"), 13, "never");
  }
  Script script{{{"0123456789abcde1", bytes}}, folder.path};
  CHECK(run(script).quarantined == 250);
  ask_for_all(folder.path);
  const store::Audit audit = run(script);
  CHECK(audit.received == 250);
  CHECK(audit.quarantined == 250);
  CHECK(in_quarantine(folder.path) == 250);
  CHECK(script.acknowledged.size() == 1);
  CHECK(script.given_back == 0);
  std::string problem;
  auto store = store::Store::open(folder.path, store::Access::look, problem);
  CHECK(store->to_retry(0, 1, {"feed"}).empty());
  CHECK(store->quarantine(0, 1, false)[0].row > 250);
}

TEST_CASE("an event with too many values is decided when it is tried again, and counted once") {
  Folder folder;
  const auto looks_at_list = program_of(R"(
rule listed {  # allow: W805 the test is outside
  title: "Something in a list"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "DeleteHostedZone"
      requestParameters.list|contains: "never" }
    condition: selection
  }
  message: "{eventID}"
}
)");
  std::string line = event("1"), list = "1";
  for (int i = 0; i < 70'000; ++i) list += ",1";
  line.insert(1, R"("requestParameters":{"list":[)" + list + "]},");
  Script script{{{"0123456789abcde1", line}}, folder.path};
  store::Audit audit = run(script, {}, {}, process::now_us(), looks_at_list);
  CHECK(audit.quarantined == 1);
  CHECK(in_quarantine(folder.path) == 1);
  // Nothing has changed: it stays where it is.
  ask_for_all(folder.path);
  audit = run(script, {}, {}, process::now_us(), looks_at_list);
  CHECK(audit.received == 1);
  CHECK(audit.quarantined == 1);
  CHECK(in_quarantine(folder.path) == 1);
  // Rules that do not look there.
  ask_for_all(folder.path);
  script.units = {{"0123456789abcde2", event("2")}};
  audit = run(script);
  CHECK(audit.received == 2);
  CHECK(audit.evaluated == 2);
  CHECK(audit.quarantined == 0);
  CHECK(audit.alerts_committed == 2);
  CHECK(in_quarantine(folder.path) == 0);
}
