// Clocks, medians, and ref.
#include "tests/bench/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace weir::bench {

double seconds_now(bool wall) {
  timespec now{};
  clock_gettime(wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Spread spread(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {median(values), *low, *high};
}

Spread ratio(const std::vector<double>& above, const std::vector<double>& below) {
  std::vector<double> ratios;
  for (size_t i = 0; i < above.size(); ++i) ratios.push_back(above[i] / below[i]);
  return spread(ratios);
}

bool measure(std::vector<Candidate>& candidates, int rounds, bool wall, uint64_t& events) {
  events = 0;
  for (int round = -1; round < rounds; ++round) {
    for (Candidate& candidate : candidates) {
      const double begin = seconds_now(wall);
      const uint64_t count = candidate.run();
      const double seconds = seconds_now(wall) - begin;
      if (round >= 0) candidate.seconds.push_back(seconds);
      if (events != 0 && count != events) {
        fmt::print(stderr, "{} saw {} events, others {}\n", candidate.name, count, events);
        return false;
      }
      events = count;
    }
  }
  return true;
}

uint64_t iterate_many(const simdjson::padded_string& text) {
  simdjson::ondemand::parser parser;
#ifdef SIMDJSON_THREADS_ENABLED
  parser.threaded = false;
#endif
  uint64_t documents = 0;
  simdjson::ondemand::document_stream stream;
  if (parser.iterate_many(text, 1 << 20).get(stream)) return 0;
  for (auto document : stream) documents += !document.error();
  return documents;
}

}  // namespace weir::bench
