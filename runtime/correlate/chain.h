// One chain of steps in one group: `a then b`, `a then not b`, `a and b and not c`.
//
// One partial match for each step is enough. Of two that have taken the same steps, what lies ahead is the
// same for both (the next event must come now or later, and what bars the way bars both), but for the span,
// in which the one with the later first event has more time left.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/correlate/numbers.h"
#include "runtime/correlate/queue.h"
#include "runtime/correlate/step_choice.h"

namespace weir::correlate {

class ChainState {
 public:
  // All rows of the group of one time, in the total order; deadlines at that time or before have been
  // decided. The match that they complete, if they do.
  std::optional<Partial> advance(const ChainPlan& chain, int64_t span_us, std::span<const Row> rows);

  // `… then not b`: when what was waited for has not come. The wait is over after take_wait().
  std::optional<int64_t> deadline() const { return wait_ ? std::optional(wait_->deadline) : std::nullopt; }
  const Partial& waiting() const { return wait_->match; }
  Partial take_wait();

  // The rule has fired: no event so far is a step any more. What a `not a` in front looks back at stays known.
  void forget();
  bool knows_lead() const { return lead_ != kBeginningOfTime; }

  bool idle(int64_t time, int64_t span_us) const { return !wait_ && last_ <= earlier(time, span_us); }
  template <class Archive>
  void serialise(Archive& archive) {
    archive(last_, firsts_, latest_first_, first_barred_, partials_, lead_, wait_, latest_);
  }
  // Whether it can be of that chain.
  bool fit(const ChainPlan& chain) const;
  size_t bytes(HeldEvents& events) const;  // on the heap

 private:
  struct Wait {
    int64_t deadline = 0;
    Partial match;

    template <class Archive>
    void serialise(Archive& archive) {
      archive(deadline, match);
    }
  };

  std::optional<Partial> advance_ordered(const ChainPlan& chain, int64_t span_us, std::span<const Row> rows);
  std::optional<Partial> advance_any_order(const ChainPlan& chain, int64_t span_us,
                                           std::span<const Row> rows);
  Before before(const ChainPlan& chain, int64_t begin, uint64_t negated, Partial& of_first,
                std::pmr::memory_resource* memory) const;
  void remember_firsts(const ChainPlan& chain, std::span<const Row> rows);

  int64_t last_ = kBeginningOfTime;  // time of the last row
  // The latest events of the first step, as many as it counts.
  Queue<int64_t> firsts_;
  Place latest_first_;
  int64_t first_barred_ = kBeginningOfTime;       // a later first event is needed to go on to the second step
  std::vector<std::optional<Partial>> partials_;  // [i]: steps 0 … i taken; [0] is not used
  int64_t lead_ = kBeginningOfTime;               // last event of Chain::lead; never one when this
  std::optional<Wait> wait_;
  std::vector<Place> latest_;  // any order: by steps, the latest event of each; without event: none yet
};
static_assert(match::about(sizeof(ChainState), match::kChainBytes) &&
              match::about(sizeof(std::optional<Partial>), match::kPartialBytes));

}  // namespace weir::correlate
