// See silences.h.
#include "runtime/store/silences.h"

#include <algorithm>

namespace weir::store {
namespace {

// Names of sinks have no blanks.
std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

std::vector<SilenceRow> read_silences(Database& database) {
  std::vector<SilenceRow> out;
  Statement row(database,
                "SELECT number, matchers, since, until, comment, made_by FROM silences ORDER BY number");
  while (row.step())
    out.push_back({row.integer(0), row.bytes(1), row.integer(2), row.integer(3), row.bytes(4), row.bytes(5)});
  return out;
}

int64_t add_silence(Database& database, const SilenceRow& silence) {
  Statement row(database,
                "INSERT INTO silences (matchers, since, until, comment, made_by) VALUES (?, ?, ?, ?, ?)");
  row.bind_text(silence.matchers).bind(silence.from).bind(silence.until);
  return row.bind_text(silence.comment).bind_text(silence.by).run() ? database.last_insert() : 0;
}

int64_t end_silence(Database& database, int64_t number, int64_t now) {
  Statement row(database,
                "UPDATE silences SET until = ?2, since = min(since, ?2) WHERE number = ?1 AND until > ?2");
  return row.bind(number).bind(now).run() ? database.changed() : 0;
}

void forget_silences(Database& database, int64_t ended_before) {
  Statement(database, "DELETE FROM silences WHERE until < ?").bind(ended_before).run();
}

std::vector<HeldAlert> read_held(Database& database, int64_t after, size_t most) {
  std::vector<HeldAlert> out;
  Statement row(database,
                "SELECT row, id, state, body, sinks, silence, at FROM held WHERE row > ? ORDER BY row LIMIT ?");
  row.bind(after).bind(static_cast<int64_t>(most));
  while (row.step())
    out.push_back({row.integer(0), row.bytes(1), row.bytes(2), row.bytes(3), split(row.bytes(4)), row.bytes(5),
                   row.integer(6)});
  return out;
}

HeldWriter::HeldWriter(Database& database)
    : hold_(database,
            "INSERT INTO held (id, state, body, sinks, silence, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET sinks = excluded.sinks, silence = excluded.silence"),
      let_go_(database, "DELETE FROM held WHERE id = ?") {}

bool HeldWriter::write(const HeldAlert& held, int64_t now) {
  if (held.sinks.empty()) return let_go_.bind_text(held.id).run();
  hold_.bind_text(held.id).bind_text(held.state).bind_text(held.body);
  return hold_.bind_text(joined(held.sinks)).bind_text(held.silence).bind(now).run();
}

}  // namespace weir::store
