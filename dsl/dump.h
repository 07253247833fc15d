// The tree as text, for `weir dump --stage=ast` and goldens: an indented outline, spans left out. Of a part of it
// the text is the same however the part was written: what it means is compared by it.
#pragma once

#include <string>

#include "dsl/ast.h"

namespace weir::dsl {

std::string dump(const File& file);
std::string dump(const Expr& expr);  // one line
std::string dump(const Cond& cond);  // one line
std::string dump(const Selection& selection);

}  // namespace weir::dsl
