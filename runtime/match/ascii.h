// Texts that are known to be ASCII, compared and searched without a folded copy: what both engines, native code
// included, come down to for nearly every text of a log.
//
// Nothing is read outside the texts. Where a function says `folded`, that text is in lower case already and the
// other is folded on the way.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::match {

// What one look at every byte of a text tells.
struct Bytes {
  bool ascii = true;
  const char* first_escape = nullptr;  // the first `\`, and the last; null: there is none
  const char* last_escape = nullptr;
};
Bytes look_over(std::string_view text) noexcept;

// As many bytes at both.
bool same_folded(const char* data, const char* folded, size_t size) noexcept;

bool contains_folded(std::string_view text, std::string_view folded) noexcept;

// Of any bytes, letter by letter.
bool contains_exactly(std::string_view text, std::string_view part) noexcept;

}  // namespace weir::match
