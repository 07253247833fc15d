// Records of one unit that several workers decide: each once, wherever a run ends and another goes on.
#include "runtime/commit/blocks.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "runtime/commit/pipeline.h"
#include "runtime/commit/worker.h"
#include "tests/unit/runtime/commit/sample.h"

using namespace weir;

namespace {

std::shared_ptr<const match::Program> program() {
  static const auto made = program_of(R"(
rule many_deleted {  # allow: W805 the test is outside
  title: "Many zones were deleted"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "DeleteHostedZone" }
    condition: selection
  }
  correlation {
    group_by: [sourceIPAddress]
    timespan: 5m
    condition: count() >= 10
  }
  message: "{count()}"
}
)");
  return made;
}

constexpr int kRecords = 6'000;

// Without ids: nothing tells a record that is decided twice. Every hundredth line is broken.
std::string content() {
  std::string bytes;
  for (int i = 0; i < kRecords; ++i) {
    std::string line = event("");
    line.replace(line.find(R"(,"eventID":"")"), 13, fmt::format(R"(,"requestID":"{:0200}")", i));
    bytes += i % 100 == 99 ? "{broken\n" : line;
  }
  return bytes;
}

// Asks for a stop when so many records were told, and waits for it.
class Stopping final : public ingest::Receiver {
 public:
  Stopping(ingest::Receiver& to, int after, commit::Requests& requests, const std::atomic<bool>& stop)
      : to_(to), after_(after), requests_(requests), stop_(stop) {}
  void record(const ingest::Record& record) override {
    to_.record(record);
    if (--after_ != 0) return;
    requests_.stop = true;
    while (!stop_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void unreadable(const ingest::Problem& problem) override { to_.unreadable(problem); }
  void skipped(ingest::Skip why, const ingest::Place& place, uint64_t records) override {
    to_.skipped(why, place, records);
  }
  void progress(uint64_t bytes) override { to_.progress(bytes); }

 private:
  ingest::Receiver& to_;
  int after_;
  commit::Requests& requests_;
  const std::atomic<bool>& stop_;
};

class Unit final : public ingest::Unit {
 public:
  Unit(int stop_after, commit::Requests& requests) : stop_after_(stop_after), requests_(requests) {
    key = "0123456789abcdef";
    name = "a file";
    divisible = true;
  }
  std::string read(ingest::FileReader&, const ingest::ReadLimits& limits, ingest::Receiver& receiver,
                   const std::atomic<bool>& stop) override {
    Stopping stopping(receiver, stop_after_, requests_, stop);
    ingest::read_bytes(name, content(), limits, stopping);
    return {};
  }

 private:
  int stop_after_;
  commit::Requests& requests_;
};

class Source final : public ingest::Source {
 public:
  explicit Source(std::unique_ptr<Unit> unit) : unit_(std::move(unit)) {}
  std::unique_ptr<ingest::Unit> next() override { return std::move(unit_); }
  bool drained() const override { return !unit_; }
  bool may_come_again(std::string_view, int64_t) const override { return true; }

 private:
  std::unique_ptr<Unit> unit_;
};

store::Audit run(const std::string& folder, int stop_after, unsigned threads) {
  std::string problem;
  auto store = store::Store::open(folder, store::Access::run, problem);
  REQUIRE_MESSAGE(store, problem);
  commit::Requests requests;
  std::vector<commit::FeedSource> sources;
  sources.push_back(
      {"feed", std::make_unique<Source>(std::make_unique<Unit>(stop_after, requests)), match::kNone});
  deliver::Outbox outbox(
      *store, {}, [](process::Severity, const std::string&) {}, [] {});
  commit::PipelineOptions options;
  options.threads = threads;
  options.commit_every_us = 1'000;
  options.once = true;
  commit::Pipeline pipeline(program(), *store, std::move(sources), deliver::Routing({}, {}), outbox, options);
  REQUIRE(pipeline.restore() == "");
  CHECK(pipeline.run(requests) == "");
  return store->audit();
}

}  // namespace

TEST_CASE("a unit that several workers decide is decided once, wherever the runs end") {
  int64_t alerts = -1;
  for (const unsigned threads : {1u, 4u}) {
    for (const int stop_after : {0, 1, 700, 3'000, 5'900}) {
      CAPTURE(threads);
      CAPTURE(stop_after);
      Folder folder;
      if (stop_after > 0) {
        const store::Audit first = run(folder.path, stop_after, threads);
        CHECK(first.received < kRecords);
        CHECK(first.alerts_committed == 0);
      }
      const store::Audit audit = run(folder.path, 0, threads);
      CHECK(audit.received == kRecords);
      CHECK(audit.quarantined == kRecords / 100);
      CHECK(audit.in_flight == 0);
      if (alerts < 0) alerts = audit.alerts_committed;
      CHECK(audit.alerts_committed == alerts);
    }
  }
  CHECK(alerts > 0);
}

TEST_CASE("a block goes to one who waits for it, and to nobody else") {
  commit::Blocks blocks;
  const commit::Task task;
  blocks.begin(task);
  std::unique_ptr<commit::Block> block = blocks.fresh();
  block->task = &task;
  CHECK(!blocks.give(block));
  REQUIRE(block);
  std::atomic<bool> stop = false;
  CHECK(!blocks.wait(blocks.arrivals(), stop, std::chrono::milliseconds(1)));
  blocks.done(task);
  CHECK(!blocks.left(task));
}

TEST_CASE("who helps may go when nothing is left for it alone") {
  commit::Blocks blocks;
  const commit::Task task;
  std::atomic<bool> stop = false;
  blocks.help();
  size_t given = 0;
  for (bool taken = true; taken; given += taken) {
    blocks.begin(task);
    std::unique_ptr<commit::Block> block = blocks.fresh();
    block->task = &task;
    taken = blocks.give(block);
    if (!taken) blocks.done(task);
  }
  CHECK(given > 0);
  REQUIRE(blocks.wait(blocks.arrivals(), stop, std::chrono::milliseconds(1)));
  blocks.done(task);
  for (size_t left = given - 1; left > 0; --left) {
    REQUIRE(blocks.leave());
    blocks.done(task);
  }
  CHECK(!blocks.leave());
  CHECK(!blocks.left(task));
}

TEST_CASE("what stays where it is is not copied") {
  const std::string held = "{first}{second}" + std::string(64, ' '), elsewhere = "{third}";
  commit::Block block;
  for (const std::string_view bytes : {std::string_view(held).substr(0, 7),
                                       std::string_view(held).substr(7, 8), std::string_view(elsewhere)})
    block.add({bytes, {}, false}, 1, held);
  REQUIRE(block.items.size() == 3);
  CHECK(block.record(block.items[0]).bytes.data() == held.data());
  CHECK(block.record(block.items[1]).bytes.data() == held.data() + 7);
  CHECK(block.record(block.items[1]).bytes == "{second}");
  CHECK(block.record(block.items[2]).bytes == elsewhere);
  CHECK(block.record(block.items[2]).bytes.data() != elsewhere.data());
  CHECK(block.bytes == 22);
}
