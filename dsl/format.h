// Tree → text, in the one style. Idempotent; the meaning and every comment are kept.
//
// The style: two spaces of indentation; one clause or entry a line. The clauses of a rule stand in the
// canonical order (dsl/clause_order.h) with a blank line between the groups; elsewhere a blank line of the
// author's stays, as one. Values of neighbouring entries are aligned.
// A block that was written on one line stays on one line (`a; b`) while it fits in 100 columns; one written
// on several lines stays so. The same goes for lists of values and for JSON: the author's line breaks are
// kept, and more are made where a line would be longer than 100 columns (120 for JSON).
// Literals keep their spelling. A comment on a line of its own stays before what it stood before, one at the
// end of a line stays there; a clause with a comment in the middle is left as it was written.
#pragma once

#include <string>

#include "dsl/ast.h"
#include "dsl/source.h"

namespace weir::dsl {

// Of a file that parsed without errors.
std::string format(const SourceMap& sources, const File& file);

// A part of one, on one line.
std::string format(const SourceMap& sources, const Expr& expr);
std::string format(const SourceMap& sources, const Call& call);
std::string format(const SourceMap& sources, const KCond& condition);

// The same tree, whatever the spans, comments and order of clauses: what `format` must keep.
bool same_meaning(const File& a, const File& b);

}  // namespace weir::dsl
