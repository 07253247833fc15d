// `new(x, …)`: combinations of values that this group did not see within the span before.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/correlate/condition.h"
#include "runtime/correlate/plan.h"
#include "runtime/correlate/recent_set.h"
#include "runtime/correlate/row.h"

namespace weir::correlate {

class FirstSeenState {
 public:
  // Remembers what the row shows, exempt or not. Whether the condition holds of it; never when it lacks every
  // combination that the condition asks for.
  bool advance(const Plan& plan, const Row& row, ConditionWork& work);

  template <class Archive>
  void serialise(Archive& archive) {
    archive(seen_);
  }
  // Whether it can be of that plan.
  bool fit(const Plan& plan) const {
    return seen_.empty() || seen_.size() == plan.correlation->condition.size();
  }

  bool idle(int64_t time, int64_t span_us) const;
  // Forgets the quarter of values that was seen longest ago.
  void forget_a_quarter();
  size_t bytes() const;

 private:
  bool see(RecentSet& seen, const match::WindowCondition& leaf, const Row& row, int64_t span_us,
           bool& looked_at);

  std::vector<RecentSet> seen_;  // by Correlation::condition; of the leaves
};

}  // namespace weir::correlate
