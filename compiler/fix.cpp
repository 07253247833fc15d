#include "compiler/fix.h"

#include "compiler/compile.h"
#include "compiler/project_files.h"
#include "dsl/render.h"

namespace weir::compiler {
namespace {

// Two fixes that undo each other would go on for ever.
constexpr int kMostRounds = 20;

bool apply(Fixed& fixed, bool likely_too) {
  bool any = false;
  for (const auto& file : fixed.project->files) {
    const std::string& path = fixed.project->sources.path(file->source);
    if (path.starts_with(kShippedPrefix)) continue;
    size_t applied = 0;
    std::string text =
        dsl::apply_fixes(fixed.project->sources, file->source, fixed.left.list(), likely_too, applied);
    if (applied == 0) continue;
    fixed.changed[path] = std::move(text);
    fixed.applied[path] += applied;
    any = true;
  }
  return any;
}

}  // namespace

Fixed fix(const LoadWith& load, bool likely_too) {
  Fixed fixed;
  for (int round = 0;; ++round) {
    fixed.left = {};
    fixed.project = load(fixed.changed, fixed.left);
    check(*fixed.project, fixed.left);
    if (round == kMostRounds || !apply(fixed, likely_too)) return fixed;
  }
}

}  // namespace weir::compiler
