// A test to start from, written from what a rule asks for: an event that fires, or its nearest miss.
#pragma once

#include <optional>
#include <string>

#include "compiler/project.h"

namespace weir::cli {

// The text of a `test "…" { … }` for the rule, tried before it is given: an event that meets the items of one
// of its selections, or, with `silent`, that event with one value changed so that the rule keeps still. Of a
// rule over many events, so many of them or one for each step, or with `silent` one fewer. nullopt when
// nothing that was tried does it. The project only gains a source text.
std::optional<std::string> sketch_test(compiler::Project& project, const compiler::RuleEntry& entry,
                                       bool silent);

}  // namespace weir::cli
