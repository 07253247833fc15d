// Simple case folding, from the table that cmake/case_folding.cmake makes of Unicode's CaseFolding.txt.
#include "runtime/match/fold.h"

#include <algorithm>
#include <iterator>

#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

struct Folding {
  uint32_t from, to;
};
constexpr Folding kFoldings[] = {
#include "case_folding.inc"
};

constexpr char fold_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

uint32_t fold_code_point(uint32_t code_point) {
  if (code_point < 0x80) return static_cast<uint8_t>(fold_ascii(static_cast<char>(code_point)));
  const auto* at = std::lower_bound(std::begin(kFoldings), std::end(kFoldings), code_point,
                                    [](const Folding& row, uint32_t value) { return row.from < value; });
  return at != std::end(kFoldings) && at->from == code_point ? at->to : code_point;
}

std::string fold(std::string_view text) {
  std::string out;
  if (is_ascii(text)) {
    out.resize(text.size());
    std::transform(text.begin(), text.end(), out.begin(), fold_ascii);
    return out;
  }
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    append_utf8(out, fold_code_point(next.value));
    text.remove_prefix(next.size);
  }
  return out;
}

std::string_view without_final_dot(std::string_view name) {
  if (name.size() > 1 && name.back() == '.') name.remove_suffix(1);
  return name;
}

std::string normal(std::string_view text, TextRule rule) {
  if (rule.domain) text = without_final_dot(text);
  return rule.cased ? std::string(text) : fold(text);
}

Normal::Normal(std::string_view text, TextRule rule) {
  if (rule.domain) text = without_final_dot(text);
  if (rule.cased) {
    view_ = text;
  } else if (text.size() <= kInline && is_ascii(text)) {
    std::transform(text.begin(), text.end(), short_text_, fold_ascii);
    view_ = {short_text_, text.size()};
  } else {
    long_text_ = fold(text);
    view_ = long_text_;
  }
}

}  // namespace weir::match
