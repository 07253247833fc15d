// Which rows of one instant take which steps of a chain (language.md, 6).
//
// Order within one time means nothing: any different rows may be any steps. So rows are assigned to the steps
// that an instant adds as in a bipartite graph. Of all matches that end at a step, the one whose first event
// is latest is chosen (it stays within the span longest, so no other can serve where it cannot); of those,
// the one whose last step is latest in the total order, then the last but one, and so on.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "runtime/correlate/plan.h"
#include "runtime/correlate/row.h"

namespace weir::correlate {

// The first steps of a chain, taken.
struct Partial {
  int64_t first = 0;         // time of its first event
  std::vector<Place> steps;  // by steps; of `3 a` the latest

  template <class Archive>
  void serialise(Archive& archive) {
    archive(first, steps);
    for (const Place& step : steps) archive.fail_unless(step.event != nullptr);
  }
};

// What a chain knew before the instant, as far as it is within the span of it.
struct Before {
  explicit Before(std::pmr::memory_resource* memory) : firsts(memory), partials(memory), barred(memory) {}

  std::pmr::vector<int64_t>
      firsts;  // times of the latest events of the first step, rising; at most its count
  std::pmr::vector<const Partial*> partials;  // [i]: steps 0 … i - 1 taken, or null; [0] is null
  std::pmr::vector<char> barred;              // [i]: nothing goes from step i to step i + 1 at this instant
};

class StepChoice {
 public:
  // `rows`: of one instant, in the total order; those that are counted take steps. All three are borrowed.
  // `lead_open`: whether any may take the first step. What it works in comes from `memory`, which need not
  // take anything back before the choice is made.
  StepChoice(const ChainPlan& chain, const Before& before, std::span<const Row> rows, bool lead_open,
             std::pmr::memory_resource* memory);

  // The best match of steps 0 … last of which the last is taken at this instant.
  std::optional<Partial> best(size_t last) const;

 private:
  struct Search;

  const ChainPlan& chain_;
  const Before& before_;
  const std::span<const Row> rows_;
  std::pmr::memory_resource* memory_;
  std::pmr::vector<std::pmr::vector<uint32_t>>
      candidates_;  // by step: rows that may take it, the latest first
};

}  // namespace weir::correlate
