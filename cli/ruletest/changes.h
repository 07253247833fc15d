// The small changes that a mutation test tries, one at a time: each breaks a rule in one place.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/source.h"

namespace weir::cli {

struct Change {
  std::string text;  // "`gte` → `gt`", "without `eventName`"
  dsl::Span span;
  std::function<std::function<void()>()> apply;  // makes it, and gives back what undoes it
};

// All of a rule: items, values, modifiers, the condition, params, the window, its condition and keys,
// `suppress`, cases of the level, pieces of the message. They refer to the tree, which must stay where it is.
std::vector<Change> changes_of(const dsl::SourceMap& source, dsl::Rule& rule);

}  // namespace weir::cli
