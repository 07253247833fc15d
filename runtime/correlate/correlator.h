// The replay around the state of rules: rows of all rules in any order become alerts in one (language.md, 7).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/row_extract.h"

namespace weir::correlate {

struct ReplayOptions {
  // Time runs on after the last event, as in tests; else the newest event is the end of what can be decided.
  bool for_ever = false;
  bool keep_rows = false;  // for explanations
  unsigned threads = 1;    // rules run side by side; the result is the same
};

// An absence (or a slot that is decided at its end) whose time did not come.
struct OpenQuestion {
  uint32_t rule = 0;
  int64_t deadline = 0;
  Alert alert;  // that it would be; without window and id
};

struct RuleCounts {
  uint64_t rows = 0;
  uint64_t groups = 0;       // at the end
  uint64_t evicted = 0;      // groups that went for want of room: what they knew is lost
  uint64_t without_key = 0;  // events that lack a part of the key
};

struct Replay {
  std::vector<Alert> alerts;  // of all rules, in the total order; building blocks too
  std::vector<OpenQuestion> undecided;
  std::vector<RuleCounts> counts;  // by rule
  std::vector<std::vector<Row>> rows;  // by rule, in the total order; with keep_rows
  std::vector<int64_t> ready_from;     // by rule: the end of the warm-up, in microseconds since 1970
  std::string failure;  // why rows are missing: a temporary file could not be written. Empty when all is well
};

// `candidates`: of the rules without a correlation, whose sources are events (make_alert). Rules over `alert`
// are run here: those that hear no other such rule see their alerts after one round, and so on; rounds end
// when nothing changes. (A rule never hears itself, and circles are an error of the pack; rounds are bounded
// all the same.) The result does not depend on the order of rows and candidates, nor on how they were split
// before they were merged.
Replay replay(std::shared_ptr<const match::Program> program, Admissions admissions,
              std::vector<Alert> candidates, const ReplayOptions& options);

}  // namespace weir::correlate
