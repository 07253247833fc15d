// The slow, obviously right engine: every answer is computed anew from all rows of the group, by the words of
// language.md, 6. No incremental state, no folding, no shared code but the rows themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/correlate/row.h"
#include "runtime/match/correlation.h"

namespace weir::correlate::model {

struct Answer {
  int64_t time = 0;
  const StoredEvent* completing = nullptr;
  int64_t from = 0;
  uint64_t events = 0;
  uint64_t held_back = 0;
  std::vector<std::optional<double>> readings;  // rules of numbers
  std::vector<const StoredEvent*> steps;

  std::string text() const;
};

struct Case {
  match::Correlation correlation;
  std::optional<int64_t> suppress_us;
  int64_t ready_from = INT64_MIN;
  int64_t horizon = INT64_MAX;
  std::vector<Row> rows;  // in the total order
};

std::vector<Answer> answers(const Case& one);

}  // namespace weir::correlate::model
