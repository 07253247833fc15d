// Sigma's value transforms, done when compiling: base64, base64offset, utf16le (wide), utf16be, utf16,
// windash.
//
// base64offset: the text may begin at any of three alignments. The characters that mix with what stands
// before (0, 2, 3 of them) and after (0, 3, 2, by the length in *bytes* modulo 3) are left off.
#include <array>

#include "compiler/lowering.h"

namespace weir::compiler {

namespace {

constexpr size_t kMaxDashes = 4;  // 5^4 spellings of one text are enough

std::string base64(std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t n = uint32_t(uint8_t(bytes[i])) << 16;
    if (i + 1 < bytes.size()) n |= uint32_t(uint8_t(bytes[i + 1])) << 8;
    if (i + 2 < bytes.size()) n |= uint8_t(bytes[i + 2]);
    out += kAlphabet[n >> 18];
    out += kAlphabet[n >> 12 & 63];
    out += i + 1 < bytes.size() ? kAlphabet[n >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kAlphabet[n & 63] : '=';
  }
  return out;
}

std::vector<std::string> base64_offsets(const std::string& bytes) {
  static constexpr size_t kBegin[] = {0, 2, 3}, kEnd[] = {0, 3, 2};
  std::vector<std::string> out;
  for (size_t i = 0; i < 3; i++) {
    std::string encoded = base64(std::string(i, ' ') + bytes);
    size_t end = encoded.size() - kEnd[(bytes.size() + i) % 3];
    out.push_back(end > kBegin[i] ? encoded.substr(kBegin[i], end - kBegin[i]) : "");
  }
  return out;
}

// One code point of valid UTF-8 (parsed sources are); advances `at`.
uint32_t next_code_point(const std::string& text, size_t& at) {
  uint8_t lead = uint8_t(text[at++]);
  int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  uint32_t c = more == 0 ? lead : lead & (0x3F >> more);
  for (; more > 0 && at < text.size(); more--) c = c << 6 | (uint8_t(text[at++]) & 0x3F);
  return c;
}

std::string utf16(const std::string& text, bool big_endian) {
  std::string out;
  auto unit = [&](uint32_t u) {
    char high = char(u >> 8), low = char(u & 0xFF);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  for (size_t at = 0; at < text.size();) {
    uint32_t c = next_code_point(text, at);
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xD800 + ((c - 0x10000) >> 10));
      unit(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "–", "—", "―"};

bool is_word(char c) { return std::isalnum(uint8_t(c)) || c == '_' || (c & 0x80); }

// A dash that starts a parameter: nothing of a word before it, a word after it. Its length, or 0.
size_t parameter_dash(const std::string& text, size_t at, bool after_word) {
  if (after_word) return 0;
  for (std::string_view dash : kDashes)
    if (text.compare(at, dash.size(), dash) == 0)
      return at + dash.size() < text.size() && is_word(text[at + dash.size()]) ? dash.size() : 0;
  return 0;
}

std::vector<dsl::Text> dashes_replaced(const dsl::Text& text) {
  dsl::Text empty = text;
  empty.value.clear();
  empty.wildcards.clear();
  std::vector<dsl::Text> out = {empty};
  size_t replaced = 0, wildcard = 0;
  bool after_word = false;
  for (size_t at = 0; at < text.value.size();) {
    size_t dash = replaced < kMaxDashes ? parameter_dash(text.value, at, after_word) : 0;
    if (dash > 0) {
      std::vector<dsl::Text> more;
      for (const dsl::Text& begun : out)
        for (std::string_view with : kDashes) more.emplace_back(begun).value += with;
      out = std::move(more);
      at += dash;
      replaced++;
      after_word = false;
      continue;
    }
    bool wild = wildcard < text.wildcards.size() && text.wildcards[wildcard] == at;
    for (dsl::Text& begun : out) {
      if (wild) begun.wildcards.push_back(uint32_t(begun.value.size()));
      begun.value += text.value[at];
    }
    wildcard += wild;
    after_word = is_word(text.value[at]);
    at++;
  }
  return out;
}

std::vector<dsl::Text> transformed_once(const dsl::Text& text, const std::string& how) {
  if (how == "windash") return dashes_replaced(text);
  if (how == "base64offset") {
    std::vector<dsl::Text> out;
    for (std::string& value : base64_offsets(text.value)) out.emplace_back(text).value = std::move(value);
    return out;
  }
  dsl::Text out = text;
  if (how == "base64") out.value = base64(text.value);
  if (how == "utf16le" || how == "wide") out.value = utf16(text.value, false);
  if (how == "utf16be") out.value = utf16(text.value, true);
  if (how == "utf16") out.value = "\xFF\xFE" + utf16(text.value, false);
  return {out};
}

}  // namespace

std::vector<dsl::Text> transformed(const dsl::Text& text, const std::vector<const dsl::Name*>& transforms) {
  std::vector<dsl::Text> texts = {text};
  for (const dsl::Name* transform : transforms) {
    std::vector<dsl::Text> next;
    for (const dsl::Text& each : texts)
      for (dsl::Text& made : transformed_once(each, transform->text)) next.push_back(std::move(made));
    texts = std::move(next);
  }
  return texts;
}

}  // namespace weir::compiler
