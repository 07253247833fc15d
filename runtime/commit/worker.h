// One thread that reads units and decides their records. What it decides lies on its desk until a commit
// takes it away; the lock that it holds while it decides one record is all that makes a commit a consistent
// cut: whoever holds the locks of all workers sees every record either decided, with all that it caused, or
// untouched.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/commit/blocks.h"
#include "runtime/commit/correlations.h"
#include "runtime/commit/desk.h"
#include "runtime/commit/working.h"
#include "runtime/correlate/duplicates.h"
#include "runtime/ingest/files.h"
#include "runtime/match/matcher.h"

namespace weir::commit {

inline constexpr size_t kListedOfUnit =
    1000;  // records of one unit in the quarantine, one by one; the rest as one
inline constexpr size_t kKeptBytes = 256u << 10;  // of a record in the quarantine

// Decoded bytes, and what came of them, between two commits: where there are too many, workers wait.
class Load {
 public:
  explicit Load(uint64_t most) : most_(most) {}
  void limit(uint64_t most) { most_ = most; }
  void add(uint64_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  void wait_for_room(const std::atomic<bool>& stop);
  void taken();          // by a commit
  void hold(bool held);  // nobody goes on: the outbox is full, or the store cannot be written

 private:
  std::atomic<uint64_t> most_;
  std::atomic<uint64_t> bytes_{0};
  std::atomic<bool> held_{false};
  std::mutex mutex_;
  std::condition_variable room_;
};

// What the pipeline knows of a unit when it hands it out.
struct Task {
  size_t source = 0;
  std::string source_name;
  std::unique_ptr<ingest::Unit> unit;
  uint64_t done = 0;            // records that were decided before
  std::set<uint64_t> suspects;  // records that ended the process too often
  bool suspect = false;         // reading it did
  int64_t retried_row = 0;      // of the quarantine: its one record is decided anew
  std::shared_ptr<std::atomic<size_t>> listed;  // how many of its records are in the quarantine one by one
  struct Tally {
    std::atomic<uint64_t> foreign{0};
    std::atomic<bool> recognised{false};
  };
  std::shared_ptr<Tally> tally;  // of all who decide its records: see Finished
};

// What records are decided by, at one moment.
struct Rules {
  std::shared_ptr<const match::Program> program;
  std::vector<uint32_t> only;  // by source of the feed: of the program's sources; kNone: whatever is recognised
  std::unique_ptr<Correlations> correlations;
};

class Worker final : public ingest::Receiver {
 public:
  // All of these outlive it.
  Worker(const Rules& rules, correlate::Duplicates& duplicates, Load& load, Blocks& blocks, Place& place,
         const std::atomic<bool>& stop);

  // Reads the unit to its end, or till `stop`. A sentence when it cannot be read now: the unit is in `task`
  // still, which says how far it was decided.
  std::string work(Task& task);
  // Records of a unit that another worker reads. Between two units.
  void decide(std::unique_ptr<Block> block);

  // For the cut: the caller holds lock().
  std::mutex& lock() { return mutex_; }
  Desk take_desk(std::vector<store::UnitPosition>& positions);
  // The rules are other than they were: `rules` has been written to.
  void rules_changed();

  void record(const ingest::Record& record) override;
  void unreadable(const ingest::Problem& problem) override;
  void skipped(ingest::Skip why, const ingest::Place& place, uint64_t records) override;
  void progress(uint64_t bytes) override;

 private:
  bool is_next();
  void gather(const ingest::Record& record);
  void hand_out();  // the block that is being filled
  // Calls decide() with all that must hold for the call `at_`.
  template <class Decide>
  void decide_here(Decide decide);
  void decide_one(const Task& task, const ingest::Record& record, uint64_t at);
  void evaluate(const Task& task, const ingest::Record& record);
  int64_t delivered_at(const Task& task, int64_t time) const;  // of an event of that time
  bool was_seen();
  static void recognise(const Task& task);
  void put_aside(const Task& task, const ingest::Place& place, std::string reason, std::string_view bytes,
                 bool whole, bool text);
  store::UnitPosition position(bool finished) const;
  void finish();

  const Rules& rules_;
  std::optional<match::Matcher> matcher_;
  std::shared_ptr<Correlations::Hand> hand_;
  std::vector<uint64_t> source_seeds_;  // by source of the program: stands for its name among remembered ids
  correlate::Duplicates& duplicates_;
  Load& load_;
  Blocks& blocks_;
  Place& place_;
  const std::atomic<bool>& stop_;
  ingest::FileReader reader_;

  uint64_t at_ = 0;  // of the calls of the unit that is being read; touched by this thread only
  uint64_t read_bytes_ = 0;
  std::unique_ptr<Block> block_;  // of the unit, if that is divisible: decided by nobody yet

  std::mutex mutex_;  // what follows
  Task* task_ = nullptr;
  uint64_t done_ = 0, told_done_ = 0;
  int64_t more_row_ = -1;  // of the desk's quarantine: the row that stands for the rest of a unit
  std::shared_ptr<const std::atomic<size_t>> more_of_;  // of that unit; a task's address is soon another's
  Desk desk_;
};

}  // namespace weir::commit
