// What a group has to tell when its rule fires: all that the alert needs beside the stored events.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/correlate/aggregates.h"
#include "runtime/correlate/row.h"

namespace weir::correlate {

struct Fire {
  int64_t time = 0;     // of the alert: that of the completing event, a deadline, or the end of a slot
  Place completing;     // an absence: the event of the first step; a closed slot: its last event
  bool rose = true;     // false: the condition went on holding; told only for the sake of `suppress`
  int64_t from = 0;     // of the window: its first event
  uint64_t events = 0;  // in the window; of a chain: of its steps
  bool approximate = false;  // some reading is
  std::vector<Reading> readings;                     // by Correlation::aggregates, baselines not among them
  std::vector<std::optional<double>> numbers;        // by Correlation::numbers
  std::vector<std::pair<uint32_t, Sample>> samples;  // aggregates of kind sample
  std::vector<std::pair<uint32_t, Place>> steps;     // conditions, in the order of the steps

  // An absence, or the end of a slot: no event of that time told it.
  bool of_deadline() const { return time > completing.time(); }
};

}  // namespace weir::correlate
