// SQLite with closed ends: a connection and its statements close themselves, and an error is a sentence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace weir::store {

class Database;

// Prepared once, run many times; bind from the left, then step. One that could not be prepared has no rows,
// and never runs (Database::problem).
class Statement {
 public:
  Statement() = default;
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  Statement& bind(int64_t value);
  Statement& bind_text(std::string_view value);
  Statement& bind_bytes(std::string_view value);
  Statement& bind_kept_bytes(std::string_view value);  // not copied: they stay till the statement has run
  bool step();  // a row is there; false at the end and on an error (Database::problem)
  bool run();   // to the end, then ready again; false on an error

  int64_t integer(int column) const;
  std::string bytes(int column) const;
  void reset();

 private:
  Database* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  int next_ = 1;
};

class Database {
 public:
  Database() = default;
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  bool open(const std::string& path, bool create);
  bool run(const char* sql);
  int64_t changed() const;  // rows, by the last statement
  int64_t last_insert() const;

  // From now on no transaction moves the log's pages into the database; move_log() does, of those that nobody
  // reads. Nothing is lost when it fails: they stay where they are.
  void keep_log();
  int log_pages() const { return log_pages_; }
  void move_log();
  // The first thing that went wrong since the last clear(): a sentence.
  const std::string& problem() const { return problem_; }
  void clear() { problem_.clear(); }

 private:
  friend class Statement;
  bool check(int code);
  sqlite3* handle_ = nullptr;
  int log_pages_ = 0;
  std::string problem_;
};

}  // namespace weir::store
