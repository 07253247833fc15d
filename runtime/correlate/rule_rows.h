// The rows of each rule, collected in any order and given back in the total order, in bounded memory.
//
// What is beyond the budget goes to a temporary file that has no name, sorted, and is merged when it is read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/correlate/row_log.h"
#include "runtime/match/program.h"

namespace weir::correlate {

struct SpillOptions {
  uint64_t budget_bytes = UINT64_MAX;  // of rows in memory, by estimate
  std::string folder;                  // for temporary files
};

class RuleRows;
class SpillFile;
struct SpilledRun {  // rows of one rule, sorted
  std::shared_ptr<const SpillFile> file;
  uint64_t offset = 0, bytes = 0;
};

// How long what a reader gives is good. `passing`: until its next call, and the events that were in memory as long as
// the rows are: nothing is counted or copied for each row. `lasting`: as long as it is held.
enum class RowsAre : uint8_t { passing, lasting };

// Reads the rows of one rule in the total order.
class RowReader {
 public:
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // All rows of the next time. False at the end, and when a file cannot be read: then failure() says why.
  bool next_instant(std::vector<Row>& rows);
  const std::string& failure() const { return failure_; }

 private:
  friend class RuleRows;
  struct Cursor;
  struct InMemory;
  struct InFile;

  RowReader(const match::Program& program, const RuleRows& from, uint32_t rule, RowsAre are);
  void begin(std::unique_ptr<Cursor> cursor);
  // Of the least block; then it is the next one's turn.
  void append_rows(std::vector<Row>& rows);
  std::shared_ptr<Observation> unpack(std::string_view packed);

  RowsAre are_;
  std::vector<std::unique_ptr<Cursor>> cursors_;  // a heap: the least block first
  std::vector<std::shared_ptr<Observation>> passing_;
  size_t passed_ = 0;  // of those, in the current instant
  std::vector<RowGroup> groups_;
  std::string failure_;
};

class RuleRows {
 public:
  explicit RuleRows(size_t rules, SpillOptions options = {});

  // What a rule asked of an event, and the groups that this puts it in, by rising combination. An event's rows of all
  // rules are best added one after the other, or it is kept several times.
  void add(uint32_t rule, const EventRef& event, const Observation& seen, std::span<const RowGroup> groups);
  void merge(RuleRows&& other);
  void forget(uint32_t rule);
  // Lets go of the events when no rule has rows in memory.
  void forget_events();

  // Brings the events in memory into the total order; from then to the next add() or merge(), several threads may read,
  // each a rule of its own.
  void order_events();
  // May be called again. The rows must stay while the reader is used.
  RowReader read(const match::Program& program, uint32_t rule, RowsAre are = RowsAre::passing) {
    order_events();
    return {program, *this, rule, are};
  }

  bool spilled() const { return file_ != nullptr; }
  // Why rows are missing: the disk is full, say. Empty when all is well.
  const std::string& failure() const { return failure_; }

 private:
  friend class RowReader;
  struct Placed {
    uint32_t rank = 0, event = 0;
    RowLog::Block block;
  };

  static bool before(const Placed& a, const Placed& b);
  std::vector<Placed> in_order(uint32_t rule) const;
  std::vector<Placed> by_counting(const std::vector<Placed>& blocks) const;
  void spill();

  SpillOptions options_;
  std::vector<EventRef> events_;             // of the rows in memory
  std::vector<uint32_t> by_rank_;            // their places, in the total order
  std::vector<uint32_t> ranks_;              // by place; equal events have one rank
  std::vector<RowLog> logs_;                 // by rule
  std::vector<std::vector<SpilledRun>> runs_;  // by rule
  std::shared_ptr<SpillFile> file_;
  uint64_t bytes_ = 0;
  std::string packed_;  // memory to work in
  std::string failure_;
};

}  // namespace weir::correlate
