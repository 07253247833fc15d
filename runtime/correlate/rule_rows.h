// The rows of each rule, collected in any order and given back in the total order, in bounded memory.
//
// What is beyond the budget goes to a temporary file that has no name, sorted, and is merged when it is read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/correlate/row.h"
#include "runtime/match/program.h"

namespace weir::correlate {

struct SpillOptions {
  uint64_t budget_bytes = UINT64_MAX;  // of rows in memory, by estimate
  std::string folder;                  // for temporary files
};

class SpillFile;
struct SpilledRun {  // rows of one rule, sorted
  std::shared_ptr<const SpillFile> file;
  uint64_t offset = 0, bytes = 0;
};

// Reads the rows of one rule in the total order.
class RowReader {
 public:
  // `rows` in any order; they, and `runs`, are borrowed.
  RowReader(const match::Program& program, std::vector<Row>& rows, const std::vector<SpilledRun>& runs);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  // False at the end, and when a file cannot be read: then failure() says why.
  bool next(Row& row);
  const std::string& failure() const { return failure_; }

 private:
  struct Cursor;
  bool advance(Cursor& cursor);

  const match::Program& program_;
  std::vector<std::unique_ptr<Cursor>> cursors_;  // a heap: the least row first
  std::string failure_;
};

class RuleRows {
 public:
  explicit RuleRows(size_t rules, SpillOptions options = {});

  void add(uint32_t rule, Row row);
  void merge(RuleRows&& other);
  void forget(uint32_t rule);
  // May be called again. The rows must stay while the reader is used.
  RowReader read(const match::Program& program, uint32_t rule) { return {program, rows_[rule], runs_[rule]}; }

  bool spilled() const { return file_ != nullptr; }
  // Why rows are missing: the disk is full, say. Empty when all is well.
  const std::string& failure() const { return failure_; }

 private:
  void spill();
  // Each record of the rows in memory once; where it now is, by its event.
  std::unordered_map<const StoredEvent*, uint64_t> put_records_away();

  SpillOptions options_;
  std::vector<std::vector<Row>> rows_;        // by rule
  std::vector<std::vector<SpilledRun>> runs_;  // by rule
  std::shared_ptr<SpillFile> file_;
  const StoredEvent* last_event_ = nullptr;  // counted already
  uint64_t bytes_ = 0;
  std::string failure_;
};

}  // namespace weir::correlate
