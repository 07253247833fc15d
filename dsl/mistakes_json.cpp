// JSON as people write it by hand: other quotes, a comma too many or too few, comments, Python's words.
#include <fmt/format.h>

#include <array>

#include "dsl/mistakes.h"

namespace weir::dsl {
namespace {

Mistake not_json(uint32_t begin, uint32_t end, std::string label) {
  return Mistake(Code::E601, "this is not JSON", begin, end, std::move(label));
}

std::string json_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::optional<Mistake> comment(const Scene& s) {
  const uint32_t at = s.failure.at;
  const std::string_view two = s.text.substr(at, 2);
  if (!two.starts_with('#') && two != "//") return std::nullopt;
  Mistake mistake = not_json(at, line_end(s.text, at), "JSON has no comments");
  mistake.help("put it outside of the braces");
  return mistake.edit(at, line_end(s.text, at), "");
}

std::optional<Mistake> trailing_comma(const Scene& s) {
  if ((!s.here_is("}") && !s.here_is("]")) || !s.back_is(0, ",")) return std::nullopt;
  const Token comma = s.back(0);
  Mistake mistake =
      not_json(comma.begin, comma.end, fmt::format("JSON has no comma before `{}`", s.spelled(s.here)));
  mistake.help("leave it out");
  return mistake.edit(comma.begin, comma.end, "");
}

std::optional<Mistake> other_quotes(const Scene& s) {
  if (s.here.kind != Token::Kind::text || !s.here.closed || s.text[s.here.begin] != '\'') return std::nullopt;
  const std::string_view written = s.spelled(s.here);
  const std::string better = json_quoted(written.substr(1, written.size() - 2));
  Mistake mistake = not_json(s.here.begin, s.here.begin + 1,
                             fmt::format("JSON writes {} with double quotes",
                                         s.expected() == Expected::json_name ? "names" : "texts"));
  mistake.help(fmt::format("write `{}`", better));
  return mistake.edit(s.here.begin, s.here.end, better);
}

std::optional<Mistake> bare_word(const Scene& s) {
  if (s.here.kind != Token::Kind::word || !s.expects({Expected::json_name, Expected::json_value}))
    return std::nullopt;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOtherWords = {
      {{"True", "true"},
       {"TRUE", "true"},
       {"False", "false"},
       {"FALSE", "false"},
       {"None", "null"},
       {"NULL", "null"}}};
  const std::string_view word = s.spelled(s.here);
  const bool name = s.expected() == Expected::json_name;
  for (const auto& [other, better] : kOtherWords) {
    if (word != other || name) continue;
    Mistake mistake = not_json(s.here.begin, s.here.end, fmt::format("JSON writes `{}`", better));
    return mistake.edit(s.here.begin, s.here.end, std::string(better));
  }
  if (is_digit(word[0]) && !name) {
    Mistake mistake = not_json(s.here.begin, s.here.end, "not a number of JSON");
    mistake.help(fmt::format("as a text it is `\"{}\"`", word));
    return mistake.edit(s.here.begin, s.here.end, json_quoted(word), Applicability::likely);
  }
  Mistake mistake = not_json(s.here.begin, s.here.end,
                             fmt::format("JSON writes {} with double quotes", name ? "names" : "texts"));
  mistake.help(fmt::format("write `\"{}\"`", word));
  return mistake.edit(s.here.begin, s.here.end, json_quoted(word),
                      name ? Applicability::safe : Applicability::likely);
}

std::optional<Mistake> missing_comma(const Scene& s) {
  if (!s.expects({Expected::json_object_next, Expected::json_array_next})) return std::nullopt;
  const bool value = s.here.kind == Token::Kind::text || s.here.kind == Token::Kind::word || s.here_is("{") ||
                     s.here_is("[");
  if (!value || s.here.begin == s.back(0).end) return std::nullopt;
  Mistake mistake = not_json(s.here.begin, s.here.end, "a comma is missing before this");
  mistake.help("add `,` before it");
  return mistake.edit(s.back(0).end, s.back(0).end, ",");
}

std::optional<Mistake> equals_sign(const Scene& s) {
  if (s.expected() != Expected::json_colon || !s.here_is("=")) return std::nullopt;
  return not_json(s.here.begin, s.here.end, "JSON writes `:`").edit(s.here.begin, s.here.end, ":");
}

std::optional<Mistake> broken_text(const Scene& s) {
  if (!s.expects({Expected::json_escape, Expected::json_string_end}) || s.before.empty()) return std::nullopt;
  const Token open = s.before.back();
  if (s.expected() == Expected::json_string_end)
    return not_json(open.begin, open.end, "this text is never closed, or holds a control character");
  const uint32_t slash = s.failure.at - 1;
  Mistake mistake =
      not_json(slash, slash + 1, "not an escape of JSON: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
  mistake.help("a backslash itself is `\\\\`");
  return mistake.edit(slash, slash, "\\", Applicability::likely);
}

bool is_json(Expected expected) {
  return expected >= Expected::json_name && expected <= Expected::json_escape;
}

}  // namespace

std::optional<Mistake> explain_json(const Scene& s) {
  if (s.expected() == Expected::json_object && s.here_is("["))
    return not_json(s.here.begin, s.here.end, "an event is one JSON object: `{ ... }`");
  if (!is_json(s.expected())) return std::nullopt;
  using Part = std::optional<Mistake> (*)(const Scene&);
  static constexpr Part kParts[] = {broken_text, comment,       trailing_comma, other_quotes,
                                    bare_word,   missing_comma, equals_sign};
  if (s.here.kind == Token::Kind::end || declaration_starts(s.text, s.here.begin)) return std::nullopt;
  for (Part part : kParts)
    if (auto mistake = part(s)) return mistake;
  if (s.here.kind == Token::Kind::other) return std::nullopt;  // typographic quotes
  return not_json(s.here.begin, s.here.end, fmt::format("expected {}", words(s.expected())));
}

}  // namespace weir::dsl
