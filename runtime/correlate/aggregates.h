// The state of one aggregate over one window, and what it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/correlate/distinct.h"
#include "runtime/correlate/extremes.h"
#include "runtime/correlate/heap.h"
#include "runtime/correlate/plan.h"
#include "runtime/correlate/ranks.h"
#include "runtime/correlate/row.h"
#include "runtime/correlate/tallies.h"

namespace weir::correlate {

// The last different values, the oldest first, as messages show them.
struct Sample {
  struct Value {
    Identity128 identity;
    int64_t time = 0;
    std::string text;

    template <class Archive>
    void serialise(Archive& archive) {
      archive(identity, time, text);
    }
  };
  std::vector<Value> values;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(values);
  }
};

struct Reading {
  std::optional<double> value;
  bool approximate = false;
  bool at_least = false;  // approximate, and not too much: what was kept decides, and there may have been more
};

class AggregateState {
 public:
  AggregateState() = default;  // to be read
  AggregateState(const Plan& plan, uint32_t aggregate);

  // A row that is counted; `pane_us` as for a PanedWindow.
  void add(const Plan& plan, uint32_t aggregate, const Row& row, int64_t pane_us);
  // The window now begins after `begin`.
  void leave_until(int64_t begin, int64_t now);
  // Of the window that begins after `begin`. Nothing is counted as 0; a mean, extreme or rank of nothing is
  // missing.
  Reading read(const Plan& plan, uint32_t aggregate, int64_t begin) const;
  const Sample* sample() const { return std::get_if<Sample>(&state_); }

  template <class Archive>
  void serialise(Archive& archive) {
    uint8_t kind = this->kind();
    archive(kind);
    if constexpr (Archive::kReading) {
      if (kind == kSampleOfEvents) return forget_sample_of_events(archive);
      make(kind);
    }
    archive.fail_unless(kind == this->kind());
    std::visit([&](auto& state) { archive(state); }, state_);
  }
  // Whether it is of that kind of aggregate. What was kept for another question is begun anew.
  bool fit(const Plan& plan, uint32_t aggregate);

  size_t bytes() const;  // on the heap

 private:
  // What a sample was once: events that its values were read from. It fills again with the next rows.
  static constexpr uint8_t kSampleOfEvents = 5;
  template <class Archive>
  void forget_sample_of_events(Archive& archive) {
    std::vector<std::pair<Identity128, Place>> values;
    archive(values);
    state_ = Sample();
  }
  uint8_t kind() const {
    const auto index = static_cast<uint8_t>(state_.index());
    return index < kSampleOfEvents ? index : index + 1;
  }
  void make(uint8_t kind);

  std::variant<CountWindow, SumWindow, ExtremeWindow, RankWindow, DistinctWindow, Sample> state_;
};
static_assert(match::about(sizeof(AggregateState), match::kAggregateBytes) &&
              match::about(sizeof(Sample::Value), match::kSampledBytes) && match::about(sizeof(Place), match::kPlaceBytes));

}  // namespace weir::correlate
