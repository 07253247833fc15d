// A feed that brings more than rules over many events may let wait: they decide early, and what comes out of order is
// late to them. Nothing is lost, but somebody should hear that it is so, and what gives more room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/correlate/live.h"

namespace weir::commit {

class Crowding {
 public:
  // What is to be said at `now`, microseconds since 1970: once an hour, when rows were decided early since it was said
  // last. Empty when there is nothing.
  std::string look_at(const match::Program& program, const correlate::LiveCounts& counts, int64_t now);
  // Other rules begin to count from nothing.
  void rules_changed() { told_.clear(); }

 private:
  std::vector<uint64_t> told_;  // by rule
  std::optional<int64_t> told_at_;
};

}  // namespace weir::commit
