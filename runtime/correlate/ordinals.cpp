// The id without ordinal says which event, key and rule it is.
#include "runtime/correlate/ordinals.h"

#include <algorithm>

#include "runtime/correlate/moment.h"

namespace weir::correlate {
namespace {

constexpr size_t kMostRemembered = 1'000'000;

}  // namespace

uint64_t Ordinals::next(const Alert& alert, const match::RuleInfo& rule, int64_t keep) {
  newest_ = std::max(newest_, alert.order.time);
  while (!ends_.empty() && (ends_.begin()->first < newest_ || counts_.size() > kMostRemembered)) {
    counts_.erase(ends_.begin()->second);
    changed_.insert(ends_.begin()->second);
    ends_.erase(ends_.begin());
  }
  const auto [found, fresh] = counts_.try_emplace(identity_of(alert_id(rule, alert, 0)));
  Counted& counted = found->second;
  if (fresh) {
    counted.end = later(alert.order.time, keep);
    ends_.emplace(counted.end, found->first);
  }
  changed_.insert(found->first);
  return counted.count++;
}

}  // namespace weir::correlate
