// A forgiving look at a text, for recovery and for the reader's mistakes: it never fails, and it knows of
// nothing but comments, quotes, words and signs. The grammar decides what is right.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::dsl {

struct Token {
  enum class Kind : uint8_t {
    end,
    word,      // letters, digits and _
    text,      // '…' "…" """…""", the quotes included
    backtick,  // `…`
    sign,      // one sign, or one of >= <= == != && || -> =~
    other,     // a character beyond ASCII, or a control character
  };
  Kind kind = Kind::end;
  bool closed = true;  // of texts and backticks
  bool first = false;  // nothing but white space before it on its line
  uint32_t begin = 0, end = 0;
};

inline bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

uint32_t skip_space(std::string_view text, uint32_t at);  // white space and comments
Token token_at(std::string_view text, uint32_t at);       // the first at or after `at`
// All that begin in [begin, end).
std::vector<Token> tokens_between(std::string_view text, uint32_t begin, uint32_t end);

inline std::string_view spelled(std::string_view text, const Token& token) {
  return text.substr(token.begin, token.end - token.begin);
}
inline bool is(std::string_view text, const Token& token, std::string_view spelling) {
  return token.kind != Token::Kind::end && spelled(text, token) == spelling;
}
inline bool is_opening(std::string_view text, const Token& token) {
  return token.kind == Token::Kind::sign &&
         (text[token.begin] == '{' || text[token.begin] == '[' || text[token.begin] == '(');
}
inline bool is_closing(std::string_view text, const Token& token) {
  return token.kind == Token::Kind::sign &&
         (text[token.begin] == '}' || text[token.begin] == ']' || text[token.begin] == ')');
}

// Where the bracket at `open` is closed (the closing sign), or npos when it is not.
uint32_t closing_of(std::string_view text, uint32_t open);
inline constexpr uint32_t kNowhere = UINT32_MAX;

uint32_t line_begin(std::string_view text, uint32_t at);
uint32_t line_end(std::string_view text, uint32_t at);  // before the line end, and before a \r
std::string_view indentation(std::string_view text, uint32_t at);

bool is_reserved(std::string_view word);

// `rule NAME`, `list NAME:`, `selection NAME on`, `tune …`, `schema NAME` at column 1.
bool declaration_starts(std::string_view text, uint32_t at);

}  // namespace weir::dsl
