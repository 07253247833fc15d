// Labels of a domain name, as text: nothing is looked up here.
#include <algorithm>

#include "runtime/match/fold.h"
#include "runtime/match/functions.h"

namespace weir::match {

int64_t labels(std::string_view domain) {
  const std::string_view name = without_final_dot(domain);
  if (name.empty() || name == ".") return 0;
  return 1 + std::count(name.begin(), name.end(), '.');
}

std::optional<std::string_view> label(std::string_view domain, int64_t n) {
  if (labels(domain) == 0) return std::nullopt;
  return part(without_final_dot(domain), ".", n);
}

std::string_view longest_label(std::string_view domain) {
  if (labels(domain) == 0) return {};
  std::string_view rest = without_final_dot(domain), longest = rest.substr(0, rest.find('.'));
  for (size_t cut = rest.find('.'); cut != std::string_view::npos; cut = rest.find('.')) {
    rest.remove_prefix(cut + 1);
    const std::string_view next = rest.substr(0, rest.find('.'));
    if (next.size() > longest.size()) longest = next;
  }
  return longest;
}

}  // namespace weir::match
