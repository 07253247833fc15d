// See outbox_drop.h.
#include "runtime/store/outbox_drop.h"

#include <algorithm>
#include <utility>

namespace weir::store {
namespace {

constexpr size_t kAtOnce = 5000;

struct Row {
  int64_t row = 0, message = 0;
};

class Dropper {
 public:
  explicit Dropper(Database& database)
      : database_(database),
        drop_(database, "DELETE FROM outbox WHERE row = ?"),
        forget_message_(
            database,
            "DELETE FROM messages WHERE row = ?1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE message = ?1)"),
        count_(database,
               "INSERT INTO counters VALUES ('outbox_dropped', ?1) ON CONFLICT (name) DO UPDATE SET value = "
               "value + ?1") {}

  // How many; 0, too, when it failed.
  int64_t drop(const std::vector<Row>& rows) {
    if (rows.empty() || !database_.run("BEGIN IMMEDIATE")) return 0;
    int64_t dropped = 0;
    bool well = true;
    for (const Row& one : rows) {
      well = well && drop_.bind(one.row).run();
      dropped += well ? database_.changed() : 0;
      well = well && forget_message_.bind(one.message).run();
    }
    if (well && count_.bind(dropped).run() && database_.run("COMMIT")) return dropped;
    database_.run("ROLLBACK");
    return 0;
  }

 private:
  Database& database_;
  Statement drop_, forget_message_, count_;
};

}  // namespace

int64_t drop_outbox(Database& database, const std::vector<int64_t>& rows, const std::string& sink) {
  Dropper dropper(database);
  const std::string of_sink = sink.empty() ? "" : " AND sink = ?3";
  Statement newest(database, "SELECT max(row) FROM outbox");
  const int64_t end = newest.step() ? newest.integer(0) : 0;
  newest.reset();
  Statement some(database, ("SELECT row, message FROM outbox WHERE row BETWEEN ?1 AND ?2" + of_sink +
                            " ORDER BY row LIMIT " + std::to_string(kAtOnce))
                               .c_str());
  const auto read = [&](int64_t first, int64_t last, std::vector<Row>& out) {
    some.bind(first).bind(last);
    if (!sink.empty()) some.bind_text(sink);
    while (some.step()) out.push_back({some.integer(0), some.integer(1)});
  };
  int64_t dropped = 0;
  std::vector<Row> found;
  for (const int64_t row : rows) read(row, row, found);
  dropped = dropper.drop(found);
  for (int64_t first = 0; rows.empty() && first <= end && database.problem().empty();
       first = found.back().row + 1) {
    found.clear();
    read(first, end, found);
    if (found.empty()) break;
    dropped += dropper.drop(found);
  }
  return dropped;
}

}  // namespace weir::store
