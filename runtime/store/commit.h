// What one transaction of the store takes: everything that the records decided since the last one have
// caused, and what the sinks have delivered meanwhile. All of it becomes durable, or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/correlate/live.h"

namespace weir::store {

// How far a unit of a source is decided. `unit` are the bytes that tell it again, after a restart or when it
// is delivered once more.
struct UnitPosition {
  std::string source, unit;
  std::string name;       // for people: a path
  uint64_t done = 0;      // records, unreadable ones and skips: what a second reading passes over
  bool finished = false;  // nothing of it is left
  std::string mark;       // of what has no end: where the part begins of which `done` records are decided; or what it holds
};

struct UnitName {
  std::string source, unit;
};

// An alert in one state, and the sinks that are to hear of it.
struct AlertRow {
  std::string id, state;
  std::string body;  // its JSON, one line without the newline
  std::vector<std::string> sinks;
  std::string replaces = {};  // the id of an alert of which nothing will be heard any more
};

// An alert that is open and that sinks have not heard of because of a silence.
struct HeldAlert {
  int64_t row = 0;  // given by the store
  std::string id, state, body;
  std::vector<std::string> sinks;  // those; when a commit has none here, it is not held any more
  std::string silence;             // for people: which one
  int64_t at = 0;                  // given by the store: since when, microseconds since 1970
};

struct QuarantineRow {
  int64_t row = 0;  // given by the store
  int64_t at = 0;   // microseconds since 1970
  std::string source, unit, file;
  uint64_t line = 0, record = 0, offset = 0;
  uint64_t events = 1;  // more than one: the rest of a unit of which a thousand are listed
  std::string reason;
  std::string bytes;   // of the record, as far as they are kept
  bool whole = false;  // `bytes` is all of it
  bool text = false;   // a line rather than JSON
};

// Differences. Copies of events that were received before, and what is no event (digests, control messages),
// are counted apart: received = evaluated + quarantined + in flight.
struct Counts {
  int64_t received = 0, evaluated = 0, quarantined = 0;
  int64_t duplicates = 0, id_conflicts = 0, skipped = 0, decoded_bytes = 0;
  int64_t late = 0, ahead = 0;  // of evaluated: rules over many events did not hear of them
  void add(const Counts& other);
};

// What a sink needs to know to go on exactly where it was (a file: its identity, and how long it is).
struct SinkPosition {
  std::string identity;
  uint64_t length = 0;
};

// A row that its sink will never take: it stays in the outbox, and is not offered again until somebody asks
// for it.
struct SetAside {
  int64_t row = 0;
  std::string reason;
};

// An attempt that failed. Of a message that tells many rows the first of them stands for all.
struct Tried {
  int64_t row = 0;
  int64_t next_at = 0;  // not before, microseconds since 1970
  std::string error;
};

struct Delivery {
  std::string sink;
  std::vector<int64_t> rows;  // of the outbox: they are gone
  std::vector<SetAside> set_aside;
  std::optional<SinkPosition> position;
  std::vector<Tried> tried;
  std::vector<int64_t> noticed;  // rows that somebody asked for (Store::asked_for), and that are on their way
};

struct Commit {
  int64_t now = 0;  // microseconds since 1970
  std::vector<UnitPosition> units;
  std::vector<AlertRow> released;  // that were held: told now, before `alerts`, in the state that was committed
  std::vector<AlertRow> alerts;
  std::vector<HeldAlert> held;   // what changes among those
  int64_t alerts_silenced = 0;   // final ones that a silence has kept from a sink
  std::vector<correlate::SavedPart> parts;
  std::string seen;  // ids of events, 32 bytes each (correlate::Duplicates::Remembered)
  std::vector<QuarantineRow> quarantine;
  std::vector<int64_t> retried;  // rows of the quarantine that were decided anew: they are gone
  Counts counts;
  std::vector<Delivery> deliveries;
  std::vector<UnitName> forgotten;  // units that will not come again
  std::vector<UnitName> heard;      // units that are there still
  int64_t forget_alerts = 0;        // of the next thousand ids those that ended before this moment; 0: none

  bool empty() const {
    return forgotten.empty() && heard.empty() && forget_alerts == 0 && units.empty() && alerts.empty() && released.empty() &&
           held.empty() && parts.empty() &&
           seen.empty() && quarantine.empty() &&
           retried.empty() && deliveries.empty() && counts.skipped == 0 && counts.duplicates == 0;
  }
};

}  // namespace weir::store
