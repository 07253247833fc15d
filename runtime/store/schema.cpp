// See schema.h.
#include "runtime/store/schema.h"

#include <fmt/format.h>

namespace weir::store {
namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS units (source TEXT NOT NULL, unit BLOB NOT NULL, done INTEGER NOT NULL,
  finished INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (source, unit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (source TEXT NOT NULL, unit BLOB NOT NULL, mark BLOB NOT NULL,
  PRIMARY KEY (source, unit)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (row INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seen (row INTEGER PRIMARY KEY, count INTEGER NOT NULL, ids BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS alerts (id TEXT PRIMARY KEY, state TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, state TEXT NOT NULL,
  body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (row INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL,
  message INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0,
  first_at INTEGER NOT NULL, error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS outbox_by_sink ON outbox (sink, row);
CREATE INDEX IF NOT EXISTS outbox_by_message ON outbox (message);
CREATE INDEX IF NOT EXISTS outbox_asked_for ON outbox (sink) WHERE next_at = -1;
CREATE TABLE IF NOT EXISTS sinks (name TEXT PRIMARY KEY, identity TEXT NOT NULL, length INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarantine (row INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
  source TEXT NOT NULL, unit BLOB NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, record INTEGER NOT NULL,
  place INTEGER NOT NULL, events INTEGER NOT NULL, reason TEXT NOT NULL, bytes BLOB NOT NULL, whole INTEGER NOT NULL,
  text INTEGER NOT NULL, retry INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS quarantine_to_retry ON quarantine (row) WHERE retry;
CREATE TABLE IF NOT EXISTS quarantine_dropped (source TEXT NOT NULL, reason TEXT NOT NULL, events INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, PRIMARY KEY (source, reason)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS silences (number INTEGER PRIMARY KEY AUTOINCREMENT, matchers TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER NOT NULL, comment TEXT NOT NULL, made_by TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS held (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
  body TEXT NOT NULL, sinks TEXT NOT NULL, silence TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS suspects (source TEXT NOT NULL, unit BLOB NOT NULL, record INTEGER NOT NULL,
  deciding INTEGER NOT NULL, crashes INTEGER NOT NULL, deaths INTEGER NOT NULL,
  PRIMARY KEY (source, unit, record, deciding)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// In one tree with their keys, values of a megabyte were read to find others.
constexpr const char* kFromVersion1 =
    "CREATE TABLE IF NOT EXISTS parts (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "INSERT INTO state (key, value) SELECT key, value FROM parts; DROP TABLE parts;"
    "UPDATE meta SET value = 2 WHERE name = 'version'";

int64_t version_of(Database& database) {
  Statement version(database, "SELECT value FROM meta WHERE name = 'version'");
  return version.step() ? version.integer(0) : 0;
}

// Whether there is a store, of whatever version; kNoTables when there is nothing.
std::string check_kind(Database& database) {
  Statement tables(
      database, "SELECT count(*), coalesce(sum(name = 'meta'), 0) FROM sqlite_master WHERE type = 'table'");
  if (!tables.step()) return database.problem();
  if (tables.integer(0) == 0) return kNoTables;
  return tables.integer(1) > 0 ? "" : "it is no store: another program's tables are in it";
}

}  // namespace

std::string prepare_tables(Database& database) {
  if (std::string wrong = check_kind(database); !wrong.empty() && wrong != kNoTables) return wrong;
  const bool made =
      database.run(
          "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
          "PRAGMA cache_size=-16384; PRAGMA journal_size_limit=67108864; "
          "BEGIN IMMEDIATE") &&
      database.run(kTables) &&
      database.run(fmt::format("INSERT OR IGNORE INTO meta VALUES ('version', {})", kStoreVersion).c_str()) &&
      (version_of(database) != 1 || database.run(kFromVersion1)) && database.run("COMMIT");
  return made ? check_tables(database) : database.problem();
}

std::string check_tables(Database& database) {
  if (std::string wrong = check_kind(database); !wrong.empty()) return wrong;
  const int64_t found = version_of(database);
  if (!database.problem().empty()) return database.problem();
  if (found == 0) return "it has no version";
  if (found < 1 || found > kStoreVersion)
    return fmt::format("it is of version {}, and this program knows version {}", found, kStoreVersion);
  return {};
}

}  // namespace weir::store
