// A unified diff of two texts, for `fmt --check` and `fix --dry-run`.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

// Empty when they are equal; three lines of context; coloured when asked for.
std::string unified_diff(std::string_view path, std::string_view before, std::string_view after, bool color);

}  // namespace weir::cli
