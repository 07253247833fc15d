// `count() >= 10` and its like: a number over the window of one group, told when its condition becomes true.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/correlate/condition.h"
#include "runtime/correlate/fire.h"
#include "runtime/correlate/slot_history.h"
#include "runtime/correlate/window.h"

namespace weir::correlate {

// What a step function may know of the rest of its rule, and memory that it may use.
struct Moment {
  ConditionWork& work;
  int64_t ready_from = kBeginningOfTime;   // the end of the warm-up: nothing fires before
  int64_t quiet_until = kBeginningOfTime;  // before it, a condition that goes on holding need not be told
};

class NumbersState {
 public:
  // One counted row. During the warm-up the condition counts as false, so what holds then fires when it ends.
  void advance(const Plan& plan, const Row& row, const Moment& moment, std::vector<Fire>& fires);

  // tumbling closed: the end of the slot that runs, and its decision; only then a slot begins anew.
  std::optional<int64_t> deadline(const Plan& plan) const;
  void decide(const Plan& plan, const Moment& moment, std::vector<Fire>& fires);

  const Place& last_place() const { return last_place_; }  // tumbling closed: the last row

  // Whether it is as good as a new state for every row at `time` or later.
  bool idle(const Plan& plan, int64_t time) const;
  template <class Archive>
  void serialise(Archive& archive) {
    archive(window_, history_, last_, slot_, in_slot_, held_, rose_, last_place_);
  }
  // Whether it can be of that plan; `known` as for WindowState.
  bool fit(const Plan& plan, size_t known);
  size_t bytes(HeldEvents& events) const {  // on the heap
    events.add(last_place_);
    return window_.bytes() + (history_ ? history_->bytes() : 0);
  }

 private:
  void advance_sliding(const Plan& plan, const Row& row, const Moment& moment, std::vector<Fire>& fires);
  void advance_slot(const Plan& plan, const Row& row, const Moment& moment, std::vector<Fire>& fires);
  bool holds_at(const Plan& plan, int64_t time, const Moment& moment) const;
  void fire(const Plan& plan, int64_t time, const Place& completing, bool rose,
            std::vector<Fire>& fires) const;

  WindowState window_;
  std::optional<SlotHistory> history_;
  int64_t last_ = kBeginningOfTime;  // time of the last row
  int64_t slot_ = 0;                 // tumbling: the one that runs
  bool in_slot_ = false;
  bool held_ = false;  // the condition, at the last row
  bool rose_ = false;  // tumbling: in this slot
  Place last_place_;   // tumbling closed
};

}  // namespace weir::correlate
