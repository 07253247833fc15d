// See quarantine_room.h.
#include "runtime/store/quarantine_room.h"

#include <algorithm>

namespace weir::store {
namespace {

constexpr int64_t kAtOnce = 1000;
constexpr int64_t kMostKinds = 1000;  // of a source and a reason; further reasons are one
constexpr const char* kOtherReasons = "other reasons";

// So much of a limit is left full, that not every commit has to make room.
int64_t after_dropping(int64_t most) { return most - most / 8; }

}  // namespace

std::vector<DroppedRecords> read_dropped(Database& database) {
  std::vector<DroppedRecords> out;
  Statement row(database,
                "SELECT source, reason, events, first_at, last_at FROM quarantine_dropped ORDER BY events DESC");
  while (row.step())
    out.push_back({row.bytes(0), row.bytes(1), row.integer(2), row.integer(3), row.integer(4)});
  return out;
}

QuarantineRoom::QuarantineRoom(Database& database)
    : database_(database),
      oldest_(database,
              "SELECT row, at, source, reason, events, length(bytes) FROM quarantine ORDER BY row LIMIT ?"),
      drop_(database, "DELETE FROM quarantine WHERE row <= ?"),
      kinds_(database, "SELECT count(*) FROM quarantine_dropped"),
      note_known_(database,
                  "UPDATE quarantine_dropped SET events = events + ?3, first_at = min(first_at, ?4), "
                  "last_at = max(last_at, ?5) WHERE source = ?1 AND reason = ?2"),
      note_(database, "INSERT INTO quarantine_dropped VALUES (?1, ?2, ?3, ?4, ?5)") {}

bool QuarantineRoom::added(const std::vector<QuarantineRow>& rows) {
  dropped_ = 0;
  if (rows.empty()) return true;
  rows_ += static_cast<int64_t>(rows.size());
  for (const QuarantineRow& row : rows) bytes_ += static_cast<int64_t>(row.bytes.size());
  if (counted_ && rows_ <= most_rows_ && bytes_ <= most_bytes_) return true;
  if (!count()) return false;
  return (rows_ <= most_rows_ && bytes_ <= most_bytes_) || drop_oldest();
}

bool QuarantineRoom::count() {
  Statement row(database_, "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM quarantine");
  if (!row.step()) return false;
  rows_ = row.integer(0);
  bytes_ = row.integer(1);
  return counted_ = true;
}

bool QuarantineRoom::drop_oldest() {
  const int64_t most_rows = after_dropping(most_rows_), most_bytes = after_dropping(most_bytes_);
  while (rows_ > most_rows || bytes_ > most_bytes) {
    std::vector<DroppedRecords> gone;
    int64_t last = 0;
    oldest_.bind(kAtOnce);
    while ((rows_ > most_rows || bytes_ > most_bytes) && oldest_.step()) {
      last = oldest_.integer(0);
      const int64_t at = oldest_.integer(1);
      gone.push_back({oldest_.bytes(2), oldest_.bytes(3), oldest_.integer(4), at, at});
      --rows_;
      bytes_ -= oldest_.integer(5);
    }
    oldest_.reset();
    if (last == 0) break;
    if (!drop_.bind(last).run()) return false;
    for (const DroppedRecords& one : gone)
      if (!note(one)) return false;
  }
  return true;
}

bool QuarantineRoom::note(const DroppedRecords& gone) {
  dropped_ += gone.events;
  const auto write = [&](Statement& statement, const std::string& reason) {
    statement.bind_text(gone.source).bind_text(reason).bind(gone.events);
    return statement.bind(gone.first_at).bind(gone.last_at).run();
  };
  if (!write(note_known_, gone.reason)) return false;
  if (database_.changed() > 0) return true;
  const int64_t kinds = kinds_.step() ? kinds_.integer(0) : 0;
  kinds_.reset();
  if (kinds < kMostKinds) return write(note_, gone.reason);
  if (!write(note_known_, kOtherReasons)) return false;
  return database_.changed() > 0 || write(note_, kOtherReasons);
}

}  // namespace weir::store
