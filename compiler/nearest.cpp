#include "compiler/nearest.h"

#include <algorithm>
#include <iterator>

namespace weir::compiler {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

// Edits that turn `a` into `b`, a swap of neighbours counting as one; `limit + 1` when there are more.
size_t distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit) return limit + 1;
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    size_t least = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t edits = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        edits = std::min(edits, before[j - 2] + 1);
      row[j] = edits;
      least = std::min(least, edits);
    }
    if (least > limit) return limit + 1;
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

// Words of a name: eventName, event_name and event.name have the same two.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    bool boundary = c == '_' || c == '.' || c == '-' || c == ' ';
    bool hump = c >= 'A' && c <= 'Z' && i > 0 && !(name[i - 1] >= 'A' && name[i - 1] <= 'Z');
    if ((boundary || hump) && !words.back().empty()) words.emplace_back();
    if (!boundary) words.back() += lower(c);
  }
  if (words.back().empty()) words.pop_back();
  std::sort(words.begin(), words.end());
  return words;
}

// Less is nearer; negative: not near at all. In tenths of an edit.
int far_from(std::string_view name, std::string_view candidate) {
  if (name == candidate) return 0;
  std::string a = lowered(name), b = lowered(candidate);
  if (a == b) return 1;
  size_t longer = std::max(a.size(), b.size()), shorter = std::min(a.size(), b.size());
  size_t limit = longer <= 3 ? 1 : longer <= 6 ? 2 : longer / 3;
  size_t edits = distance(a, b, limit);
  if (edits <= limit && edits < shorter) return int(edits) * 10;
  if (shorter >= 3 && (b.starts_with(a) || a.starts_with(b))) return 30 + int(longer - shorter);
  std::vector<std::string> left = words_of(name), right = words_of(candidate);
  if (left == right) return 5;
  if (shorter >= 4 && (b.find(a) != b.npos || a.find(b) != a.npos)) return 40 + int(longer - shorter);
  std::vector<std::string> shared;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(shared));
  size_t in_common = 0;
  for (const std::string& word : shared) in_common += word.size();
  return in_common * 2 > longer && in_common >= 4 ? 50 + int(longer - in_common) : -1;
}

}  // namespace

std::vector<std::string> nearest(std::string_view name, const std::vector<std::string>& candidates,
                                 size_t most) {
  std::vector<std::pair<int, const std::string*>> near;
  for (const std::string& candidate : candidates) {
    int far = far_from(name, candidate);
    if (far >= 0) near.emplace_back(far, &candidate);
  }
  std::sort(near.begin(), near.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : *a.second < *b.second;
  });
  std::vector<std::string> names;
  for (const auto& [far, candidate] : near) {
    // What is much further than the best is noise.
    if (names.size() == most || far > near.front().first + 20) break;
    if (names.empty() || names.back() != *candidate) names.push_back(*candidate);
  }
  return names;
}

std::string did_you_mean(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string out = "did you mean `" + names.front() + "`";
  for (size_t i = 1; i < names.size(); ++i)
    out += (i + 1 == names.size() ? ", or `" : ", `") + names[i] + "`";
  return out + "?";
}

}  // namespace weir::compiler
