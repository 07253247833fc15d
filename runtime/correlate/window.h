// The window of one group: its rows counted, and the aggregates over them.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/correlate/aggregates.h"
#include "runtime/correlate/fire.h"
#include "runtime/correlate/slot_history.h"

namespace weir::correlate {

class WindowState {
 public:
  // A row that is counted.
  void add(const Plan& plan, const Row& row);
  // The window now begins after `begin`.
  void leave_until(int64_t begin, int64_t now);
  void clear() { *this = {}; }

  bool empty() const { return rows_.total().count == 0; }
  Reading read(const Plan& plan, uint32_t aggregate) const;
  // Fills what a window says of itself; `time` is that of the alert. Without a history baselines are missing.
  void describe(const Plan& plan, int64_t time, const SlotHistory* history, Fire& fire) const;
  template <class Archive>
  void serialise(Archive& archive) {
    archive(rows_, aggregates_, begin_);
  }
  // Whether it can be of that plan; of the aggregates the first `known` are as they were, the others begin anew.
  bool fit(const Plan& plan, size_t known);
  size_t bytes() const;  // on the heap

 private:
  CountWindow rows_;
  std::vector<AggregateState> aggregates_;  // empty before the first row
  int64_t begin_ = kBeginningOfTime;
};

}  // namespace weir::correlate
