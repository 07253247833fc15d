// Does a text look encoded? Base64 by RFC 4648 (both alphabets), Base32, hexadecimal.
#include <algorithm>

#include "runtime/match/functions.h"

namespace weir::match {
namespace {

constexpr size_t kLeast = 16;  // shorter texts look encoded by chance

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The text without the `=` at its end.
std::string_view unpadded(std::string_view text) {
  const size_t last = text.find_last_not_of('=');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

template <class Test>
bool any(std::string_view text, Test test) {
  return std::any_of(text.begin(), text.end(), test);
}
template <class Test>
bool all(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

}  // namespace

bool is_base64(std::string_view text) {
  const std::string_view data = unpadded(text);
  if (data.size() < kLeast) return false;
  const size_t padding = text.size() - data.size();
  if (data.size() % 4 == 1 || (padding != 0 && (text.size() % 4 != 0 || padding > 2))) return false;
  const auto common = [](char c) { return is_upper(c) || is_lower(c) || is_digit(c); };
  const bool one_alphabet = all(data, [&](char c) { return common(c) || c == '+' || c == '/'; }) ||
                            all(data, [&](char c) { return common(c) || c == '-' || c == '_'; });
  return one_alphabet && any(data, is_upper) && any(data, is_lower) && any(data, is_digit);
}

bool is_base32(std::string_view text) {
  const std::string_view data = unpadded(text);
  if (data.size() < kLeast) return false;
  const size_t padding = text.size() - data.size(), rest = data.size() % 8;
  if (rest == 1 || rest == 3 || rest == 6) return false;
  if (padding != 0 && (text.size() % 8 != 0 || padding > 6)) return false;
  const auto digit = [](char c) { return c >= '2' && c <= '7'; };
  const bool one_case = all(data, [&](char c) { return is_upper(c) || digit(c); }) ||
                        all(data, [&](char c) { return is_lower(c) || digit(c); });
  return one_case && any(data, digit) && !all(data, digit);
}

bool is_hex(std::string_view text) {
  if (text.size() < kLeast || text.size() % 2 != 0) return false;
  const bool one_case = all(text, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); }) ||
                        all(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
  return one_case && any(text, is_digit) && !all(text, is_digit);
}

}  // namespace weir::match
