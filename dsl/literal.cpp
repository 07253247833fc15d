// The three kinds of text, and JSON's.
#include "dsl/literal.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace weir::dsl {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

bool is_surrogate(uint32_t point) { return point >= 0xD800 && point <= 0xDFFF; }

void append_utf8(std::string& out, uint32_t point) {
  if (point < 0x80) {
    out += char(point);
    return;
  }
  const int tail = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  static constexpr uint8_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out += char(kLead[tail] | (point >> (6 * tail)));
  for (int i = tail - 1; i >= 0; --i) out += char(0x80 | ((point >> (6 * i)) & 0x3F));
}

uint32_t hex(std::string_view digits) {
  uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

// The text between the quotes, and where each byte of it stands in the literal.
struct Folded {
  std::string text;
  std::vector<uint32_t> offsets;
  explicit Folded(size_t most) {
    text.reserve(most);
    offsets.reserve(most + 1);
  }
  void add(char c, size_t offset) {
    text += c;
    offsets.push_back(uint32_t(offset));
  }
};

// Lines are joined by a space, blank lines are a line end, the space around is not part of the text.
Folded fold_prose(std::string_view literal) {
  Folded folded(literal.size());
  const size_t end = literal.size() - 3;
  bool blank = false;
  for (size_t at = 3; at < end;) {
    const size_t newline = std::min(literal.find('\n', at), end);
    const size_t first = std::min(literal.find_first_not_of(" \t\r", at), newline);
    const size_t last = first == newline ? first : literal.find_last_not_of(" \t\r", newline - 1) + 1;
    if (first == last) {
      blank = true;
    } else {
      if (!folded.text.empty()) folded.add(blank ? '\n' : ' ', first);
      blank = false;
      for (size_t i = first; i < last; ++i) folded.add(literal[i], i);
    }
    at = newline + 1;
  }
  return folded;
}

Folded inside(std::string_view literal) {
  Folded body(literal.size());
  body.text = literal.substr(1, literal.size() - 2);
  body.offsets.resize(body.text.size());
  std::iota(body.offsets.begin(), body.offsets.end(), 1u);
  return body;
}

}  // namespace

Quote quote_of(std::string_view literal) {
  if (literal.starts_with('\'')) return Quote::verbatim;
  return literal.starts_with("\"\"\"") ? Quote::prose : Quote::plain;
}

std::optional<std::string_view> plain_inside(std::string_view literal) {
  const Quote quote = quote_of(literal);
  if (quote == Quote::prose) return std::nullopt;
  const std::string_view body = literal.substr(1, literal.size() - 2);
  const auto is_special = [](char c) { return c == '\\' || c == '*' || c == '?'; };
  if (quote == Quote::plain && std::any_of(body.begin(), body.end(), is_special)) return std::nullopt;
  return body;
}

Decoded decode_literal(std::string_view literal) {
  const Quote quote = quote_of(literal);
  Folded body = quote == Quote::prose ? fold_prose(literal) : inside(literal);
  const std::string_view text = body.text;
  const uint32_t end = uint32_t(literal.size() - (quote == Quote::prose ? 3 : 1));
  Decoded decoded;
  if (quote == Quote::verbatim ||
      text.find_first_of(quote == Quote::plain ? "\\*?" : "\\") == std::string_view::npos) {
    decoded.value = std::move(body.text);
    decoded.offsets = std::move(body.offsets);
    decoded.offsets.push_back(end);
    return decoded;
  }
  auto add = [&](std::string_view bytes, size_t from) {
    decoded.value += bytes;
    decoded.offsets.insert(decoded.offsets.end(), bytes.size(), body.offsets[from]);
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      if (quote == Quote::plain && (text[i] == '*' || text[i] == '?'))
        decoded.wildcards.push_back(uint32_t(decoded.value.size()));
      add(text.substr(i, 1), i);
    } else if (text[i + 1] != 'u') {
      add(text.substr(i + 1, 1), i);
      ++i;
    } else {
      const size_t close = text.find('}', i);
      uint32_t point = hex(text.substr(i + 3, close - i - 3));
      if (point > 0x10FFFF || is_surrogate(point)) {
        decoded.bad_point = body.offsets[i];
        point = kReplacement;
      }
      std::string bytes;
      append_utf8(bytes, point);
      add(bytes, i);
      i = close;
    }
  }
  decoded.offsets.push_back(end);
  return decoded;
}

std::string decode_json_string(std::string_view literal) {
  static constexpr std::string_view kNames = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const std::string_view text = literal.substr(1, literal.size() - 2);
  const size_t escape = text.find('\\');
  if (escape == std::string_view::npos) return std::string(text);
  std::string value(text.substr(0, escape));
  for (size_t i = escape; i < text.size(); ++i) {
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    const char name = text[++i];
    if (name != 'u') {
      value += kMeanings[kNames.find(name)];
      continue;
    }
    uint32_t point = hex(text.substr(i + 1, 4));
    i += 4;
    if (point >= 0xD800 && point < 0xDC00 && text.substr(i + 1, 2) == "\\u") {
      const uint32_t low = hex(text.substr(i + 3, 4));
      if (low >= 0xDC00 && low < 0xE000) {
        point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        i += 6;
      }
    }
    append_utf8(value, is_surrogate(point) ? kReplacement : point);
  }
  return value;
}

}  // namespace weir::dsl
