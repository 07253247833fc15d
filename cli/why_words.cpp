// See why_words.h.
#include "cli/why_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace weir::cli {
namespace {

struct Verb {
  std::string_view modifier, yes, no;
};

constexpr Verb kEqual = {"", "is", "is not"};
constexpr std::array<Verb, 11> kVerbs = {{
    {"contains", "contains", "does not contain"},
    {"startswith", "starts with", "does not start with"},
    {"endswith", "ends with", "does not end with"},
    {"re", "matches", "does not match"},
    {"domain", "is at or below", "is not at or below"},
    {"cidr", "is in", "is not in"},
    {"gt", "is more than", "is not more than"},
    {"gte", "is at least", "is not at least"},
    {"lt", "is less than", "is not less than"},
    {"lte", "is at most", "is not at most"},
    {"exists", "being there is", "being there is not"},
}};

// What stands behind bars that are in no brackets and no quotes.
std::vector<std::string_view> modifiers_of(std::string_view item) {
  std::vector<std::string_view> modifiers;
  int depth = 0;
  char quote = 0;
  size_t begin = std::string_view::npos;
  const auto end_at = [&](size_t end) {
    if (begin != std::string_view::npos) modifiers.push_back(item.substr(begin, end - begin));
  };
  for (size_t i = 0; i < item.size(); ++i) {
    const char c = item[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'' || c == '`') {
      quote = c;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      --depth;
    } else if (c == '|' && depth == 0) {
      end_at(i);
      begin = i + 1;
    }
  }
  end_at(item.size());
  return modifiers;
}

bool has(const std::vector<std::string_view>& modifiers, std::string_view word) {
  return std::find(modifiers.begin(), modifiers.end(), word) != modifiers.end();
}

}  // namespace

std::string why_words(std::string_view item, std::string_view value, std::string_view expected, bool holds) {
  const std::vector<std::string_view> modifiers = modifiers_of(item);
  const auto* found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                   [&](const Verb& verb) { return has(modifiers, verb.modifier); });
  const Verb verb = found == kVerbs.end() ? kEqual : *found;
  const bool is_so = holds != has(modifiers, "neq");

  const size_t none = item.find("[none]"), all = item.find("[all]");
  if (std::min(none, all) != std::string_view::npos) {
    const char* who = none < all ? (is_so ? "none" : "one") : is_so ? "each" : "not each";
    return fmt::format("{}: of {} {} {} {}", item, value, who, verb.yes, expected);
  }
  constexpr std::string_view kOneOf = "one of ";
  if (!is_so && expected.starts_with(kOneOf))
    return fmt::format("{} {} {} none of {}", item, value, verb.yes, expected.substr(kOneOf.size()));
  return fmt::format("{} {} {} {}", item, value, is_so ? verb.yes : verb.no, expected);
}

}  // namespace weir::cli
