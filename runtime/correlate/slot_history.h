// What aggregates were, slot by slot: the ground of baseline and spread (language.md, 6).
//
// A slot without events counts as 0 for count, distinct and sum, and not at all for a mean, an extreme or a
// rank.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/correlate/aggregates.h"
#include "runtime/correlate/queue.h"

namespace weir::correlate {

class SlotHistory {
 public:
  // Time has come to `time`: slots that ended are closed. Before add() and read() of that time.
  void come_to(const Plan& plan, int64_t time);
  // A row that is counted.
  void add(const Plan& plan, const Row& row);
  // Of Correlation::numbers, a baseline or a spread: over the slots before the current one, back to the first
  // event of the group. None before one slot is complete, nor when the group is younger than the warm-up.
  std::optional<double> read(const Plan& plan, uint32_t number, int64_t time) const;
  template <class Archive>
  void serialise(Archive& archive) {
    archive(started_, first_, slot_, tracked_);
  }
  // Whether it can be of that plan.
  bool fit(const Plan& plan);
  size_t bytes() const;  // on the heap

 private:
  struct SlotValue {
    int64_t slot = 0;
    double value = 0;

    template <class Archive>
    void serialise(Archive& archive) {
      archive(slot, value);
    }
  };
  struct Tracked {
    Tracked() = default;
    explicit Tracked(AggregateState current) : current(std::move(current)) {}
    AggregateState current;  // of the slot that runs
    Queue<SlotValue> past;

    template <class Archive>
    void serialise(Archive& archive) {
      archive(current, past);
    }
  };
  static_assert(sizeof(SlotValue) == match::kSlotBytes && match::about(sizeof(Tracked), match::kTrackedBytes));

  void compute_numbers(const Plan& plan) const;

  std::optional<double> over_slots(const Plan& plan, const match::WindowNumber& number) const;

  bool started_ = false;
  int64_t first_ = 0;  // time of the group's first event
  int64_t slot_ = 0;
  std::vector<Tracked> tracked_;                // by Kept::tracked
  mutable std::vector<std::optional<double>> numbers_;  // by Correlation::numbers; what they are during slot_
  mutable bool computed_ = true;                        // of slot_; most slots of most groups are never asked
};

}  // namespace weir::correlate
