// What a written text says: escapes decoded, prose folded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/ast.h"

namespace weir::dsl {

struct Decoded {
  std::string value;
  std::vector<uint32_t> wildcards;    // offsets in `value`
  std::vector<uint32_t> offsets;      // of each byte of `value`, in the literal; one more for the end
  std::optional<uint32_t> bad_point;  // a \u{…} that is no character: where the \ stands
};

Quote quote_of(std::string_view literal);
// What stands between the quotes of a literal, when it says just that: it is no prose, and has no escape and no
// wildcard. decode_literal gives the same, and more slowly.
std::optional<std::string_view> plain_inside(std::string_view literal);
// A literal that the grammar matched, its quotes included.
Decoded decode_literal(std::string_view literal);

// A JSON string that the grammar matched, its quotes included; lone surrogates become U+FFFD.
std::string decode_json_string(std::string_view literal);

}  // namespace weir::dsl
