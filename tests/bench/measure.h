// How the benches measure: processor time of the whole process, ratios round by round, and what all of them are
// compared with.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace weir::bench {

// Of the process, all threads together; or the wall's.
double seconds_now(bool wall = false);
double median(std::vector<double> values);

struct Spread {
  double median = 0, low = 0, high = 0;
};
Spread spread(const std::vector<double>& values);
// above[i] / below[i], of one round each.
Spread ratio(const std::vector<double>& above, const std::vector<double>& below);

struct Candidate {
  std::string name;
  std::function<uint64_t()> run;  // gives the number of events, which must agree
  std::vector<double> seconds;    // by round
};
// All of them by turns; one round more, before the others, warms up. False when they see different numbers of events.
bool measure(std::vector<Candidate>& candidates, int rounds, bool wall, uint64_t& events);

// ref: simdjson On-Demand iterate_many, no field read: the speed of finding the documents. On one thread: with the
// second one that it likes to use it would be another machine.
uint64_t iterate_many(const simdjson::padded_string& text);

}  // namespace weir::bench
