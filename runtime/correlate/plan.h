// A correlation, with what follows from it and is needed for every row: how much each aggregate must keep,
// which are tracked slot by slot, the steps of chains as masks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/match/kept.h"
#include "runtime/match/program.h"

namespace weir::correlate {

struct PositiveStep {
  uint32_t condition = 0;
  uint32_t count = 1;
};

// Masks are of Correlation::conditions.
struct ChainPlan {
  bool any_order = false;
  std::vector<PositiveStep> steps;  // those that are not negated, at least one
  uint64_t lead = 0;                // negated before the first (with any_order: all that are negated)
  std::vector<uint64_t> gap;        // negated between step i and i + 1
  uint64_t tail = 0;                // negated at the end: decided by a deadline
};

struct Plan {
  std::shared_ptr<const match::Correlation> correlation;
  bool repeats = false;  // with `suppress` a condition that goes on holding is told again
  match::Kept kept;
  int64_t pane_us = 0;  // 0: one pane, nothing leaves before the slot ends
  std::vector<ChainPlan> chains;

  bool sliding() const { return correlation->window == match::Correlation::Window::sliding; }
  bool has_window() const {
    return correlation->kind == match::Correlation::Kind::numbers || !correlation->aggregates.empty();
  }
};

// Of a rule that has a correlation.
Plan make_plan(const match::RuleInfo& rule);

}  // namespace weir::correlate
