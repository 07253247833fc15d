// See golden_file.h.
#include "tests/golden/golden_file.h"

#include <algorithm>

namespace weir::golden {

namespace {

constexpr std::string_view kNoLineEnd = "\\ no line end\n";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string body(std::string_view written) {
  std::string text(written);
  if (text.ends_with(kNoLineEnd)) text.erase(text.size() - kNoLineEnd.size() - 1);
  return text;
}

std::string written(std::string_view body) {
  std::string text(body);
  if (!text.empty() && !text.ends_with('\n')) text += '\n' + std::string(kNoLineEnd);
  return text;
}

// Which lines of the two are the longest they have in common, as marks.
std::string line_difference(std::string_view expected, std::string_view actual) {
  std::vector<std::string_view> a = lines_of(expected), b = lines_of(actual);
  std::vector<std::vector<uint32_t>> common(a.size() + 1, std::vector<uint32_t>(b.size() + 1, 0));
  for (size_t i = a.size(); i-- > 0;)
    for (size_t j = b.size(); j-- > 0;)
      common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::string out;
  auto say = [&](char mark, std::string_view line) {
    out += mark;
    out += line;
    if (!line.ends_with('\n')) out += '\n';
  };
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      say(' ', a[i++]);
      ++j;
    } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
      say('-', a[i++]);
    } else {
      say('+', b[j++]);
    }
  }
  return out;
}

}  // namespace

Golden read_golden(std::string_view text) {
  Golden golden;
  std::string* block = &golden.header;
  for (std::string_view line : lines_of(text)) {
    std::string_view name = line.substr(0, line.find('\n'));
    if (name.starts_with("--- "))
      block = &golden.inputs.emplace_back(name.substr(4), "").second;
    else if (name.starts_with("=== "))
      block = &golden.expected.emplace_back(name.substr(4), "").second;
    else
      *block += line;
    if (block == &golden.header && name.starts_with("stage: ")) golden.stage = name.substr(7);
  }
  for (auto* blocks : {&golden.inputs, &golden.expected})
    for (auto& [name, content] : *blocks) content = body(content);
  return golden;
}

std::string write_golden(const Golden& golden) {
  std::string text = golden.header;
  for (const auto& [name, content] : golden.inputs) text += "--- " + name + '\n' + written(content);
  for (const auto& [name, content] : golden.expected) text += "=== " + name + '\n' + written(content);
  return text;
}

std::string difference(const Blocks& expected, const Blocks& actual) {
  if (expected == actual) return "";
  Golden a{"", "", {}, expected}, b{"", "", {}, actual};
  return line_difference(write_golden(a), write_golden(b));
}

}  // namespace weir::golden
