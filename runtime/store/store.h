// The durable memory of `weir run`: one folder, one database, one process that runs on it (schema.h).
//
// One thread commits; sinks and verbs may read and change rows meanwhile, from other threads and processes.
// Errors are sentences; what failed has changed nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/store/commit.h"
#include "runtime/store/quarantine_room.h"
#include "runtime/store/silences.h"

namespace weir::store {

enum class Access : uint8_t {
  run,   // made when it is not there; refused while another process runs on it
  look,  // must be there; beside a process that runs on it
};

struct Audit {
  int64_t received = 0, evaluated = 0, quarantined = 0, in_flight = 0, alerts_committed = 0;
  int64_t alerts_silenced = 0;     // of alerts_committed: a silence has kept them from a sink
  int64_t quarantine_dropped = 0;  // of quarantined: their bytes went for want of room
  int64_t late = 0, ahead = 0;     // of evaluated: rules over many events did not hear of them
  int64_t skipped = 0;             // records of no source: they are no part of received
};

// Values of OutboxRow::next_at that are no time.
inline constexpr int64_t kNotByItself = INT64_MAX;  // set aside
inline constexpr int64_t kAskedFor = -1;            // retry_outbox(), and the sink has not noticed yet

struct OutboxRow {
  int64_t row = 0;
  std::string sink, id, state, body;
  int64_t attempts = 0, next_at = 0, first_at = 0;  // times in microseconds since 1970
  std::string error;                                // of the last attempt
};

// How many rows wait for a sink of that name.
struct WaitingRows {
  std::string sink;
  int64_t rows = 0;
};

// Where a process ended before its time: while it decided record `record` of a unit, or read on after it.
struct Death {
  std::string source, unit;
  uint64_t record = 0;
  bool deciding = false;
  int64_t crashes = 0;  // by a fault of its own; 1 when it is noted
  int64_t deaths = 0;   // of any kind, crashes too
};

class Store {
 public:
  // Null, and `problem` says why.
  static std::unique_ptr<Store> open(const std::string& folder, Access access, std::string& problem);
  ~Store();

  const std::string& folder() const;

  // Empty, or a sentence. Of an alert id a state is taken once in a row, and nothing after `final`; what was
  // withdrawn may be called for again, by an event that comes later.
  std::string commit(const Commit& commit);
  // After a commit, when nobody waits for it any more: what gathers in the log goes to its place.
  void tidy();

  // ---- what a start needs; with Access::run
  std::vector<UnitPosition> units();
  // Of those after one, in the order of their names: since when nothing was heard of them.
  struct Heard {
    UnitName name;
    int64_t at = 0;  // microseconds since 1970
  };
  std::vector<Heard> units_after(const UnitName& name, size_t most);
  // Those whose keys do not begin with that byte, and one by one those whose keys do.
  std::vector<correlate::SavedPart> parts_but(char beginning);
  void each_part(char beginning, const std::function<void(const correlate::SavedPart&)>& use);
  // Batches of 32 bytes an id, oldest first; of more than `most` ids in all the oldest batches are dropped.
  void seen(uint64_t most, const std::function<void(std::string_view)>& batch);
  // Adds up what is known of each place, and returns all of it.
  // Those of a `stamp` (not 0) that was noted before are not added again.
  std::vector<Death> note_deaths(const std::vector<Death>& fresh, int64_t stamp = 0);
  // Rows after one that somebody wants to be decided anew, of these sources.
  std::vector<QuarantineRow> to_retry(int64_t after, size_t most, const std::vector<std::string>& sources);
  // Of the quarantine, from the next commit on: beyond it the oldest rows go, and stay counted.
  void limit_quarantine(uint64_t bytes, uint64_t rows);
  int64_t quarantine_dropped();  // events, since the store was made

  // ---- the outbox
  // Rows of the sink after row `after` that are not set aside, in order: also those that wait for their next
  // attempt, for what comes after them must not overtake them.
  std::vector<OutboxRow> waiting(const std::string& sink, int64_t after, size_t most);
  // Rows of the sink that retry_outbox() named, by this or another process.
  std::vector<int64_t> asked_for(const std::string& sink, size_t most);
  // Rows; after count_outbox_of() of these sinks only: those of others wait for nobody.
  uint64_t outbox_size();
  void count_outbox_of(std::vector<std::string> sinks);
  std::vector<WaitingRows> outbox_by_sink();
  int64_t outbox_dropped();  // rows, by drop_outbox(), since the store was made
  SinkPosition sink_position(const std::string& sink);
  std::string alert_state(const std::string& id);  // that was committed last; empty: it is not known

  // ---- silences
  std::vector<SilenceRow> silences();
  int64_t add_silence(const SilenceRow& silence);  // its number; 0: problem()
  int64_t end_silence(int64_t number, int64_t now);  // 0: there is none, or it has ended
  void forget_silences(int64_t ended_before);
  std::vector<HeldAlert> held(int64_t after, size_t most);  // after a row, in the order in which they came

  // ---- for people
  Audit audit();
  std::vector<QuarantineRow> quarantine(int64_t after, size_t most, bool with_bytes);
  // `rows` empty: all. How many there were.
  int64_t retry_quarantine(const std::vector<int64_t>& rows);
  int64_t drop_quarantine(const std::vector<int64_t>& rows);  // they stay counted
  std::vector<DroppedRecords> dropped_records();  // for want of room; none after all were dropped
  std::vector<OutboxRow> outbox(int64_t after, size_t most);
  int64_t retry_outbox(const std::vector<int64_t>& rows);
  // `sink` empty: of all. A process that runs on the store may send some of them still.
  int64_t drop_outbox(const std::vector<int64_t>& rows, const std::string& sink);

  // The last thing that went wrong in a call that returns no sentence; empty when all is well.
  std::string problem();

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::store
