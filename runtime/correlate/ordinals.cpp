// The id without ordinal says which event, key and rule it is.
#include "runtime/correlate/ordinals.h"

#include <algorithm>

#include "runtime/correlate/moment.h"

namespace weir::correlate {
namespace {

// Beyond their time, too, while they are few: an equal record that comes days late is another event all the
// same.
constexpr size_t kAlwaysRemembered = 65'536;
constexpr size_t kMostRemembered = 1'000'000;

}  // namespace

uint64_t Ordinals::next(const Alert& alert, const match::RuleInfo& rule, int64_t keep) {
  if (!alert.out_of_time) newest_ = std::max(newest_, alert.order.time);
  const auto may_go = [&] {
    return counts_.size() > (ends_.top().first < newest_ ? kAlwaysRemembered : kMostRemembered);
  };
  while (!ends_.empty() && may_go()) {
    counts_.erase(ends_.top().second);
    changed_.insert(ends_.top().second);
    ends_.pop();
  }
  const auto [found, fresh] = counts_.try_emplace(identity_of(alert_id(rule, alert, 0)));
  Counted& counted = found->second;
  if (fresh) {
    counted.end = later(alert.order.time, keep);
    ends_.push({counted.end, found->first});
  }
  changed_.insert(found->first);
  return counted.count++;
}

}  // namespace weir::correlate
