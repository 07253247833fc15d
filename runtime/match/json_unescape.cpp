// Compact JSON with the escapes of its strings resolved.
#include "runtime/match/json_unescape.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "runtime/match/decode.h"
#include "runtime/match/json_scan.h"

namespace weir::match {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

std::optional<uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  return value;
}

char* write_utf8(uint32_t point, char* out) {
  const auto put = [&](uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
  return out;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool is_high(uint32_t point) { return point >= 0xd800 && point < 0xdc00; }
bool is_low(uint32_t point) { return point >= 0xdc00 && point < 0xe000; }

// `rest` begins with the backslash. Returns how much of it was read.
size_t unescape(std::string_view rest, char*& out) {
  if (rest.size() < 2) {
    *out++ = rest[0];
    return 1;
  }
  static constexpr char kFrom[] = "\"\\/bfnrt", kTo[] = "\"\\/\b\f\n\r\t";
  if (const char* const known = std::strchr(kFrom, rest[1]); known != nullptr && rest[1] != '\0') {
    *out++ = kTo[known - kFrom];
    return 2;
  }
  const std::optional<uint32_t> unit = rest[1] == 'u' ? hex4(rest.substr(2)) : std::nullopt;
  if (!unit) {
    *out++ = rest[0];
    return 1;
  }
  if (is_high(*unit) && rest.substr(6).starts_with("\\u")) {
    const std::optional<uint32_t> low = hex4(rest.substr(8));
    if (low && is_low(*low)) {
      out = write_utf8(0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00), out);
      return 12;
    }
  }
  out = write_utf8(is_high(*unit) || is_low(*unit) ? kReplacement : *unit, out);
  return 6;
}

}  // namespace

size_t unescape_json(std::string_view json, char* out) {
  char* const begin = out;
  char* string = nullptr;  // the text of the one that `at` stands in
  size_t at = 0;
  while (at < json.size()) {
    const size_t special = std::min(json.find_first_of("\\\"", at), json.size());
    std::memcpy(out, json.data() + at, special - at);
    out += special - at;
    at = special;
    if (at == json.size()) break;
    if (json[at] == '\\') {
      at += unescape(json.substr(at), out);
      continue;
    }
    ++at;
    if (string != nullptr) out = string + compact_json(string, static_cast<size_t>(out - string));
    *out++ = '"';
    string = string == nullptr ? out : nullptr;
  }
  return static_cast<size_t>(out - begin);
}

size_t unescape_text(std::string_view quoted, char* out) {
  char* const begin = out;
  for (size_t at = 0; at < quoted.size();) {
    const size_t special = std::min(quoted.find('\\', at), quoted.size());
    std::memcpy(out, quoted.data() + at, special - at);
    out += special - at;
    at = special;
    if (at < quoted.size()) at += unescape(quoted.substr(at), out);
  }
  return static_cast<size_t>(out - begin);
}

namespace {

// A look-up, and no call: a text that is JSON itself has one at every turn.
bool is_simple_escape(char c) {
  static constexpr std::array<bool, 256> kIs = [] {
    std::array<bool, 256> is{};
    for (const unsigned char each : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) is[each] = true;
    return is;
  }();
  return kIs[static_cast<unsigned char>(c)];
}

}  // namespace

bool escapes_are_clean(std::string_view json) {
  for (size_t at = json.find('\\'); at != json.npos; at = json.find('\\', at)) {
    if (at + 1 == json.size()) return false;
    if (json[at + 1] != 'u') {
      if (!is_simple_escape(json[at + 1])) return false;
      at += 2;
      continue;
    }
    const std::optional<uint32_t> unit = hex4(json.substr(at + 2));
    if (!unit || is_low(*unit)) return false;
    at += 6;
    if (!is_high(*unit)) continue;
    const bool paired = json.substr(at).starts_with("\\u");
    const std::optional<uint32_t> low = paired ? hex4(json.substr(at + 2)) : std::nullopt;
    if (!low || !is_low(*low)) return false;
    at += 6;
  }
  return true;
}

size_t compact_json(char* text, size_t size) {
  if (!may_be_json({text, size}) || scan_json({text, size}, kMaxDepth).reason != nullptr) return size;
  char* out = text;
  bool in_string = false;
  for (size_t at = 0; at < size; ++at) {
    if (!in_string && is_space(text[at])) continue;
    *out++ = text[at];
    if (text[at] == '"') {
      in_string = !in_string;
    } else if (text[at] == '\\') {
      *out++ = text[++at];
    }
  }
  return static_cast<size_t>(out - text);
}

bool may_be_json(std::string_view text) {
  const auto first = std::find_if_not(text.begin(), text.end(), is_space);
  return first != text.end() && (*first == '{' || *first == '[');
}

}  // namespace weir::match
