// How much of the past a correlation keeps, and what a group of it takes in memory (language.md, 6).
//
// The one arithmetic of what `weir check --state` and E404 say and of what runtime/correlate counts against a rule's
// budget: how much is kept is asked here by both, and the sizes are asserted where the types are.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/match/correlation.h"

namespace weir::match {

// ---- what a window keeps
inline constexpr size_t kExactEntries = 4'096;         // of a window, before it is folded into panes
inline constexpr int64_t kPanes = 64;                  // to a window
inline constexpr size_t kMaxDecidingValues = 65'536;   // `distinct(x) >= N`: exact up to this N
inline constexpr size_t kKeptValues = 16'384;          // other `distinct(x)`: before they are sampled

struct Kept {
  struct OfAggregate {
    size_t entries = 0;  // how many stand alone in a window, for count and sum
    size_t values = 0;   // distinct: how many decide; 0: all count
  };
  std::vector<OfAggregate> aggregates;
  size_t row_entries = 0;         // as OfAggregate::entries, of the window's rows
  std::vector<uint32_t> tracked;  // aggregates whose value is noted for each slot (baseline, spread)
  int64_t tracked_us = 0;         // how far back
};

// Of an aggregate that is only compared with constants: how many of the newest decide all comparisons; 0 for others.
size_t deciding(const Correlation& correlation, uint32_t aggregate);
// `shown(aggregate)`: whether messages show it.
Kept kept_of(const Correlation& correlation, const std::function<bool(uint32_t)>& shown);

// ---- what it takes
// An allocation: glibc's malloc adds 8 bytes and rounds up to 16, 32 at least.
constexpr size_t heap_bytes(size_t size) { return size == 0 ? 0 : std::max<size_t>(32, (size + 8 + 15) / 16 * 16); }
// The room that an array of so many makes when it has no more: a quarter more, for what is not used is paid for.
constexpr size_t room_for(size_t entries) { return entries + entries / 4 + 1; }
// What is long stands in blocks of 4 KiB, each of so many.
constexpr size_t per_block(size_t each) { return std::bit_floor(4'096 / each); }
// The table beside an array of values that is too long to be searched in a row.
constexpr size_t kSearchedInARow = 8, kFewestPlaces = 32;
constexpr size_t places_for(size_t values) {
  size_t places = values <= kSearchedInARow ? 0 : kFewestPlaces;
  while (values * 4 > places * 3 && places > 0) places *= 2;
  return places;
}

// Whether something is as large as is said here: what is a few words off is not worth two numbers.
constexpr bool about(size_t is, size_t said) { return is <= said + 16 && said <= is + 16; }

inline constexpr size_t kEntryOfGroup = 544;  // a group's node in the table of its rule, its state inside
inline constexpr size_t kPlaceInTable = 16;   // of that node: tables grow to twice what they need
inline constexpr size_t kDeadlineBytes = 56;  // of a group that waits for a time
inline constexpr size_t kTimeBytes = 8, kNumberBytes = 24, kRankBytes = 16, kExtremeBytes = 32, kSeenBytes = 32, kSlotBytes = 16;
inline constexpr size_t kPaneBytes = 32, kSumPaneBytes = 96, kRankPaneBytes = 56;
inline constexpr size_t kRealSumBytes = 560;  // a sum of real numbers, exact
inline constexpr size_t kAggregateBytes = 144, kTrackedBytes = 176, kChainBytes = 192, kPartialBytes = 40, kSetBytes = 56;
inline constexpr size_t kPlaceBytes = 40, kSampledBytes = 56;
// Supposed, where it is the event that decides: a record of 1 KiB, numbers of which the greatest is 16 times the least.
inline constexpr size_t kEventBytes = 1'400;
inline constexpr size_t kSampledTextBytes = 128;  // supposed, too: a name, an address, an ARN
inline constexpr size_t kSketchBytes = 2 * 256 * 8;

// What one group takes for a part of its rule. What `bytes` are the product of stands in `entries` and `each`; the
// rest comes of how arrays grow.
struct GroupPart {
  enum class What { group, rows, values, times, entries, slots, steps };
  What what = What::group;
  size_t index = 0;  // values, times, entries: of Correlation::aggregates; slots: of numbers; steps: of all chains
  size_t entries = 0, each = 0;
  size_t bytes = 0;
};

// Of a group that has seen `events`; SIZE_MAX: at its worst. Of `new`, whose groups grow to the budget: that have seen
// one value.
std::vector<GroupPart> group_parts(const Correlation& correlation, const Kept& kept, size_t events);
size_t group_bytes(const Correlation& correlation, const Kept& kept, size_t events);
// `new`: of each further value.
inline constexpr size_t kBytesOfValue = kSeenBytes + 8;

}  // namespace weir::match
