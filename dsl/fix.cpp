// Fixes put into the text. A fix goes in whole or not at all: half of one would change the meaning.
#include <algorithm>

#include "dsl/render.h"

namespace weir::dsl {

namespace {

// Two insertions at one point do not overlap: each was meant for that point, whatever the other says.
bool overlap(const Edit& a, const Edit& b) {
  return a.span.begin == b.span.begin ? a.span.begin != a.span.end || b.span.begin != b.span.end
                                      : a.span.begin < b.span.end && b.span.begin < a.span.end;
}

bool fits(const Fix& fix, SourceId source, size_t size, const std::vector<Edit>& taken) {
  return std::all_of(fix.edits.begin(), fix.edits.end(), [&](const Edit& edit) {
    return edit.span.source == source && edit.span.begin <= edit.span.end && edit.span.end <= size &&
           std::none_of(taken.begin(), taken.end(), [&](const Edit& other) { return overlap(edit, other); });
  });
}

}  // namespace

std::string apply_fixes(const SourceMap& sources, SourceId source, const std::vector<Diagnostic>& diagnostics,
                        bool likely_too, size_t& applied) {
  std::string text(sources.text(source));
  std::vector<Edit> taken;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!diagnostic.fix || diagnostic.fix->edits.empty()) continue;
    const Fix& fix = *diagnostic.fix;
    if (fix.applicability == Applicability::likely && !likely_too) continue;
    if (!fits(fix, source, text.size(), taken)) continue;
    taken.insert(taken.end(), fix.edits.begin(), fix.edits.end());
    ++applied;
  }
  std::stable_sort(taken.begin(), taken.end(),
                   [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
  for (auto edit = taken.rbegin(); edit != taken.rend(); ++edit)
    text.replace(edit->span.begin, edit->span.end - edit->span.begin, edit->replacement);
  return text;
}

}  // namespace weir::dsl
