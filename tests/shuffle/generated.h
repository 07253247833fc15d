// Random packs of rules over many events, and random events for them: every kind of condition, few keys and few times,
// so that windows cross, steps tie and absences end.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/dice.h"

namespace weir::shuffle {

using differential::Dice;

// Two sources: `call` has an id, so that copies of its events are one; `query` has none, so that copies count.
std::string sources();
// `rules` rules over them, some of which hear the others.
std::string pack(Dice& dice, size_t rules);
// Lines of JSON, in no order; no two are equal.
std::vector<std::string> events(Dice& dice, size_t count);
// Whether copies of the line are the same event.
bool has_id(const std::string& line);

}  // namespace weir::shuffle
