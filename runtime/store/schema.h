// The tables of the store, version 2: one SQLite file `weir.db` in the store's folder, beside `lock` (held
// while a process runs on it) and `working` (runtime/commit/working.h). Write-ahead log, synchronous=FULL.
//
//   meta        version; left: up to which stamp of `working` deaths are noted
//   units       (source, unit) → done, finished, name, at     how far each unit is decided
//   marks       (source, unit) → mark                         where the part begins of a unit that has no end
//   state       key → value                                   parts of the correlations' (docs/state-format.md)
//   seen        batches of ids of events: 32 bytes each; `count` of them
//   alerts      id → state, at                                each id once; open | amended | replaced | withdrawn | final
//   messages    the JSON of an alert in one state, till every sink has it
//   outbox      sink × message: what is to be sent, in order of `row`
//   sinks       name → identity, length                       what a sink knows of its own output
//   quarantine  what could not be evaluated, with reason and bytes
//   quarantine_dropped  (source, reason) → how many of those went for want of room
//   silences    made by `weir silence`: what is not told, from when till when, why and by whom
//   held        open alerts that sinks have not heard of because of a silence
//   suspects    (source, unit, record) → crashes, deaths      where processes ended before their time
//   counters    name → value
//
// A store of a later version is refused; of an earlier one it is brought up to date when it is opened.
#pragma once

#include <string>

#include "runtime/store/sqlite.h"

namespace weir::store {

// Version 1 had `parts` instead of `state`.
inline constexpr int kStoreVersion = 2;

// Creates what is missing; a sentence when the store is of another version, or broken, or of another program.
std::string prepare_tables(Database& database);
// Only looks, at one of an earlier version, too: beside a process that writes. kNoTables when there is
// nothing in it.
std::string check_tables(Database& database);
inline constexpr const char* kNoTables = "it is empty; `weir run` makes the store";

}  // namespace weir::store
