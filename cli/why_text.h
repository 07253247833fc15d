// Why a rule did or did not match one event: a tree of its items with the values they looked at.
#pragma once

#include <string>

#include "compiler/compile.h"

namespace weir::cli {

struct WhyResult {
  bool alert = false;    // the rule matches, exemptions applied
  size_t holding = 0;    // items that hold, of
  size_t items = 0;      // all
  std::string text;      // the lines below "RULE: alert", each indented by two spaces
  std::string json;      // the same as one JSON object's members: "alert":…,"selections":[…],…
};

WhyResult why(const compiler::Project& project, const compiler::Compiled& compiled,
              const compiler::RuleTrace& trace, const rt_event& event, rt_scratch* scratch, bool color);

// What `trace` of rule `name` is for events of a source; null when the rule has none.
const compiler::RuleTrace* trace_of(const compiler::Compiled& compiled, std::string_view rule, uint16_t source);

// A value as people write it: "text" in quotes, numbers, true, null, JSON; cut when very long.
std::string shown(const rt_value& value);

}  // namespace weir::cli
