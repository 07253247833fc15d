// Every root of a rule on one source, in one place: what the dump shows and the verifier checks.
#pragma once

#include <string>

#include "runtime/match/program.h"

namespace weir::ir {

// see(what, root, condition): `what` makes the words, which few ask for; `condition` where the root must be
// one. What a source lacks (kNone) is left out.
template <typename See>
void for_each_root(const match::RuleOnSource& on, See see) {
  const auto if_any = [&](const char* what, match::Root root, bool condition) {
    if (root != match::kNone) see([&] { return std::string(what); }, root, condition);
  };
  const auto numbered = [&](const char* what, const std::vector<match::Root>& roots, bool condition) {
    for (size_t i = 0; i < roots.size(); ++i)
      if (roots[i] != match::kNone)
        see([&] { return what + (" " + std::to_string(i)); }, roots[i], condition);
  };
  const auto named = [&](const char* what, const std::vector<match::NamedRoot>& roots, bool condition) {
    for (const match::NamedRoot& each : roots)
      if (each.root != match::kNone) see([&] { return what + (" " + each.name); }, each.root, condition);
  };
  if_any("match", on.match, true);
  if_any("counted", on.counted, true);
  numbered("group by", on.group_by, false);
  numbered("value", on.values, false);
  numbered("condition", on.conditions, true);
  for (const match::MessagePiece& piece : on.message) if_any("message", piece.root, false);
  named("field", on.fields, false);
  named("suppress by", on.suppress_by, false);
  for (const auto& [level, root] : on.level_cases)
    if (root != match::kNone)
      see([&] { return std::string("level ") + match::kLevelNames[level]; }, root, true);
  named("derived", on.derived, false);
  named("exemption", on.exemptions, true);
}

}  // namespace weir::ir
