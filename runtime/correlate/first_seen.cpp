// A set of what was seen for each `new` of the condition.
#include "runtime/correlate/first_seen.h"

#include "runtime/correlate/heap.h"
#include "runtime/correlate/moment.h"

namespace weir::correlate {

bool FirstSeenState::see(RecentSet& seen, const match::WindowCondition& leaf, const Row& row, int64_t span_us,
                         bool& looked_at) {
  bool any = false;
  const int64_t time = row.time();
  seen.forget_until(earlier(time, span_us));
  each_combination(*row.seen, leaf.values, [&](const Identity128& value) {
    looked_at = true;
    if (!seen.see(value, time)) any = true;
  });
  return any;
}

bool FirstSeenState::advance(const Plan& plan, const Row& row, ConditionWork& work) {
  const match::Correlation& correlation = *plan.correlation;
  seen_.resize(correlation.condition.size());
  bool looked_at = false;
  bool is_new = holds(
      correlation,
      [&](const match::WindowCondition& leaf) {
        auto index = static_cast<size_t>(&leaf - correlation.condition.data());
        return see(seen_[index], leaf, row, correlation.span_us, looked_at);
      },
      work);
  return is_new && looked_at;
}

bool FirstSeenState::idle(int64_t time, int64_t span_us) const {
  for (const RecentSet& seen : seen_)
    if (!seen.empty() && seen.newest().time > earlier(time, span_us)) return false;
  return true;
}

void FirstSeenState::forget_a_quarter() {
  for (RecentSet& seen : seen_) {
    for (size_t left = (seen.size() + 3) / 4; left > 0; --left) seen.forget_oldest();
    seen.shrink();
  }
}

size_t FirstSeenState::bytes() const {
  size_t bytes = heap_of(seen_);
  for (const RecentSet& seen : seen_) bytes += seen.bytes();
  return bytes;
}

}  // namespace weir::correlate
