// How many alerts of a rule one completing event has given already: equal records are different events, and
// their alerts have different ids (language.md, 7).
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/identity.h"
#include "runtime/correlate/silences.h"

namespace weir::correlate {

class Ordinals {
 public:
  // Of the alert, by order of arrival. Remembered for so long at least, in microseconds of event time.
  uint64_t next(const Alert& alert, const match::RuleInfo& rule, int64_t keep);

  // Those that changed since the last call; what is gone has changed, too.
  std::set<Identity128> take_changed() { return std::exchange(changed_, {}); }
  bool has(const Identity128& of) const { return counts_.count(of) > 0; }
  template <class Archive>
  void serialise(Archive& archive, const Identity128& of) {
    Counted& counted = counts_[of];
    archive(counted.count, counted.end);
    if constexpr (Archive::kReading) ends_.push({counted.end, of});
  }

 private:
  struct Counted {
    uint64_t count = 0;
    int64_t end = 0;  // when it may be forgotten
  };
  std::unordered_map<Identity128, Counted, IdentityHash> counts_;
  using End = std::pair<int64_t, Identity128>;
  std::priority_queue<End, std::vector<End>, std::greater<>>
      ends_;  // the soonest on top; one for each of counts_
  std::set<Identity128> changed_;
  int64_t newest_ = INT64_MIN;
};

}  // namespace weir::correlate
