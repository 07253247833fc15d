// Every root of a rule on one source, in one place: what the dump shows and the verifier checks.
#pragma once

#include <string>

#include "runtime/match/program.h"

namespace weir::ir {

// see(what, root, condition): `condition` where the root must be one. What a source lacks (kNone) is left
// out.
template <typename See>
void for_each_root(const match::RuleOnSource& on, See see) {
  const auto if_any = [&](const std::string& what, match::Root root, bool condition) {
    if (root != match::kNone) see(what, root, condition);
  };
  const auto numbered = [&](const std::string& what, const std::vector<match::Root>& roots, bool condition) {
    for (size_t i = 0; i < roots.size(); ++i) if_any(what + " " + std::to_string(i), roots[i], condition);
  };
  if_any("match", on.match, true);
  if_any("counted", on.counted, true);
  numbered("group by", on.group_by, false);
  numbered("value", on.values, false);
  numbered("condition", on.conditions, true);
  for (const match::MessagePiece& piece : on.message) if_any("message", piece.root, false);
  for (const match::NamedRoot& named : on.fields) if_any("field " + named.name, named.root, false);
  for (const match::NamedRoot& named : on.suppress_by) if_any("suppress by " + named.name, named.root, false);
  for (const auto& [level, root] : on.level_cases)
    if_any(std::string("level ") + match::kLevelNames[level], root, true);
  for (const match::NamedRoot& named : on.derived) if_any("derived " + named.name, named.root, false);
  for (const match::NamedRoot& named : on.exemptions) if_any("exemption " + named.name, named.root, true);
}

}  // namespace weir::ir
