// How much the quarantine holds, and that it never holds more than it may: beyond its limits the oldest
// records go, and of them how many there were, from where and why is kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/store/commit.h"
#include "runtime/store/sqlite.h"

namespace weir::store {

// What went for want of room. Times in microseconds since 1970.
struct DroppedRecords {
  std::string source, reason;
  int64_t events = 0, first_at = 0, last_at = 0;
};
// The most frequent first.
std::vector<DroppedRecords> read_dropped(Database& database);

class QuarantineRoom {
 public:
  explicit QuarantineRoom(Database& database);
  // Of the next commits. Without it there is no limit.
  void limit(uint64_t bytes, uint64_t rows) {
    most_bytes_ = static_cast<int64_t>(bytes);
    most_rows_ = static_cast<int64_t>(rows);
  }

  // Within a transaction, of rows that were put into the table just now. False when something failed.
  bool added(const std::vector<QuarantineRow>& rows);
  int64_t dropped() const { return dropped_; }  // events, by the last added()
  // The transaction was undone: what is there is not known any more.
  void rolled_back() { counted_ = false; }

 private:
  bool count();
  bool drop_oldest();
  bool note(const DroppedRecords& gone);

  Database& database_;
  Statement oldest_, drop_, kinds_, note_known_, note_;
  int64_t most_bytes_ = INT64_MAX, most_rows_ = INT64_MAX;
  int64_t bytes_ = 0, rows_ = 0;  // at most so much: verbs take rows away without a word
  int64_t dropped_ = 0;
  bool counted_ = false;
};

}  // namespace weir::store
