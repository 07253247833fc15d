// See crowding.h.
#include "runtime/commit/crowding.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::commit {
namespace {

constexpr int64_t kHour = 3'600'000'000;

}  // namespace

std::string Crowding::look_at(const match::Program& program, const correlate::LiveCounts& counts, int64_t now) {
  if (told_at_ && now - *told_at_ < kHour) return {};
  told_.resize(counts.decided_early.size());
  uint64_t rows = 0, most = 0;
  size_t rules = 0, first = 0;
  for (size_t rule = 0; rule < told_.size(); ++rule) {
    const uint64_t more = counts.decided_early[rule] - told_[rule];
    if (more == 0) continue;
    rows += more;
    ++rules;
    if (more > most) first = rule;
    most = std::max(most, more);
  }
  if (rules == 0) return {};
  told_ = counts.decided_early;
  told_at_ = now;
  std::string others = rules == 1 ? "" : rules == 2 ? " and another rule" : fmt::format(" and {} other rules", rules - 1);
  return fmt::format(
      "no room for all events that wait until their source's `late` has passed: {}{} decided {} early, and what comes later than "
      "these is late to them; `limits: waiting` gives more room",
      program.rules[first].name, others, rows);
}

}  // namespace weir::commit
