// The state of one group of one rule: a value, that a row and the passing of time change and nothing else
// does.
//
// No clock, no input or output, no threads, no pointer into anything but stored events, which never change: a
// copy is another group that may be led on by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "runtime/correlate/chain.h"
#include "runtime/correlate/first_seen.h"
#include "runtime/correlate/numbers.h"

namespace weir::correlate {

// What will be told at its deadline, if nothing comes between.
struct Undecided {
  int64_t deadline = 0;
  Place completing;
  std::vector<std::pair<uint32_t, Place>> steps;  // as Fire::steps
};

class GroupState {
 public:
  // An instant: all rows of this group of one time, in the total order; at least one. Everything that falls
  // due at that time or before has been decided.
  void advance(const Plan& plan, std::span<const Row> rows, const Moment& moment, std::vector<Fire>& fires);

  // When the group has something to tell without another event: an absence, the end of a slot.
  std::optional<int64_t> deadline(const Plan& plan) const;
  // Tells what is due at `watermark` or before. Several absences that fall due are one alert: the first
  // forgets the rest.
  void decide(const Plan& plan, int64_t watermark, const Moment& moment, std::vector<Fire>& fires);

  void undecided(const Plan& plan, std::vector<Undecided>& all) const;

  // Whether it is as good as a new group for every event at `time` or later.
  bool idle(const Plan& plan, int64_t time) const;
  // Of a group of `new` that alone is more than its rule may have.
  void forget_a_quarter() { first_seen_.forget_a_quarter(); }
  template <class Archive>
  void serialise(Archive& archive) {
    archive(numbers_, chains_, first_seen_, window_);
  }
  // Whether what was read can be of that plan; `known` as for WindowState.
  bool fit(const Plan& plan, size_t known);
  size_t bytes() const;  // on the heap: beside itself

 private:
  void advance_steps(const Plan& plan, std::span<const Row> rows, const Moment& moment,
                     std::vector<Fire>& fires);
  void advance_first_seen(const Plan& plan, std::span<const Row> rows, const Moment& moment,
                          std::vector<Fire>& fires);
  void enter_window(const Plan& plan, const Row& row);
  void forget();

  NumbersState numbers_;
  std::vector<ChainState> chains_;  // by Plan::chains
  FirstSeenState first_seen_;
  WindowState window_;  // of steps and `new`, where messages show numbers
};

}  // namespace weir::correlate
