#include "cli/diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cli/terminal.h"

namespace weir::cli {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

struct Line {
  char mark;  // ' ', '-', '+'
  std::string_view text;
  size_t before, after;  // line numbers from 0
};

// Longest common subsequence between the equal beginning and the equal end. Where the changed middle is too
// large for a table it is shown as replaced whole.
std::vector<Line> compare(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  while (tail + head < a.size() && tail + head < b.size() && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  size_t n = a.size() - head - tail, m = b.size() - head - tail;

  std::vector<Line> lines;
  for (size_t i = 0; i < head; ++i) lines.push_back({' ', a[i], i, i});
  size_t i = 0, j = 0;
  if (n * m <= 16'000'000) {
    std::vector<uint32_t> length((n + 1) * (m + 1));
    auto at = [&](size_t x, size_t y) -> uint32_t& { return length[x * (m + 1) + y]; };
    for (size_t x = n; x-- > 0;)
      for (size_t y = m; y-- > 0;)
        at(x, y) = a[head + x] == b[head + y] ? at(x + 1, y + 1) + 1 : std::max(at(x + 1, y), at(x, y + 1));
    while (i < n && j < m) {
      if (a[head + i] == b[head + j]) {
        lines.push_back({' ', a[head + i], head + i, head + j}), ++i, ++j;
      } else if (at(i + 1, j) >= at(i, j + 1)) {
        lines.push_back({'-', a[head + i], head + i, head + j}), ++i;
      } else {
        lines.push_back({'+', b[head + j], head + i, head + j}), ++j;
      }
    }
  }
  for (; i < n; ++i) lines.push_back({'-', a[head + i], head + i, head + j});
  for (; j < m; ++j) lines.push_back({'+', b[head + j], head + i, head + j});
  for (size_t k = 0; k < tail; ++k) lines.push_back({' ', a[head + n + k], head + n + k, head + m + k});
  return lines;
}

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after, bool color) {
  if (before == after) return {};
  constexpr size_t kContext = 3;
  std::vector<Line> lines = compare(lines_of(before), lines_of(after));
  std::string out = fmt::format("--- {}\n+++ {}\n", path, path);
  for (size_t i = 0; i < lines.size();) {
    if (lines[i].mark == ' ') {
      ++i;
      continue;
    }
    size_t begin = i >= kContext ? i - kContext : 0, end = i, quiet = 0;
    while (end < lines.size() && quiet <= 2 * kContext) quiet = lines[end++].mark == ' ' ? quiet + 1 : 0;
    if (quiet > kContext) end -= quiet - kContext;
    size_t old_count = 0, new_count = 0;
    for (size_t k = begin; k < end; ++k) old_count += lines[k].mark != '+', new_count += lines[k].mark != '-';
    out += paint(fmt::format("@@ -{},{} +{},{} @@\n", lines[begin].before + 1, old_count, lines[begin].after + 1,
                             new_count),
                 fmt::fg(fmt::terminal_color::cyan), color);
    for (size_t k = begin; k < end; ++k) {
      std::string line = fmt::format("{}{}\n", lines[k].mark, lines[k].text);
      if (lines[k].mark == '-') line = paint(line, fmt::fg(fmt::terminal_color::red), color);
      if (lines[k].mark == '+') line = paint(line, fmt::fg(fmt::terminal_color::green), color);
      out += line;
    }
    i = end;
  }
  if (before.ends_with('\n') != after.ends_with('\n')) out += "\\ the line end at the end of the file changes\n";
  return out;
}

}  // namespace weir::cli
