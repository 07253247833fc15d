// Diagnostics for people (carets, as in language.md 15) and for programs (JSON), and the fixes they carry.
#pragma once

#include <string>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::dsl {

struct RenderOptions {
  bool color = false;  // ANSI colours; the caller knows the terminal and NO_COLOR
};

// Ends with a newline; long lines are cut around the label, control and bidirectional characters are shown
// by their code points.
std::string render(const SourceMap& sources, const Diagnostic& diagnostic, const RenderOptions& options = {});

// One JSON object, without a newline: {"code","severity","title","file","line","column","end_line",
// "end_column","labels":[…],"notes":[…],"helps":[…],"fix":{"applicability","edits":[…]}|null}.
std::string to_json(const SourceMap& sources, const Diagnostic& diagnostic);

// A JSON string, quotes included; bytes that are no UTF-8 are written as U+FFFD.
std::string quoted_json(std::string_view text);

// The text of `source` after every fix of at least this applicability; edits that overlap an earlier one are
// left out. `applied` counts the fixes that went in.
std::string apply_fixes(const SourceMap& sources, SourceId source, const std::vector<Diagnostic>& diagnostics,
                        bool likely_too, size_t& applied);

}  // namespace weir::dsl
