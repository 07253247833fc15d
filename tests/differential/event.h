// A random event for a pack: mostly what one of its rules asks for, or nearly; sometimes of another shape.
#pragma once

#include <string>

#include "tests/differential/json.h"
#include "tests/differential/pack.h"

namespace weir::differential {

struct Event {
  bool line = false;  // of a source with columns
  std::string text;
  Json tree;  // what `text` was written from, unless it is a line
};

Event make_event(uint64_t seed, const Pack& pack);

}  // namespace weir::differential
