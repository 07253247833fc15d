// See store.h. One connection, one mutex: transactions are short, and only one of them is often.
#include "runtime/store/store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "runtime/process/fault.h"
#include "runtime/store/lock.h"
#include "runtime/store/outbox_drop.h"
#include "runtime/store/schema.h"
#include "runtime/store/sync_points.h"
#include "runtime/store/writer.h"

namespace weir::store {
namespace {

constexpr size_t kIdBytes = 32;
// Of the log, before they are moved: those that are written again and again go to the database once.
constexpr int kLogPages = 1024;
constexpr size_t kMostBytes = 8u << 20;  // of messages at once

constexpr const char* kOutboxColumns =
    "SELECT o.row, o.sink, m.id, m.state, m.body, o.attempts, o.next_at, o.first_at, o.error "
    "FROM outbox o JOIN messages m ON m.row = o.message ";

OutboxRow outbox_row(const Statement& row) {
  return {row.integer(0), row.bytes(1),   row.bytes(2),   row.bytes(3), row.bytes(4),
          row.integer(5), row.integer(6), row.integer(7), row.bytes(8)};
}

QuarantineRow quarantine_row(const Statement& row) {
  QuarantineRow out;
  out.row = row.integer(0);
  out.at = row.integer(1);
  out.source = row.bytes(2);
  out.unit = row.bytes(3);
  out.file = row.bytes(4);
  out.line = static_cast<uint64_t>(row.integer(5));
  out.record = static_cast<uint64_t>(row.integer(6));
  out.offset = static_cast<uint64_t>(row.integer(7));
  out.events = static_cast<uint64_t>(row.integer(8));
  out.reason = row.bytes(9);
  out.whole = row.integer(10) != 0;
  out.text = row.integer(11) != 0;
  out.bytes = row.bytes(12);
  return out;
}

constexpr const char* kQuarantineColumns =
    "SELECT row, at, source, unit, file, line, record, place, events, reason, whole, text, ";

constexpr const char* kOutboxDropped = "outbox_dropped";
constexpr auto kMaking = std::chrono::seconds(5);  // so long a process may take to make a store
constexpr auto kBetweenLooks = std::chrono::milliseconds(20);

std::string of_file(const std::string& folder, const std::string& sentence) {
  return fmt::format("{}/weir.db: {}", folder, sentence);
}

// As a condition: so many values are bound to it.
std::string is_one_of(const char* column, size_t values) {
  std::string out = fmt::format("{} IN (", column);
  for (size_t i = 0; i < values; ++i) out += i ? ", ?" : "?";
  return out + ")";
}

// A process that holds the lock and has no tables yet is about to make them.
std::string look_at_tables(const std::string& folder, Database& database) {
  const auto until = std::chrono::steady_clock::now() + kMaking;
  for (bool made_now = true;;) {
    database.clear();
    std::string wrong = check_tables(database);
    if (wrong != kNoTables || !made_now || std::chrono::steady_clock::now() > until) return wrong;
    made_now = Lock::is_taken(folder);
    if (made_now) std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace

void Counts::add(const Counts& other) {
  received += other.received;
  evaluated += other.evaluated;
  quarantined += other.quarantined;
  duplicates += other.duplicates;
  id_conflicts += other.id_conflicts;
  skipped += other.skipped;
  decoded_bytes += other.decoded_bytes;
  late += other.late;
  ahead += other.ahead;
}

struct Store::Impl {
  std::string folder;
  Lock lock;
  Database database;
  std::unique_ptr<Writer> writer;
  std::mutex mutex;
  int64_t outbox_rows = 0, quarantine_dropped = 0;
  int64_t outbox_dropped = 0;                             // when `outbox_rows` was counted
  std::optional<std::vector<std::string>> counted_sinks;  // nothing: all

  int64_t counter(const char* name) {
    Statement row(database, "SELECT value FROM counters WHERE name = ?");
    return row.bind_text(name).step() ? row.integer(0) : 0;
  }

  int64_t count_outbox() {
    outbox_dropped = counter(kOutboxDropped);
    std::string sql = "SELECT count(*) FROM outbox";
    if (counted_sinks) sql += " WHERE " + is_one_of("sink", counted_sinks->size());
    Statement row(database, sql.c_str());
    if (counted_sinks)
      for (const std::string& sink : *counted_sinks) row.bind_text(sink);
    return row.step() ? row.integer(0) : 0;
  }

  // For each row, or for all when there are none: `sql` ends where a condition on `row` would stand.
  int64_t change_rows(const std::string& sql, const std::vector<int64_t>& rows) {
    std::lock_guard guard(mutex);
    database.clear();
    int64_t changed = 0;
    if (!database.run("BEGIN IMMEDIATE")) return 0;
    if (rows.empty()) {
      Statement(database, sql.c_str()).run();
      changed = database.changed();
    } else {
      Statement one(database, (sql + " WHERE row = ?").c_str());
      for (int64_t row : rows)
        if (one.bind(row).run()) changed += database.changed();
    }
    if (database.problem().empty() && database.run("COMMIT")) return changed;
    const std::string problem = database.problem();
    database.run("ROLLBACK");
    return 0;
  }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

std::unique_ptr<Store> Store::open(const std::string& folder, Access access, std::string& problem) {
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  install_sync_points();
  std::error_code error;
  if (access == Access::run) {
    std::filesystem::create_directories(folder, error);
    if (error) {
      problem = fmt::format("{}: {}", folder, error.message());
      return nullptr;
    }
    ::chmod(folder.c_str(), 0700);  // alerts hold records
    if (problem = impl->lock.take(folder); !problem.empty()) return nullptr;
  } else if (!std::filesystem::exists(folder + "/weir.db", error)) {
    problem = fmt::format("{}: there is no store; `weir run` makes it", folder);
    return nullptr;
  }
  if (!impl->database.open(folder + "/weir.db", access == Access::run)) {
    problem = of_file(folder, impl->database.problem());
    return nullptr;
  }
  const std::string wrong =
      access == Access::run ? prepare_tables(impl->database) : look_at_tables(folder, impl->database);
  if (!wrong.empty()) {
    problem = of_file(folder, wrong);
    return nullptr;
  }
  if (access == Access::run) {
    impl->writer = std::make_unique<Writer>(impl->database);
    impl->database.keep_log();
  }
  impl->outbox_rows = impl->count_outbox();
  impl->quarantine_dropped = impl->counter("quarantine_dropped");
  if (!impl->database.problem().empty()) {
    problem = of_file(folder, impl->database.problem());
    return nullptr;
  }
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

const std::string& Store::folder() const { return impl_->folder; }

std::string Store::commit(const Commit& commit) {
  std::lock_guard guard(impl_->mutex);
  Database& database = impl_->database;
  database.clear();
  const bool begun = database.run("BEGIN IMMEDIATE");
  if (begun && impl_->writer->write(commit)) {
    process::pass(process::Fault::before_commit);
    if (database.run("COMMIT")) {
      process::pass(process::Fault::after_commit);
      impl_->outbox_rows += impl_->writer->outbox_more();
      impl_->quarantine_dropped += impl_->writer->quarantine_room().dropped();
      return {};
    }
  }
  const std::string problem = database.problem();
  if (!begun) return problem;
  database.run("ROLLBACK");
  impl_->writer->rolled_back();
  return problem;
}

void Store::tidy() {
  std::lock_guard guard(impl_->mutex);
  if (impl_->database.log_pages() >= kLogPages) impl_->database.move_log();
}

std::vector<UnitPosition> Store::units() {
  std::lock_guard guard(impl_->mutex);
  std::vector<UnitPosition> out;
  Statement row(impl_->database,
                "SELECT u.source, u.unit, u.name, u.done, u.finished, m.mark FROM units u "
                "LEFT JOIN marks m ON m.source = u.source AND m.unit = u.unit");
  while (row.step())
    out.push_back({row.bytes(0), row.bytes(1), row.bytes(2), static_cast<uint64_t>(row.integer(3)),
                   row.integer(4) != 0, row.bytes(5)});
  return out;
}

std::vector<Store::Heard> Store::units_after(const UnitName& name, size_t most) {
  std::lock_guard guard(impl_->mutex);
  std::vector<Heard> out;
  Statement row(impl_->database,
                "SELECT source, unit, at FROM units WHERE (source, unit) > (?, ?) "
                "ORDER BY source, unit LIMIT ?");
  row.bind_text(name.source).bind_bytes(name.unit).bind(static_cast<int64_t>(most));
  while (row.step()) out.push_back({{row.bytes(0), row.bytes(1)}, row.integer(2)});
  return out;
}

std::vector<correlate::SavedPart> Store::parts_but(char beginning) {
  std::lock_guard guard(impl_->mutex);
  std::vector<correlate::SavedPart> out;
  Statement row(impl_->database, "SELECT key, value FROM state WHERE substr(key, 1, 1) <> ?");
  row.bind_bytes({&beginning, 1});
  while (row.step()) out.push_back({row.bytes(0), row.bytes(1)});
  return out;
}

void Store::each_part(char beginning, const std::function<void(const correlate::SavedPart&)>& use) {
  std::lock_guard guard(impl_->mutex);
  const char end = static_cast<char>(beginning + 1);
  Statement row(impl_->database, "SELECT key, value FROM state WHERE key >= ? AND key < ? ORDER BY key");
  row.bind_bytes({&beginning, 1}).bind_bytes({&end, 1});
  while (row.step()) use({row.bytes(0), row.bytes(1)});
}

void Store::seen(uint64_t most, const std::function<void(std::string_view)>& batch) {
  std::lock_guard guard(impl_->mutex);
  uint64_t count = 0;
  int64_t oldest = 0;
  Statement newest_first(impl_->database, "SELECT row, count FROM seen ORDER BY row DESC");
  while (newest_first.step()) {
    oldest = newest_first.integer(0);
    count += static_cast<uint64_t>(newest_first.integer(1));
    if (count >= most) break;
  }
  newest_first.reset();
  Statement(impl_->database, "DELETE FROM seen WHERE row < ?").bind(oldest).run();
  impl_->writer->limit_seen(most, count);
  Statement row(impl_->database, "SELECT ids FROM seen ORDER BY row");
  while (row.step()) {
    const std::string ids = row.bytes(0);
    batch(std::string_view(ids).substr(0, ids.size() / kIdBytes * kIdBytes));
  }
}

std::vector<Death> Store::note_deaths(const std::vector<Death>& fresh, int64_t stamp) {
  std::lock_guard guard(impl_->mutex);
  impl_->database.run("BEGIN IMMEDIATE");
  Statement again(impl_->database, "SELECT 1 FROM meta WHERE name = 'left' AND value = ?1 AND ?1 <> 0");
  const bool noted_before = again.bind(stamp).step();
  again.reset();
  Statement(impl_->database, "INSERT OR REPLACE INTO meta VALUES ('left', ?)").bind(stamp).run();
  Statement note(impl_->database,
                 "INSERT INTO suspects VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET "
                 "crashes = crashes + excluded.crashes, deaths = deaths + 1");
  for (const Death& death : fresh) {
    if (noted_before) break;
    note.bind_text(death.source).bind_bytes(death.unit).bind(static_cast<int64_t>(death.record));
    note.bind(death.deciding).bind(death.crashes).run();
  }
  impl_->database.run("COMMIT");
  std::vector<Death> out;
  Statement row(impl_->database, "SELECT source, unit, record, deciding, crashes, deaths FROM suspects");
  while (row.step())
    out.push_back({row.bytes(0), row.bytes(1), static_cast<uint64_t>(row.integer(2)), row.integer(3) != 0,
                   row.integer(4), row.integer(5)});
  return out;
}

std::vector<QuarantineRow> Store::to_retry(int64_t after, size_t most,
                                           const std::vector<std::string>& sources) {
  std::lock_guard guard(impl_->mutex);
  std::vector<QuarantineRow> out;
  const std::string of_source = is_one_of("source", sources.size());
  Statement row(impl_->database,
                fmt::format("{}bytes FROM quarantine WHERE retry AND row > ? AND {} ORDER BY row LIMIT ?",
                            kQuarantineColumns, of_source)
                    .c_str());
  row.bind(after);
  for (const std::string& source : sources) row.bind_text(source);
  row.bind(static_cast<int64_t>(most));
  while (row.step()) out.push_back(quarantine_row(row));
  return out;
}

std::vector<OutboxRow> Store::waiting(const std::string& sink, int64_t after, size_t most) {
  std::lock_guard guard(impl_->mutex);
  std::vector<OutboxRow> out;
  Statement row(impl_->database, (std::string(kOutboxColumns) +
                                  "WHERE o.sink = ? AND o.row > ? AND o.next_at < ? ORDER BY o.row LIMIT ?")
                                     .c_str());
  row.bind_text(sink).bind(after).bind(kNotByItself).bind(static_cast<int64_t>(most));
  for (size_t bytes = 0; bytes < kMostBytes && row.step(); bytes += out.back().body.size())
    out.push_back(outbox_row(row));
  return out;
}

std::vector<int64_t> Store::asked_for(const std::string& sink, size_t most) {
  std::lock_guard guard(impl_->mutex);
  std::vector<int64_t> out;
  // The text of the condition is that of the index.
  Statement row(impl_->database,
                "SELECT row FROM outbox WHERE next_at = -1 AND sink = ? ORDER BY row LIMIT ?");
  row.bind_text(sink).bind(static_cast<int64_t>(most));
  while (row.step()) out.push_back(row.integer(0));
  return out;
}

uint64_t Store::outbox_size() {
  std::lock_guard guard(impl_->mutex);
  if (impl_->outbox_rows > 0 && impl_->counter(kOutboxDropped) != impl_->outbox_dropped)
    impl_->outbox_rows = impl_->count_outbox();
  return static_cast<uint64_t>(impl_->outbox_rows);
}

void Store::count_outbox_of(std::vector<std::string> sinks) {
  std::lock_guard guard(impl_->mutex);
  impl_->counted_sinks = std::move(sinks);
  impl_->outbox_rows = impl_->count_outbox();
}

std::vector<WaitingRows> Store::outbox_by_sink() {
  std::lock_guard guard(impl_->mutex);
  std::vector<WaitingRows> out;
  Statement row(impl_->database, "SELECT sink, count(*) FROM outbox GROUP BY sink ORDER BY sink");
  while (row.step()) out.push_back({row.bytes(0), row.integer(1)});
  return out;
}

int64_t Store::outbox_dropped() {
  std::lock_guard guard(impl_->mutex);
  return impl_->counter(kOutboxDropped);
}

SinkPosition Store::sink_position(const std::string& sink) {
  std::lock_guard guard(impl_->mutex);
  Statement row(impl_->database, "SELECT identity, length FROM sinks WHERE name = ?");
  row.bind_text(sink);
  return row.step() ? SinkPosition{row.bytes(0), static_cast<uint64_t>(row.integer(1))} : SinkPosition{};
}

std::string Store::alert_state(const std::string& id) {
  std::lock_guard guard(impl_->mutex);
  Statement row(impl_->database, "SELECT state FROM alerts WHERE id = ?");
  return row.bind_text(id).step() ? row.bytes(0) : std::string();
}

std::vector<SilenceRow> Store::silences() {
  std::lock_guard guard(impl_->mutex);
  return read_silences(impl_->database);
}

int64_t Store::add_silence(const SilenceRow& silence) {
  std::lock_guard guard(impl_->mutex);
  impl_->database.clear();
  return store::add_silence(impl_->database, silence);
}

int64_t Store::end_silence(int64_t number, int64_t now) {
  std::lock_guard guard(impl_->mutex);
  impl_->database.clear();
  return store::end_silence(impl_->database, number, now);
}

void Store::forget_silences(int64_t ended_before) {
  std::lock_guard guard(impl_->mutex);
  store::forget_silences(impl_->database, ended_before);
}

std::vector<HeldAlert> Store::held(int64_t after, size_t most) {
  std::lock_guard guard(impl_->mutex);
  return read_held(impl_->database, after, most);
}

Audit Store::audit() {
  std::lock_guard guard(impl_->mutex);
  Audit audit;
  Statement row(impl_->database, "SELECT name, value FROM counters");
  while (row.step()) {
    const std::string name = row.bytes(0);
    if (name == "received") audit.received = row.integer(1);
    if (name == "evaluated") audit.evaluated = row.integer(1);
    if (name == "quarantined") audit.quarantined = row.integer(1);
    if (name == "alerts_committed") audit.alerts_committed = row.integer(1);
    if (name == "alerts_silenced") audit.alerts_silenced = row.integer(1);
    if (name == "quarantine_dropped") audit.quarantine_dropped = row.integer(1);
    if (name == "late") audit.late = row.integer(1);
    if (name == "ahead") audit.ahead = row.integer(1);
    if (name == "skipped") audit.skipped = row.integer(1);
  }
  audit.in_flight = audit.received - audit.evaluated - audit.quarantined;
  return audit;
}

std::vector<QuarantineRow> Store::quarantine(int64_t after, size_t most, bool with_bytes) {
  std::lock_guard guard(impl_->mutex);
  std::vector<QuarantineRow> out;
  Statement row(impl_->database,
                fmt::format("{}{} FROM quarantine WHERE row > ? ORDER BY row LIMIT ?", kQuarantineColumns,
                            with_bytes ? "bytes" : "substr(bytes, 1, 200)")
                    .c_str());
  row.bind(after).bind(static_cast<int64_t>(most));
  while (row.step()) out.push_back(quarantine_row(row));
  return out;
}

int64_t Store::retry_quarantine(const std::vector<int64_t>& rows) {
  return impl_->change_rows("UPDATE quarantine SET retry = whole", rows);
}

int64_t Store::drop_quarantine(const std::vector<int64_t>& rows) {
  const int64_t before = rows.empty() ? impl_->change_rows("DELETE FROM quarantine_dropped", {}) : 0;
  return before + impl_->change_rows("DELETE FROM quarantine", rows);
}

std::vector<DroppedRecords> Store::dropped_records() {
  std::lock_guard guard(impl_->mutex);
  return read_dropped(impl_->database);
}

void Store::limit_quarantine(uint64_t bytes, uint64_t rows) {
  std::lock_guard guard(impl_->mutex);
  impl_->writer->quarantine_room().limit(bytes, rows);
}

int64_t Store::quarantine_dropped() {
  std::lock_guard guard(impl_->mutex);
  return impl_->quarantine_dropped;
}

std::vector<OutboxRow> Store::outbox(int64_t after, size_t most) {
  std::lock_guard guard(impl_->mutex);
  std::vector<OutboxRow> out;
  Statement row(impl_->database,
                (std::string(kOutboxColumns) + "WHERE o.row > ? ORDER BY o.row LIMIT ?").c_str());
  row.bind(after).bind(static_cast<int64_t>(most));
  while (row.step()) out.push_back(outbox_row(row));
  return out;
}

int64_t Store::retry_outbox(const std::vector<int64_t>& rows) {
  return impl_->change_rows(fmt::format("UPDATE outbox SET next_at = {}", kAskedFor), rows);
}

int64_t Store::drop_outbox(const std::vector<int64_t>& rows, const std::string& sink) {
  std::lock_guard guard(impl_->mutex);
  impl_->database.clear();
  return store::drop_outbox(impl_->database, rows, sink);
}

std::string Store::problem() {
  std::lock_guard guard(impl_->mutex);
  return impl_->database.problem();
}

}  // namespace weir::store
