// The tree as text, for `weir dump --stage=ast` and goldens: an indented outline, spans left out.
#pragma once

#include <string>

#include "dsl/ast.h"

namespace weir::dsl {

std::string dump(const File& file);

}  // namespace weir::dsl
