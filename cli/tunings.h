// What a deployment changes in a rule, in words: for lists of rules and their pages.
#pragma once

#include <string>
#include <vector>

#include "compiler/project.h"

namespace weir::cli {

// "rules/domains.weir:12"
std::string place_of(const compiler::Project& project, dsl::Span span);

// One line for each thing that a tuning changes.
std::vector<std::string> tunings_of(const compiler::Project& project, const compiler::RuleEntry& entry);

}  // namespace weir::cli
