// The stored events that rows wait with: each is kept once, however many rows of however many rules it gave.
//
// An event that is an alert comes and goes by itself; the others are saved in batches, all that began to wait between
// two commits, and a batch goes when none of its events waits any more.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/correlate/row.h"

namespace weir::correlate {

class WaitingEvents {
  static constexpr uint64_t kNoBatch = UINT64_MAX;

 public:
  struct Waiting {
    EventRef event;
    uint32_t rows = 0;
    std::string of_alert;         // the id of the alert that it is to those who hear it; else empty
    uint64_t number = 0;          // of an alert, rising
    std::vector<uint32_t> rules;  // that let an alert in
    uint64_t batch = kNoBatch;    // of another event, once it is saved
  };

  // A row of the rule waits with the event. `of_alert` is of the event, whose rows of all rules are held one after the
  // other.
  void hold(const EventRef& event, uint32_t rule, const std::string& of_alert);
  // So many rows do not wait any more.
  void release(const StoredEvent* event, size_t rows);
  // Packed rows wait elsewhere, till release_packed(): of the batch that is restored, or of one that is saved
  // now.
  void hold_packed();
  uint64_t begin_packed_batch();  // its number
  void release_packed();
  const Waiting* find(const StoredEvent* event) const;
  const Waiting* find(uint64_t number) const;

  // The numbers of those alerts that began or ceased to wait since the last call.
  std::set<uint64_t> take_changed() { return std::exchange(changed_, {}); }

  static constexpr uint64_t kBytesOfBatch = 2u << 20;  // about what is well written at once

  // Of what began to wait and is not saved, as much as that; nothing when all is saved.
  struct Fresh {
    EventRef event;
    std::span<const uint32_t> rules;  // that let it in
  };
  struct Batch {
    uint64_t number = 0;
    std::vector<Fresh> events;
  };
  std::optional<Batch> next_batch();  // good until the next call of anything but itself
  // Those that can go since the last call.
  std::vector<uint64_t> take_empty_batches() { return std::exchange(empty_, {}); }
  // What is held from now on is of that saved batch, until end_batch(), which says whether anything is.
  void begin_batch(uint64_t number) { restoring_ = number; }
  bool end_batch();

  // The number of the next alert or batch.
  void go_on_from(uint64_t number) { next_number_ = number; }
  uint64_t next_number() const { return next_number_; }

  uint64_t bytes() const { return bytes_; }  // by estimate, rows included

 private:
  struct Unsaved {
    EventRef event;
    size_t first_rule = 0;  // of unsaved_rules_, up to those of the next one
  };
  void note(const EventRef& event, uint32_t rule);
  void leave_batch(uint64_t number);

  std::unordered_map<const StoredEvent*, Waiting> waiting_;
  std::unordered_map<uint64_t, const StoredEvent*> by_number_;
  std::set<uint64_t> changed_;
  std::vector<Unsaved> unsaved_;
  size_t next_unsaved_ = 0;
  std::vector<uint32_t> unsaved_rules_;
  std::unordered_map<uint64_t, size_t> batches_;  // how many events of each wait; packed ones count once
  std::set<uint64_t> packed_;                     // batches with packed rows
  std::vector<uint64_t> empty_;
  uint64_t restoring_ = kNoBatch;
  uint64_t next_number_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace weir::correlate
