// Silences and what they hold: who is not to be told of what, and till when; and of the alerts that came up
// meanwhile those that are still open.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/store/commit.h"
#include "runtime/store/sqlite.h"

namespace weir::store {

// A silence that a person made while the process runs. Times in microseconds since 1970.
struct SilenceRow {
  int64_t number = 0;    // given by the store, never twice
  std::string matchers;  // lines (runtime/deliver/silence.h)
  int64_t from = 0, until = 0;
  std::string comment, by;
  bool operator==(const SilenceRow&) const = default;
};

// Of one database, without locks or transactions of their own; errors are Database::problem().
std::vector<SilenceRow> read_silences(Database& database);
int64_t add_silence(Database& database, const SilenceRow& silence);  // its number
// Ends it at `now` unless it has ended. How many that were.
int64_t end_silence(Database& database, int64_t number, int64_t now);
void forget_silences(Database& database, int64_t ended_before);

std::vector<HeldAlert> read_held(Database& database, int64_t after, size_t most);

// The statements that a commit writes held alerts by.
class HeldWriter {
 public:
  explicit HeldWriter(Database& database);
  bool write(const HeldAlert& held, int64_t now);

 private:
  Statement hold_, let_go_;
};

}  // namespace weir::store
