// Escapes of JSON strings: the fewest that RFC 8259 allows.
#include "runtime/match/json.h"

#include <fmt/format.h>

#include <cstdint>

namespace weir::match {
void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  size_t copied = 0;
  const auto replace = [&](size_t at, std::string_view escape) {
    out.append(text, copied, at - copied);
    out += escape;
    copied = at + 1;
  };
  for (size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<uint8_t>(text[at]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    switch (c) {
      case '"':
        replace(at, "\\\"");
        break;
      case '\\':
        replace(at, "\\\\");
        break;
      case '\n':
        replace(at, "\\n");
        break;
      case '\r':
        replace(at, "\\r");
        break;
      case '\t':
        replace(at, "\\t");
        break;
      default:
        replace(at, fmt::format("\\u{:04x}", c));
    }
  }
  out.append(text, copied);
  out.push_back('"');
}

}  // namespace weir::match
