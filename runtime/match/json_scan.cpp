// RFC 8259 as a loop with a stack of brackets: no recursion, one look at each byte.
#include "runtime/match/json_scan.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

constexpr const char* kEndsEarly = "the JSON ends early";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `number` is well formed.
bool fits_64_bits(const std::string& number) {
  if (number.find_first_of(".eE") != number.npos) return std::isfinite(std::strtod(number.c_str(), nullptr));
  const char* const end = number.data() + number.size();
  int64_t integer = 0;
  uint64_t natural = 0;
  return std::from_chars(number.data(), end, integer).ec == std::errc() ||
         std::from_chars(number.data(), end, natural).ec == std::errc();
}

class Scanner {
 public:
  Scanner(std::string_view text, size_t max_depth) : text_(text), max_depth_(max_depth) {}

  JsonScan run() {
    scan();
    if (!result_.reason) result_.repaired.append(text_, copied_);
    return std::move(result_);
  }

 private:
  enum class Expect { value, name, next };

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  bool fail(const char* reason, size_t offset) {
    result_.reason = reason;
    result_.offset = offset;
    return false;
  }
  void skip_space() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }
  // Replaces text_[begin, at_) in the repaired text.
  void replace(size_t begin, std::string_view by) {
    result_.repaired.append(text_, copied_, begin - copied_);
    result_.repaired += by;
    copied_ = at_;
  }

  bool scan() {
    Expect expect = Expect::value;
    for (;;) {
      skip_space();
      if (at_end()) return (expect == Expect::next && open_.empty()) || fail(kEndsEarly, at_);
      switch (expect) {
        case Expect::value:
          if (!value(expect)) return false;
          break;
        case Expect::name:
          if (!name()) return false;
          expect = Expect::value;
          break;
        case Expect::next:
          if (!next(expect)) return false;
          break;
      }
    }
  }

  bool value(Expect& expect) {
    expect = Expect::next;
    const char c = peek();
    if (c == '{' || c == '[') return open(c, expect);
    if (c == '"') return string();
    if (c == '-' || is_digit(c)) return number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return true;
    }
    return fail("a value is missing", at_);
  }

  bool open(char c, Expect& expect) {
    if (open_.size() == max_depth_) return fail("nested deeper than 512", at_);
    open_.push_back(c);
    ++at_;
    skip_space();
    if (peek() == (c == '{' ? '}' : ']')) return true;  // closed by next()
    expect = c == '{' ? Expect::name : Expect::value;
    return true;
  }

  bool name() {
    if (peek() != '"') return fail("a name in double quotes is missing", at_);
    if (!string()) return false;
    skip_space();
    if (peek() != ':') return fail(at_end() ? kEndsEarly : "a `:` is missing", at_);
    ++at_;
    return true;
  }

  bool next(Expect& expect) {
    if (open_.empty()) return fail("more follows after the end of the JSON", at_);
    const bool object = open_.back() == '{';
    if (peek() == ',') {
      expect = object ? Expect::name : Expect::value;
    } else if (peek() == (object ? '}' : ']')) {
      open_.pop_back();
    } else {
      return fail(object ? "a `,` or `}` is missing" : "a `,` or `]` is missing", at_);
    }
    ++at_;
    return true;
  }

  bool string() {
    const size_t begin = at_++;
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<uint8_t>(c) < 0x20) return fail("a control character stands in a string", at_);
      if (c == '\\') {
        if (!escape()) return false;
        continue;
      }
      const CodePoint character = first_code_point(text_.substr(at_));
      if (character.value >= kBadByte) return fail("not UTF-8", at_);
      at_ += character.size;
    }
    return fail("a string is not closed", begin);
  }

  // The code unit of a \uXXXX at `at`, or a number beyond all of them.
  uint32_t code_unit(size_t at) const {
    uint32_t unit = 0;
    const std::string_view text = text_.substr(std::min(at, text_.size()), 6);
    if (text.size() < 6 || !text.starts_with("\\u")) return UINT32_MAX;
    const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
    return error == std::errc() && end == text.data() + 6 ? unit : UINT32_MAX;
  }

  bool escape() {
    const size_t begin = at_;
    const uint32_t unit = code_unit(at_);
    if (unit == UINT32_MAX) {
      const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) {
        return fail("an escape in a string is none of JSON's", at_);
      }
      at_ += 2;
      return true;
    }
    at_ += 6;
    if (unit < 0xD800 || unit > 0xDFFF) return true;
    const uint32_t second = code_unit(at_);
    if (unit < 0xDC00 && second >= 0xDC00 && second <= 0xDFFF) {
      at_ += 6;
    } else {
      replace(begin, "\\uFFFD");
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    const size_t begin = at_;
    if (peek() == '-') ++at_;
    bool well_formed = true;
    if (peek() == '0') {
      ++at_;
    } else {
      well_formed = digits();
    }
    if (well_formed && peek() == '.') {
      ++at_;
      well_formed = digits();
    }
    if (well_formed && (peek() == 'e' || peek() == 'E')) {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      well_formed = digits();
    }
    if (!well_formed || is_digit(peek())) return fail("a number is not well formed", begin);
    const std::string spelling(text_.substr(begin, at_ - begin));
    if (!fits_64_bits(spelling)) replace(begin, '"' + spelling + '"');
    return true;
  }

  std::string_view text_;
  size_t max_depth_;
  size_t at_ = 0;
  size_t copied_ = 0;       // what of text_ is in the repaired text
  std::vector<char> open_;  // brackets
  JsonScan result_;
};

}  // namespace

JsonScan scan_json(std::string_view text, size_t max_depth) { return Scanner(text, max_depth).run(); }

}  // namespace weir::match
