// An event that meets the items of a selection, as a test writes it.
#pragma once

#include <string>
#include <vector>

#include "compiler/project.h"
#include "compiler/schema.h"
#include "dsl/ast.h"

namespace weir::cli {

// One value of the event: where, and its JSON.
struct Wanted {
  std::vector<std::string> path;
  std::string json;
};

// What `$name` stands for in a rule.
struct Constants {
  const dsl::Rule& rule;
  const compiler::Project& project;
  bool of_lists = true;  // also of lists: they are of what is looked for, or of what is exempt

  // The value itself; of a param or a list, its first one.
  const dsl::Expr& resolved(const dsl::Expr& value) const;
};

// What the items of the selection ask for, of alternatives the first, as far as that can be said without
// running it. Empty when it is no map.
std::vector<Wanted> wanted_by(const dsl::Selection& selection, const Constants& constants);
// Of two values of one path the last one stands.
std::string event_text(const std::vector<Wanted>& wanted, const compiler::SchemaInfo& schema);
// Another value of the same kind.
std::string other_value(const std::string& json);

}  // namespace weir::cli
