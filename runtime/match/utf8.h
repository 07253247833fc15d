// UTF-8, one code point at a time. Total over any bytes: a byte that begins no well-formed sequence is a
// character of its own, with a number beyond Unicode, so that it equals itself and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::match {

inline constexpr uint32_t kBadByte = 0x110000;  // + the byte

struct CodePoint {
  uint32_t value = 0;
  uint32_t size = 0;  // bytes taken
};

// `text` is not empty.
CodePoint first_code_point(std::string_view text);
void append_utf8(std::string& out, uint32_t code_point);

// The offset of the first byte that is not UTF-8, or npos.
size_t find_bad_utf8(std::string_view text);
bool is_ascii(std::string_view text);

}  // namespace weir::match
