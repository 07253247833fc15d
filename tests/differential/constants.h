// Constants of a pack, and the values near them that events hold: equal in another case, longer, one byte
// off, folding to the same text, around the sizes of machine words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/dice.h"
#include "tests/differential/shapes.h"

namespace weir::differential {

// A value as it stands in an event: a text, or JSON source (`raw`: 1.50, null, true), or nothing at all.
struct Scalar {
  enum class Form : uint8_t { absent, text, raw };
  Form form = Form::text;
  std::string value;
};
inline Scalar text(std::string value) { return {Scalar::Form::text, std::move(value)}; }
inline Scalar raw(std::string value) { return {Scalar::Form::raw, std::move(value)}; }
inline Scalar absent() { return {Scalar::Form::absent, {}}; }

// What one pack compares with: few of each kind, so that rules share predicates and events hit them.
struct Constants {
  std::vector<std::string> texts, domains, addresses, networks, integers, reals, times, spans;
  const std::vector<std::string>& of(Kind kind) const;
};
Constants make_constants(Dice& dice);

// As a value of that kind stands in an event.
Scalar scalar_of(Kind kind, const std::string& constant);
// `"…"` or `'…'` of the language, without wildcards.
std::string quoted(Dice& dice, std::string_view text);

// A text that differs from `value` a little, or folds to the same.
std::string neighbour(Dice& dice, const std::string& value);
std::string other_case(Dice& dice, const std::string& value);
// A text to stand before or after a constant.
std::string affix(Dice& dice);
std::string base64(std::string_view bytes);
std::string utf16(std::string_view ascii, bool big_endian);

}  // namespace weir::differential
