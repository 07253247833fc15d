// A case that differs, made smaller: declarations, then lines of them, then parts of the event are left out
// as long as a difference stays.
#pragma once

#include <chrono>
#include <functional>

#include "tests/differential/event.h"
#include "tests/differential/pack.h"

namespace weir::differential {

struct Case {
  Pack pack;
  Event event;
};
using Differs = std::function<bool(const Case&)>;

void shrink(Case& of, const Differs& differs, std::chrono::seconds at_most);

}  // namespace weir::differential
