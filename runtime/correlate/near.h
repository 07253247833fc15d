// How near the groups of a rule came to an alert: the numbers that they reached, the step that is missing, when
// a value was seen before. For `weir why --near` and for tests that fail; nothing else depends on it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/correlate/fire_alert.h"
#include "runtime/correlate/row.h"

namespace weir::correlate {

struct NearGroup {
  std::string key;       // "client=10.0.0.5 parent=example.com"; empty without group_by
  uint64_t events = 0;   // that were let in
  bool told = false;     // its condition came to hold; `suppress` may have held the alert back
  double closeness = 0;  // 0 to 1
  std::vector<std::string> lines;  // "distinct(sub) 87 >= 100  no, nearest at 12:03:15"
};

struct NearOptions {
  size_t most = 2;
  int64_t ready_from = 0;                           // the end of the warm-up
  std::function<std::string(int64_t)> time_text;    // microseconds since 1970
};

// Of rule `rule`, which has a correlation: the groups that came nearest, the nearest first. `rows` stand in the
// total order. `groups`: how many there are.
std::vector<NearGroup> nearest_groups(const match::Program& program, uint32_t rule, const std::vector<Row>& rows,
                                      const NearOptions& options, FireAlerts& events, size_t& groups);

}  // namespace weir::correlate
