// Invalid UTF-8, once a file; characters that change the direction of text, each.
#include "dsl/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dsl/limits.h"
#include "dsl/syntax.h"
#include "dsl/tokens.h"

namespace weir::dsl {
namespace {

struct Direction {
  std::string_view bytes;
  unsigned point;
  const char* name;
};

constexpr std::array<Direction, 12> kDirections = {{
    {"\u061C", 0x061C, "ARABIC LETTER MARK"},
    {"\u200E", 0x200E, "LEFT-TO-RIGHT MARK"},
    {"\u200F", 0x200F, "RIGHT-TO-LEFT MARK"},
    {"\u202A", 0x202A, "LEFT-TO-RIGHT EMBEDDING"},
    {"\u202B", 0x202B, "RIGHT-TO-LEFT EMBEDDING"},
    {"\u202C", 0x202C, "POP DIRECTIONAL FORMATTING"},
    {"\u202D", 0x202D, "LEFT-TO-RIGHT OVERRIDE"},
    {"\u202E", 0x202E, "RIGHT-TO-LEFT OVERRIDE"},
    {"\u2066", 0x2066, "LEFT-TO-RIGHT ISOLATE"},
    {"\u2067", 0x2067, "RIGHT-TO-LEFT ISOLATE"},
    {"\u2068", 0x2068, "FIRST STRONG ISOLATE"},
    {"\u2069", 0x2069, "POP DIRECTIONAL ISOLATE"},
}};

const Direction* direction_at(std::string_view text, size_t at) {
  for (const Direction& direction : kDirections)
    if (text.substr(at, direction.bytes.size()) == direction.bytes) return &direction;
  return nullptr;
}

// In a text of a rule the escape keeps the meaning; JSON has other escapes, and elsewhere nothing is meant.
bool escape_keeps_meaning(std::string_view text, uint32_t at) {
  const std::vector<Token> line = tokens_between(text, line_begin(text, at), at);
  if (line.empty() || line.back().kind != Token::Kind::text || line.back().end <= at) return false;
  if (text[line.back().begin] != '"' || line.size() < 3 || line[0].kind != Token::Kind::word) return false;
  const std::string_view first = spelled(text, line[0]);
  return first != "event" && first != "at" && first != "every" && first != "custom";
}

bool is_ascii(char c) { return uint8_t(c) < 0x80; }

bool is_ascii(std::string_view text) {
  char seen = 0;  // no way out at the first: so it is done many bytes at a time
  for (const char c : text) seen |= c;
  return is_ascii(seen);
}

void report(Diagnostics& diagnostics, SourceId source, std::string_view text, uint32_t at,
            const Direction& direction) {
  const Span span{source, at, at + uint32_t(direction.bytes.size())};
  const std::string escape = fmt::format("\\u{{{:X}}}", direction.point);
  Diagnostic& diagnostic =
      diagnostics.add(Code::E108, "a character that changes the direction of text", span,
                      fmt::format("U+{:04X} {}, shown here by its name", direction.point, direction.name));
  diagnostic.note("what a reviewer sees would not be what is compared")
      .help(fmt::format("if it is meant, write it as `{}`", escape));
  if (escape_keeps_meaning(text, at)) diagnostic.replace(span, escape);
}

}  // namespace

void check_encoding(const SourceMap& sources, SourceId source, Diagnostics& diagnostics) {
  const std::string_view text = sources.text(source);
  if (is_ascii(text)) return;
  const size_t invalid = invalid_utf8(text);
  if (invalid != std::string_view::npos)
    diagnostics
        .add(Code::E111, "this file is not UTF-8", {source, uint32_t(invalid), uint32_t(invalid) + 1},
             fmt::format("the byte {:#04x} begins no character here", uint8_t(text[invalid])))
        .help("save the file as UTF-8");
  size_t reported = 0;
  for (size_t at = 0; at < text.size() && reported < kMaxReportedPerFile; ++at) {
    if (is_ascii(text[at])) continue;
    const Direction* direction = direction_at(text, at);
    if (!direction) continue;
    report(diagnostics, source, text, uint32_t(at), *direction);
    ++reported;
  }
}

}  // namespace weir::dsl
