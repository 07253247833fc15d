// Words, quotes and signs, read without judgement.
#include "dsl/tokens.h"

#include <algorithm>
#include <array>

namespace weir::dsl {
namespace {

constexpr std::array<std::string_view, 8> kPairs = {">=", "<=", "==", "!=", "&&", "||", "->", "=~"};

// Of few signs another sign follows at once, so the second character is looked at first.
bool is_pair(std::string_view text, uint32_t at) {
  constexpr std::string_view kSeconds = "=&|>~";
  if (at + 1 >= text.size() || kSeconds.find(text[at + 1]) == std::string_view::npos) return false;
  return std::find(kPairs.begin(), kPairs.end(), text.substr(at, 2)) != kPairs.end();
}

bool is_first_of_line(std::string_view text, uint32_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at == 0 || text[at - 1] == '\n';
}

// A quoted text ends at its quote or with its line; a prose text at its quotes or nowhere.
void read_quoted(std::string_view text, Token& token) {
  const char quote = text[token.begin];
  if (text.substr(token.begin, 3) == "\"\"\"") {
    const size_t close = text.find("\"\"\"", token.begin + 3);
    token.closed = close != std::string_view::npos;
    token.end = token.closed ? uint32_t(close + 3) : line_end(text, token.begin);
    return;
  }
  uint32_t at = token.begin + 1;
  while (at < text.size() && text[at] != '\n' && text[at] != quote)
    at += quote == '"' && text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n' ? 2 : 1;
  token.closed = at < text.size() && text[at] == quote;
  token.end = token.closed ? at + 1 : line_end(text, token.begin);
}

uint32_t character_length(std::string_view text, uint32_t at) {
  uint32_t end = at + 1;
  while (end < text.size() && (uint8_t(text[end]) & 0xC0) == 0x80 && end < at + 4) ++end;
  return end - at;
}

}  // namespace

uint32_t skip_space(std::string_view text, uint32_t at) {
  constexpr std::string_view kIndent = "        ";
  for (; at < text.size(); ++at) {
    while (text.substr(at, kIndent.size()) == kIndent) at += uint32_t(kIndent.size());
    if (at == text.size()) break;
    const char c = text[at];
    if (c == '#') {
      at = uint32_t(std::min(text.find('\n', at), text.size()));
      if (at == text.size()) break;
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      break;
    }
  }
  return at;
}

Token token_at(std::string_view text, uint32_t at) {
  Token token;
  token.begin = token.end = skip_space(text, at);
  if (token.begin >= text.size()) return token;
  token.first = is_first_of_line(text, token.begin);
  const char c = text[token.begin];
  if (is_word_character(c)) {
    token.kind = Token::Kind::word;
    while (token.end < text.size() && is_word_character(text[token.end])) ++token.end;
  } else if (c == '"' || c == '\'') {
    token.kind = Token::Kind::text;
    read_quoted(text, token);
  } else if (c == '`') {
    token.kind = Token::Kind::backtick;
    read_quoted(text, token);
  } else if (c > ' ' && c < 0x7f) {
    token.kind = Token::Kind::sign;
    token.end += is_pair(text, token.begin) ? 2 : 1;
  } else {
    token.kind = Token::Kind::other;
    token.end += character_length(text, token.begin);
  }
  return token;
}

std::vector<Token> tokens_between(std::string_view text, uint32_t begin, uint32_t end) {
  std::vector<Token> tokens;
  for (Token token = token_at(text, begin); token.kind != Token::Kind::end && token.begin < end;
       token = token_at(text, token.end))
    tokens.push_back(token);
  return tokens;
}

uint32_t closing_of(std::string_view text, uint32_t open) {
  int depth = 0;
  for (Token token = token_at(text, open); token.kind != Token::Kind::end;
       token = token_at(text, token.end)) {
    if (is_opening(text, token)) ++depth;
    if (is_closing(text, token) && --depth == 0) return token.begin;
    if (token.first && declaration_starts(text, token.begin)) break;
  }
  return kNowhere;
}

uint32_t line_begin(std::string_view text, uint32_t at) {
  const size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return newline == std::string_view::npos ? 0 : uint32_t(newline + 1);
}

uint32_t line_end(std::string_view text, uint32_t at) {
  size_t end = std::min(text.find('\n', at), text.size());
  if (end > at && text[end - 1] == '\r') --end;
  return uint32_t(end);
}

std::string_view indentation(std::string_view text, uint32_t at) {
  const uint32_t begin = line_begin(text, at);
  const size_t end = std::min(text.find_first_not_of(" \t", begin), text.size());
  return text.substr(begin, end - begin);
}

bool is_reserved(std::string_view word) {
  static constexpr std::array<std::string_view, 16> kReserved = {
      "and",  "or",    "not",  "of",    "any",  "all",       "none", "them",
      "then", "where", "true", "false", "null", "condition", "on",   "by"};
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

bool declaration_starts(std::string_view text, uint32_t at) {
  if (at != 0 && text[at - 1] != '\n' && !(at == 3 && text.substr(0, 3) == "\xEF\xBB\xBF")) return false;
  const Token word = token_at(text, at);
  if (word.begin != at || word.kind != Token::Kind::word) return false;
  const std::string_view keyword = spelled(text, word);
  const Token name = token_at(text, word.end);
  if (name.begin > line_end(text, at)) return false;
  const bool named = name.kind == Token::Kind::word && !is_reserved(spelled(text, name));
  if (keyword == "rule" || keyword == "schema") return named;
  if (keyword == "tune") return named || is(text, name, "*");
  const Token third = token_at(text, name.end);
  if (keyword == "list") return named && is(text, third, ":");
  return keyword == "selection" && named && is(text, third, "on");
}

}  // namespace weir::dsl
