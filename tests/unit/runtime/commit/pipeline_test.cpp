// The commit, seen from a source: what is acknowledged when, what a unit that comes again does, and where a
// restart goes on.
#include "runtime/commit/pipeline.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <deque>
#include <filesystem>
#include <mutex>

#include "compiler/compile.h"

using namespace weir;

namespace {

struct Folder {
  Folder() {
    char name[] = "/tmp/weir-commit-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

std::shared_ptr<const match::Program> program() {
  static dsl::Diagnostics diagnostics;
  static auto project = compiler::load_texts({{"my.weir", R"(
rule zone_deleted {  # allow: W805 the test is outside
  title: "A zone was deleted"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "DeleteHostedZone" }
    condition: selection
  }
  message: "{eventID}"
}
)"}},
                                             diagnostics);
  static auto compiled = compiler::compile(*project, {}, diagnostics);
  REQUIRE(diagnostics.error_count() == 0);
  return compiled.program;
}

std::string event(const std::string& id) {
  return R"({"eventVersion":"1.09","userIdentity":{"type":"IAMUser"},"eventTime":"2026-01-15T10:00:00Z",)"
         R"("eventSource":"route53.amazonaws.com","eventName":"DeleteHostedZone","awsRegion":"us-east-1",)"
         R"("sourceIPAddress":"198.51.100.7","recipientAccountId":"111122223333","eventID":")" +
         id + "\"}\n";
}

struct Given {
  std::string key, bytes;
};

// What a test says about a run: which units were acknowledged, and what the store knew at that moment.
struct Script {
  Script(std::deque<Given> units, std::string store) : units(std::move(units)), store(std::move(store)) {}
  std::deque<Given> units;
  std::string store;
  std::mutex mutex;  // what follows
  std::vector<std::string> acknowledged;
  bool before_commit = false;  // a unit was acknowledged that the store did not have
};

class Unit final : public ingest::Unit {
 public:
  explicit Unit(Given given) : bytes_(std::move(given.bytes)) {
    key = std::move(given.key);
    name = key;
  }
  std::string read(ingest::FileReader&, const ingest::ReadLimits& limits, ingest::Receiver& receiver,
                   const std::atomic<bool>&) override {
    ingest::read_bytes(name, bytes_, limits, receiver);
    return {};
  }

 private:
  std::string bytes_;
};

class Source final : public ingest::Source {
 public:
  explicit Source(Script& script) : script_(script) {}
  std::unique_ptr<ingest::Unit> next() override {
    if (script_.units.empty()) return nullptr;
    auto unit = std::make_unique<Unit>(std::move(script_.units.front()));
    script_.units.pop_front();
    return unit;
  }
  bool drained() const override { return script_.units.empty(); }
  void acknowledge(ingest::Unit& unit) override {
    std::lock_guard lock(script_.mutex);
    script_.acknowledged.push_back(unit.key);
    std::string problem;
    auto store = store::Store::open(script_.store, store::Access::look, problem);
    REQUIRE(store);
    bool there = false;
    for (const store::UnitPosition& position : store->units())
      there |= position.unit == unit.key && position.finished;
    script_.before_commit |= !there;
  }

 private:
  Script& script_;
};

store::Audit run(Script& script, const std::vector<store::UnitPosition>& before = {},
                 const std::vector<store::Death>& deaths = {}) {
  std::string problem;
  auto store = store::Store::open(script.store, store::Access::run, problem);
  REQUIRE_MESSAGE(store, problem);
  if (!before.empty()) {
    store->seen(1000, [](std::string_view) {});
    store::Commit commit;
    commit.units = before;
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
  commit::Pipeline pipeline(program(), *store, std::move(sources), deliver::Routing({}, {}), outbox, options);
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
