// Untrusted text made fit for a terminal: what moves the cursor or turns the direction of text is shown by
// its code point (`<U+202E>`), a byte that is no UTF-8 by its value (`<FF>`), a tab as four spaces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::dsl {

struct ShownText {
  std::string text;
  std::vector<uint32_t> columns;  // for each byte of the original, and one past it: its column in `text`
};

// Columns count characters; how wide a terminal draws them is not known here.
ShownText shown_with_columns(std::string_view text);
std::string shown(std::string_view text);

// The code point that begins at `at`, and how many bytes it has; length 0 when the bytes are no UTF-8.
struct CodePoint {
  uint32_t value = 0;
  uint32_t length = 0;
};
CodePoint code_point_at(std::string_view text, size_t at);

}  // namespace weir::dsl
