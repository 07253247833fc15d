// Events in time that may make a rule over many events fire: guesses, each to be tried.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/ruletest/sketch_event.h"

namespace weir::cli {

struct TimelineEvent {  // `at … every … times … event { … }`
  int64_t at_ms = 0, every_ms = 0, times = 1;
  std::vector<Wanted> event;
};

struct Timeline {
  std::vector<TimelineEvent> firing;
  // The nearest miss, and what it is; empty when there is none to be thought of.
  std::vector<TimelineEvent> silent;
  std::string why_silent;
};

// The likeliest first. Empty for a rule without a correlation.
std::vector<Timeline> timelines_of(const Constants& constants, const compiler::SchemaInfo& schema);

std::string timeline_text(const std::vector<TimelineEvent>& timeline, const compiler::SchemaInfo& schema);

}  // namespace weir::cli
