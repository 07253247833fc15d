// The functions that look at the characters of a text.
#include "runtime/match/functions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "runtime/match/fold.h"
#include "runtime/match/text.h"
#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

// n × log2 n. The table is for speed: most texts are short, and a logarithm costs more than all the counting.
double weighted_log(uint32_t n) {
  static const auto table = [] {
    std::array<double, 256> made{};
    for (uint32_t i = 2; i < made.size(); ++i) made[i] = i * std::log2(i);
    return made;
  }();
  return n < table.size() ? table[n] : n * std::log2(n);
}

}  // namespace

int64_t length(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
}

std::string lower(std::string_view text) { return fold(text); }

double entropy(std::string_view text) {
  if (text.empty()) return 0;
  std::array<uint32_t, 128> ascii{};
  std::vector<uint32_t> others;
  uint32_t total = 0;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (next.value < ascii.size()) {
      ++ascii[next.value];
    } else {
      others.push_back(next.value);
    }
    text.remove_prefix(next.size);
    ++total;
  }
  double weighted = 0;
  for (const uint32_t count : ascii) weighted += weighted_log(count);
  std::sort(others.begin(), others.end());
  for (auto at = others.begin(); at != others.end();) {
    const auto end = std::upper_bound(at, others.end(), *at);
    weighted += weighted_log(static_cast<uint32_t>(end - at));
    at = end;
  }
  // Logarithms differ in the last bit between machines, and alerts must not: nine decimals are kept.
  return std::round((weighted_log(total) - weighted) / total * 1e9) / 1e9;
}

double digit_ratio(std::string_view text) {
  if (text.empty()) return 0;
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return static_cast<double>(digits) / static_cast<double>(std::max<int64_t>(length(text), 1));
}

std::optional<std::string_view> part(std::string_view text, std::string_view separator, int64_t n) {
  if (separator.empty()) return std::nullopt;
  // Counted from the end that is asked for, so that the last piece of a long text is found at once.
  if (n >= 0) {
    for (; n > 0; --n) {
      const size_t cut = text.find(separator);
      if (cut == std::string_view::npos) return std::nullopt;
      text.remove_prefix(cut + separator.size());
    }
    return text.substr(0, text.find(separator));
  }
  for (; n < -1; ++n) {
    const size_t cut = text.rfind(separator);
    if (cut == std::string_view::npos) return std::nullopt;
    text = text.substr(0, cut);
  }
  const size_t cut = text.rfind(separator);
  return cut == std::string_view::npos ? text : text.substr(cut + separator.size());
}

}  // namespace weir::match
