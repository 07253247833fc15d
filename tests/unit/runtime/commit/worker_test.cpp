// What workers put aside of units that several of them decide.
#include "runtime/commit/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/unit/runtime/commit/sample.h"

using namespace weir;

namespace {

// Records that are put aside, each by itself.
class BrokenUnit final : public ingest::Unit {
 public:
  explicit BrokenUnit(const std::string& name_of_unit) {
    key = name = name_of_unit;
    divisible = true;
  }
  std::string read(ingest::FileReader&, const ingest::ReadLimits&, ingest::Receiver& receiver,
                   const std::atomic<bool>&) override {
    std::string record = event("1");
    record.replace(record.find("2026-01-15T10"), 13, "never");
    record.insert(1, R"("requestID":")" + std::string(3'000, 'x') + "\",");
    const size_t size = record.size() - 1;
    record.append(64, '\0');
    for (uint64_t i = 1; i <= kBroken; ++i) receiver.record({{record.data(), size}, {name, i, 0, 0}, false});
    return {};
  }
  static constexpr uint64_t kBroken = 2 * commit::kListedOfUnit;
};

}  // namespace

TEST_CASE(
    "what is beyond the list of one unit is not told of the next, though that is where the first one was") {
  Folder folder;
  commit::Working working;
  REQUIRE(working.open(folder.path, 2) == "");
  const auto program = program_of(kZoneDeleted);
  commit::Rules rules{
      program, {match::kNone}, std::make_unique<commit::Correlations>(program, true, folder.path, 2, 64u << 20)};
  correlate::Duplicates duplicates;
  commit::Load load(1u << 30);
  commit::Blocks blocks;
  std::atomic<bool> stop = false, over = false;
  commit::Worker reads(rules, duplicates, load, blocks, working.place(0), stop);
  commit::Worker helps(rules, duplicates, load, blocks, working.place(1), stop);
  std::thread helper([&] {
    while (!over)
      if (auto block = blocks.wait(blocks.arrivals(), over, std::chrono::milliseconds(10)))
        helps.decide(std::move(block));
  });
  const std::string names[] = {"0123456789abcde1", "0123456789abcde2", "0123456789abcde3"};
  commit::Task task;
  for (const std::string& name : names) {
    task = {};
    task.source_name = "feed";
    task.unit = std::make_unique<BrokenUnit>(name);
    CHECK(reads.work(task) == "");
  }
  over = true;
  blocks.arrived();
  helper.join();
  std::vector<store::UnitPosition> positions;
  const commit::Desk desks[] = {reads.take_desk(positions), helps.take_desk(positions)};
  for (const std::string& name : names) {
    CAPTURE(name);
    uint64_t events = 0;
    for (const commit::Desk& desk : desks)
      for (const store::QuarantineRow& row : desk.quarantine) events += row.unit == name ? row.events : 0;
    CHECK(events == BrokenUnit::kBroken);
  }
}
