// Compact JSON made readable: what fits stays on one line, the rest is indented by two.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli::doc {

// `json` is valid (our own); anything else comes out as it was.
std::string readable_json(std::string_view json, size_t width = 100);

}  // namespace weir::cli::doc
