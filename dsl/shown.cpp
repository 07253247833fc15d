// See shown.h.
#include "dsl/shown.h"

#include <fmt/format.h>

namespace weir::dsl {

namespace {

bool is_hidden(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200B || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

}  // namespace

CodePoint code_point_at(std::string_view text, size_t at) {
  uint8_t first = uint8_t(text[at]);
  if (first < 0x80) return {first, 1};
  uint32_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {};
  uint32_t value = first & (0x7Fu >> length);
  for (uint32_t i = 1; i < length; ++i) {
    uint8_t next = uint8_t(text[at + i]);
    if ((next & 0xC0) != 0x80) return {};
    value = value << 6 | (next & 0x3F);
  }
  bool overlong = value < (length == 2 ? 0x80u : length == 3 ? 0x800u : 0x10000u);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
  return {value, length};
}

ShownText shown_with_columns(std::string_view text) {
  ShownText result;
  result.columns.reserve(text.size() + 1);
  uint32_t column = 0;
  for (size_t at = 0; at < text.size();) {
    CodePoint point = code_point_at(text, at);
    uint32_t length = point.length == 0 ? 1 : point.length;
    result.columns.insert(result.columns.end(), length, column);
    if (point.length != 0 && !is_hidden(point.value)) {
      result.text.append(text.substr(at, length));
      column += 1;
    } else {
      std::string name = point.length == 0     ? fmt::format("<{:02X}>", uint8_t(text[at]))
                         : point.value == '\t' ? std::string(4, ' ')
                                               : fmt::format("<U+{:04X}>", point.value);
      result.text += name;
      column += uint32_t(name.size());
    }
    at += length;
  }
  result.columns.push_back(column);
  return result;
}

std::string shown(std::string_view text) { return shown_with_columns(text).text; }

}  // namespace weir::dsl
