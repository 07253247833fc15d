// The statements of a commit, prepared once.
#pragma once

#include "runtime/store/commit.h"
#include "runtime/store/quarantine_room.h"
#include "runtime/store/silences.h"
#include "runtime/store/sqlite.h"

namespace weir::store {

class Writer {
 public:
  explicit Writer(Database& database);
  // Within a transaction; false when something failed (Database::problem).
  bool write(const Commit& commit);
  int64_t outbox_more() const {
    return outbox_rows_;
  }  // rows that the last write() added, less those that went
  // At most so many ids of events are kept, by batches; `now` of them are there.
  void limit_seen(uint64_t most, uint64_t now) {
    most_seen_ = most;
    seen_ = now;
  }
  QuarantineRoom& quarantine_room() { return room_; }
  // The transaction of the last write() was undone.
  void rolled_back();

 private:
  bool write_unit(const UnitPosition& unit, int64_t now);
  bool forget(const Commit& commit);
  bool write_alert(const AlertRow& alert, int64_t now);
  bool send(const AlertRow& alert, int64_t now);
  bool write_quarantine(const Commit& commit);
  bool write_delivery(const Delivery& delivery);
  bool write_seen(const Commit& commit);
  bool count(const char* name, int64_t more);

  Database& database_;
  Statement unit_, mark_, heard_, no_unit_, no_mark_, thousandth_alert_, no_alert_, part_, no_part_, ids_,
      oldest_ids_, forget_ids_, alert_, message_, outbox_, message_of_, set_aside_, tried_, noticed_, sent_,
      forget_message_, sink_, quarantined_, retried_, counter_, no_suspect_, replaced_;
  HeldWriter held_;
  QuarantineRoom room_;
  uint64_t most_seen_ = 0, seen_ = 0, seen_before_ = 0;
  std::string last_alert_, last_alert_before_;  // of those that were looked at to be forgotten
  int64_t finals_ = 0, outbox_rows_ = 0;
};

}  // namespace weir::store
