// See sqlite.h.
#include "runtime/store/sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace weir::store {

Statement::Statement(Database& database, const char* sql) : database_(&database) {
  database.check(
      sqlite3_prepare_v3(database.handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement::Statement(Statement&& other) noexcept { *this = std::move(other); }

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  std::swap(next_, other.next_);
  return *this;
}

Statement& Statement::bind(int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

// Transient: what is bound may be gone before the statement runs.
Statement& Statement::bind_text(std::string_view value) {
  sqlite3_bind_text64(statement_, next_++, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_bytes(std::string_view value) {
  sqlite3_bind_blob64(statement_, next_++, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_kept_bytes(std::string_view value) {
  sqlite3_bind_blob64(statement_, next_++, value.data() ? value.data() : "", value.size(), SQLITE_STATIC);
  return *this;
}

bool Statement::step() {
  const int code = statement_ ? sqlite3_step(statement_) : SQLITE_MISUSE;
  if (code == SQLITE_ROW) return true;
  database_->check(code);
  reset();
  return false;
}

bool Statement::run() {
  const int code = statement_ ? sqlite3_step(statement_) : SQLITE_MISUSE;
  const bool well = database_->check(code);
  reset();
  return well;
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data ? std::string(static_cast<const char*>(data), static_cast<size_t>(size)) : std::string();
}

void Statement::reset() {
  next_ = 1;
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Database::~Database() { sqlite3_close_v2(handle_); }

bool Database::open(const std::string& path, bool create) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
  if (!check(sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr))) return false;
  sqlite3_busy_timeout(handle_, 10'000);
  return true;
}

bool Database::run(const char* sql) { return check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr)); }

int64_t Database::changed() const { return sqlite3_changes64(handle_); }

int64_t Database::last_insert() const { return sqlite3_last_insert_rowid(handle_); }

void Database::keep_log() {
  const auto note = [](void* pages, sqlite3*, const char*, int count) {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_, note, &log_pages_);
}

void Database::move_log() {
  sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  log_pages_ = 0;  // until the next transaction says
}

bool Database::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return true;
  if (problem_.empty()) problem_ = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  return false;
}

}  // namespace weir::store
