// Which lists and shared selections a rule needs, directly or by what it uses.
#pragma once

#include <set>
#include <string>

#include "compiler/project.h"

namespace weir::cli::doc {

struct Uses {
  std::set<std::string> lists, selections;  // by name; selections: shared ones
};

Uses uses_of(const compiler::Project& project, const compiler::RuleEntry& entry);

}  // namespace weir::cli::doc
