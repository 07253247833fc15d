// See writer.h.
#include "runtime/store/writer.h"

namespace weir::store {
namespace {

constexpr size_t kIdBytes = 32;

int64_t as_integer(uint64_t number) { return static_cast<int64_t>(number); }

}  // namespace

Writer::Writer(Database& database)
    : database_(database),
      unit_(database, "INSERT OR REPLACE INTO units VALUES (?, ?, ?, ?, ?, ?)"),
      mark_(database, "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)"),
      heard_(database, "UPDATE units SET at = ? WHERE source = ? AND unit = ?"),
      no_unit_(database, "DELETE FROM units WHERE source = ? AND unit = ?"),
      no_mark_(database, "DELETE FROM marks WHERE source = ? AND unit = ?"),
      thousandth_alert_(database, "SELECT id FROM alerts WHERE id > ? ORDER BY id LIMIT 1 OFFSET 999"),
      no_alert_(database,
                "DELETE FROM alerts WHERE id > ?1 AND (?2 = '' OR id <= ?2) AND at < ?3 "
                "AND state IN ('final', 'withdrawn', 'replaced')"),
      part_(database,
            "INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
            "excluded.value"),
      no_part_(database, "DELETE FROM state WHERE key = ?"),
      ids_(database, "INSERT INTO seen (count, ids) VALUES (?, ?)"),
      oldest_ids_(database, "SELECT row, count FROM seen ORDER BY row LIMIT 1"),
      forget_ids_(database, "DELETE FROM seen WHERE row = ?"),
      alert_(database,
             "INSERT INTO alerts VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET state = ?2, at = ?3 "
             "WHERE state <> ?2 AND state <> 'final'"),
      message_(database, "INSERT INTO messages (id, state, body) VALUES (?, ?, ?)"),
      outbox_(database, "INSERT INTO outbox (sink, message, first_at) VALUES (?, ?, ?)"),
      message_of_(database, "SELECT message FROM outbox WHERE row = ?"),
      // As late as there is: retry_outbox() makes it due.
      set_aside_(database,
                 "UPDATE outbox SET next_at = 9223372036854775807, attempts = attempts + 1, error = ?2 "
                 "WHERE row = ?1"),
      // Who asked for it meanwhile is not to wait.
      tried_(database,
             "UPDATE outbox SET next_at = CASE next_at WHEN -1 THEN -1 ELSE ?2 END, attempts = attempts + 1, "
             "error = ?3 WHERE row = ?1"),
      noticed_(database, "UPDATE outbox SET next_at = 0 WHERE row = ? AND next_at = -1"),
      sent_(database, "DELETE FROM outbox WHERE row = ?"),
      forget_message_(
          database,
          "DELETE FROM messages WHERE row = ?1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE message = ?1)"),
      sink_(database, "INSERT OR REPLACE INTO sinks VALUES (?, ?, ?)"),
      quarantined_(database,
                   "INSERT INTO quarantine (at, source, unit, file, line, record, place, events, reason, "
                   "bytes, whole, "
                   "text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      retried_(database, "DELETE FROM quarantine WHERE row = ?"),
      counter_(database,
               "INSERT INTO counters VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2"),
      no_suspect_(database, "DELETE FROM suspects WHERE source = ? AND unit = ?"),
      replaced_(
          database,
          "UPDATE alerts SET state = 'replaced', at = ?2 WHERE id = ?1 AND state IN ('open', 'amended')"),
      held_(database),
      room_(database) {}

bool Writer::write(const Commit& commit) {
  finals_ = outbox_rows_ = 0;
  seen_before_ = seen_;
  last_alert_before_ = last_alert_;
  for (const UnitPosition& unit : commit.units)
    if (!write_unit(unit, commit.now)) return false;
  for (const correlate::SavedPart& part : commit.parts) {
    const bool well = part.value ? part_.bind_kept_bytes(part.key).bind_kept_bytes(*part.value).run()
                                 : no_part_.bind_kept_bytes(part.key).run();
    if (!well) return false;
  }
  for (const AlertRow& alert : commit.released)
    if (!send(alert, commit.now)) return false;
  for (const AlertRow& alert : commit.alerts)
    if (!write_alert(alert, commit.now)) return false;
  for (const HeldAlert& held : commit.held)
    if (!held_.write(held, commit.now)) return false;
  if (!write_quarantine(commit)) return false;
  for (const Delivery& delivery : commit.deliveries)
    if (!write_delivery(delivery)) return false;
  const Counts& counts = commit.counts;
  if (!forget(commit) || !write_seen(commit)) return false;
  return count("received", counts.received) && count("evaluated", counts.evaluated) &&
         count("quarantined", counts.quarantined) && count("duplicates", counts.duplicates) &&
         count("id_conflicts", counts.id_conflicts) && count("skipped", counts.skipped) &&
         count("decoded_bytes", counts.decoded_bytes) && count("late", counts.late) &&
         count("ahead", counts.ahead) && count("alerts_committed", finals_) &&
         count("alerts_silenced", commit.alerts_silenced) && count("quarantine_dropped", room_.dropped());
}

void Writer::rolled_back() {
  seen_ = seen_before_;
  last_alert_ = last_alert_before_;
  room_.rolled_back();
}

bool Writer::write_quarantine(const Commit& commit) {
  for (const QuarantineRow& row : commit.quarantine) {
    quarantined_.bind(row.at).bind_text(row.source).bind_bytes(row.unit).bind_text(row.file);
    quarantined_.bind(as_integer(row.line)).bind(as_integer(row.record)).bind(as_integer(row.offset));
    quarantined_.bind(as_integer(row.events)).bind_text(row.reason).bind_bytes(row.bytes);
    if (!quarantined_.bind(row.whole).bind(row.text).run()) return false;
  }
  for (int64_t row : commit.retried)
    if (!retried_.bind(row).run()) return false;
  return room_.added(commit.quarantine);
}

bool Writer::write_unit(const UnitPosition& unit, int64_t now) {
  unit_.bind_text(unit.source).bind_bytes(unit.unit).bind(as_integer(unit.done)).bind(unit.finished);
  if (!unit_.bind_text(unit.name).bind(now).run()) return false;
  if (!unit.mark.empty()) {
    mark_.bind_text(unit.source).bind_bytes(unit.unit).bind_bytes(unit.mark);
    if (!mark_.run()) return false;
  }
  const bool ended = unit.finished || (unit.done == 0 && !unit.mark.empty());
  return !ended || no_suspect_.bind_text(unit.source).bind_bytes(unit.unit).run();
}

bool Writer::forget(const Commit& commit) {
  for (const UnitName& unit : commit.heard)
    if (!heard_.bind(commit.now).bind_text(unit.source).bind_bytes(unit.unit).run()) return false;
  for (const UnitName& unit : commit.forgotten) {
    if (!no_unit_.bind_text(unit.source).bind_bytes(unit.unit).run()) return false;
    if (!no_mark_.bind_text(unit.source).bind_bytes(unit.unit).run()) return false;
    if (!no_suspect_.bind_text(unit.source).bind_bytes(unit.unit).run()) return false;
  }
  if (commit.forget_alerts == 0) return true;
  thousandth_alert_.bind_text(last_alert_);
  std::string until = thousandth_alert_.step() ? thousandth_alert_.bytes(0) : std::string();
  thousandth_alert_.reset();
  if (!no_alert_.bind_text(last_alert_).bind_text(until).bind(commit.forget_alerts).run()) return false;
  last_alert_ = std::move(until);  // empty: from the beginning again
  return true;
}

bool Writer::write_alert(const AlertRow& alert, int64_t now) {
  if (!alert_.bind_text(alert.id).bind_text(alert.state).bind(now).run()) return false;
  if (database_.changed() == 0) return true;  // told before
  finals_ += alert.state == "final";
  if (!alert.replaces.empty() && !replaced_.bind_text(alert.replaces).bind(now).run()) return false;
  return send(alert, now);
}

bool Writer::send(const AlertRow& alert, int64_t now) {
  if (alert.sinks.empty()) return true;
  if (!message_.bind_text(alert.id).bind_text(alert.state).bind_text(alert.body).run()) return false;
  const int64_t message = database_.last_insert();
  for (const std::string& sink : alert.sinks)
    if (!outbox_.bind_text(sink).bind(message).bind(now).run()) return false;
  outbox_rows_ += static_cast<int64_t>(alert.sinks.size());
  return true;
}

bool Writer::write_delivery(const Delivery& delivery) {
  for (int64_t row : delivery.rows) {
    message_of_.bind(row);
    const int64_t message = message_of_.step() ? message_of_.integer(0) : 0;
    message_of_.reset();
    if (!sent_.bind(row).run()) return false;
    outbox_rows_ -= database_.changed();
    if (!forget_message_.bind(message).run()) return false;
  }
  for (const SetAside& aside : delivery.set_aside)
    if (!set_aside_.bind(aside.row).bind_text(aside.reason).run()) return false;
  for (const Tried& tried : delivery.tried)
    if (!tried_.bind(tried.row).bind(tried.next_at).bind_text(tried.error).run()) return false;
  for (const int64_t row : delivery.noticed)
    if (!noticed_.bind(row).run()) return false;
  if (!delivery.position) return true;
  return sink_.bind_text(delivery.sink)
      .bind_text(delivery.position->identity)
      .bind(as_integer(delivery.position->length))
      .run();
}

bool Writer::write_seen(const Commit& commit) {
  if (commit.seen.empty()) return true;
  const uint64_t more = commit.seen.size() / kIdBytes;
  if (!ids_.bind(as_integer(more)).bind_bytes(commit.seen).run()) return false;
  seen_ += more;
  while (seen_ > most_seen_ + more) {
    const bool found = oldest_ids_.step();
    const int64_t row = found ? oldest_ids_.integer(0) : 0, held = found ? oldest_ids_.integer(1) : 0;
    oldest_ids_.reset();
    if (!found) break;
    seen_ -= static_cast<uint64_t>(held);
    if (!forget_ids_.bind(row).run()) return false;
  }
  return true;
}

bool Writer::count(const char* name, int64_t more) {
  return more == 0 || counter_.bind_text(name).bind(more).run();
}

}  // namespace weir::store
