// Events that were delivered twice: one id is one event (language.md, 7).
//
// A second event of the same id *and* the same canonical record within `late` + 1 h of event time is a
// duplicate; the same id with other content is kept and counted: an id is not a way to hide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::correlate {

// How long, in microseconds of event time, a source's ids are remembered: its lateness and an hour.
constexpr int64_t remembered_for(int64_t late_ms) { return (late_ms + 3'600'000) * 1000; }

class Duplicates {
 public:
  // Of n contents that share an id, one is fresh and n - 1 are conflicts, in whatever order they come: a
  // verdict of conflict therefore does not ask how far apart the times are.
  enum class Verdict : uint8_t { fresh, duplicate, conflict };

  // A scan reads files in any order, so a copy may come last: everything is remembered, up to this many
  // events. Beyond it the oldest quarter (by event time) is forgotten at a time, and copies of those are
  // fresh.
  struct Limits {
    size_t max_events = 50'000'000;
  };

  Duplicates() : Duplicates(Limits()) {}
  explicit Duplicates(Limits limits);
  ~Duplicates();

  // An event as it is remembered: what a store keeps, so that a restart remembers it too.
  struct Remembered {
    uint64_t key[2];  // of source and id
    uint64_t canonical_hash;
    int64_t time;
  };

  // An id on its way to see(): what is known of it lies somewhere in a large table, and comes nearer while the
  // caller does something else, such as hashing the record. `source` is a number that stands for the source
  // wherever the ids are used again.
  struct Approach {
    uint64_t high = 0, low = 0;
  };
  Approach approach(uint64_t source, std::string_view id) const;

  // Safe to call from several threads, as all of these. Times are event times in microseconds; `keep` is late + 1 h.
  // Which of two equal events comes first does not matter: they are equal. `noted`, if given, is filled unless the
  // event is a duplicate.
  Verdict see(const Approach& id, uint64_t canonical_hash, int64_t time, int64_t keep, Remembered* noted = nullptr);
  Verdict see(uint64_t source, std::string_view id, uint64_t canonical_hash, int64_t time, int64_t keep,
              Remembered* noted = nullptr) {
    return see(approach(source, id), canonical_hash, time, keep, noted);
  }
  // As if it had been seen.
  void recall(const Remembered& event);

 private:
  Verdict meet(const Remembered& event, int64_t keep);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::correlate
