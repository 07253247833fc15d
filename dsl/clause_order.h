// The canonical order of the clauses of a rule and of a tuning (language.md, 3). The formatter writes it, and
// the comparison of trees must not see it.
#pragma once

#include "dsl/ast.h"

namespace weir::dsl {

struct ClausePlace {
  int group;  // groups are set apart by a blank line
  int rank;   // within the group; equal ones keep the order in which they were written
  auto operator<=>(const ClausePlace&) const = default;
};

ClausePlace place_of(const RuleClause& clause);
ClausePlace place_of(const TuneClause& clause);

}  // namespace weir::dsl
