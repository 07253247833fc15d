// Comparing two texts. The usual case, two short ASCII texts, allocates nothing.
#include "runtime/match/text.h"

#include "runtime/match/fold.h"
#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

// What is looked for at the beginning or anywhere keeps its final dot: "www." is not "www".
constexpr TextRule as_part(TextRule rule) { return {rule.cased, false}; }

bool same_ascii(char a, char b) {
  if (static_cast<uint8_t>(a | b) >= 0x80) return false;
  return a == b || ((a ^ b) == 0x20 && (a | 0x20) >= 'a' && (a | 0x20) <= 'z');
}

bool equal_folded(std::string_view a, std::string_view b) {
  size_t same = 0;
  while (same < a.size() && same < b.size() && same_ascii(a[same], b[same])) ++same;
  a.remove_prefix(same);
  b.remove_prefix(same);
  const auto is_ascii = [](std::string_view text) { return !text.empty() && static_cast<unsigned char>(text[0]) < 0x80; };
  if (is_ascii(a) && is_ascii(b)) return false;  // of two that differ none folds to the other
  while (!a.empty() && !b.empty()) {
    const CodePoint x = first_code_point(a), y = first_code_point(b);
    if (x.value != y.value && fold_code_point(x.value) != fold_code_point(y.value)) return false;
    a.remove_prefix(x.size);
    b.remove_prefix(y.size);
  }
  return a.empty() && b.empty();
}

}  // namespace

bool equal(std::string_view a, std::string_view b, TextRule rule) {
  if (rule.domain) {
    a = without_final_dot(a);
    b = without_final_dot(b);
  }
  return rule.cased ? a == b : equal_folded(a, b);
}

bool contains(std::string_view value, std::string_view part, TextRule rule) {
  const Normal whole(value, rule), sought(part, as_part(rule));
  return whole.view().find(sought.view()) != std::string_view::npos;
}

bool starts_with(std::string_view value, std::string_view part, TextRule rule) {
  const Normal whole(value, rule), sought(part, as_part(rule));
  return whole.view().starts_with(sought.view());
}

bool ends_with(std::string_view value, std::string_view part, TextRule rule) {
  const Normal whole(value, rule), sought(part, rule);
  return whole.view().ends_with(sought.view());
}

bool below(std::string_view name, std::string_view domain, bool cased) {
  const TextRule rule{cased, true};
  const Normal whole(name, rule), top(domain, rule);
  if (top.view().empty() || !whole.view().ends_with(top.view())) return false;
  const size_t left = whole.view().size() - top.view().size();
  return left == 0 || whole.view()[left - 1] == '.';
}

}  // namespace weir::match
