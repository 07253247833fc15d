// Edits, and the way back from the edited text to the file.
#include "dsl/draft.h"

#include <algorithm>

namespace weir::dsl {

uint32_t Draft::was_begin(uint32_t at) const {
  auto after = std::upper_bound(changes_.begin(), changes_.end(), at,
                                [](uint32_t place, const Change& change) { return place < change.begin; });
  if (after == changes_.begin()) return at;
  const Change& change = *(after - 1);
  return at < change.end ? change.was_begin : change.was_end + (at - change.end);
}

uint32_t Draft::was_end(uint32_t at) const {
  auto after = std::lower_bound(changes_.begin(), changes_.end(), at,
                                [](const Change& change, uint32_t place) { return change.begin < place; });
  if (after == changes_.begin()) return at;
  const Change& change = *(after - 1);
  return at <= change.end ? change.was_end : change.was_end + (at - change.end);
}

Span Draft::span(uint32_t begin, uint32_t end) const {
  const uint32_t from = was_begin(begin);
  return {source_, from, begin == end ? from : std::max(from, was_end(end))};
}

void Draft::apply(std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.span.begin > b.span.begin; });
  for (const Edit& edit : edits) replace(edit.span.begin, edit.span.end, edit.replacement);
}

void Draft::replace(uint32_t begin, uint32_t end, std::string_view with) {
  Change made{begin, begin + uint32_t(with.size()), was_begin(begin),
              begin == end ? was_begin(begin) : was_end(end)};
  const int64_t shift = int64_t(with.size()) - int64_t(end - begin);
  std::vector<Change> kept;
  for (const Change& change : changes_) {
    const bool before = change.end < begin || (change.end == begin && change.begin < begin);
    const bool after = change.begin > end || (change.begin == end && change.end > end);
    if (before || (change.end <= begin && begin == end)) {
      kept.push_back(change);
    } else if (after) {
      kept.push_back(
          {uint32_t(change.begin + shift), uint32_t(change.end + shift), change.was_begin, change.was_end});
    } else {  // they meet: one change of both
      made.begin = std::min(made.begin, change.begin);
      made.end = std::max(made.end, uint32_t(std::max<int64_t>(change.end + shift, begin + with.size())));
      made.was_begin = std::min(made.was_begin, change.was_begin);
      made.was_end = std::max(made.was_end, change.was_end);
    }
  }
  kept.push_back(made);
  std::sort(kept.begin(), kept.end(), [](const Change& a, const Change& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  changes_ = std::move(kept);
  text_.replace(begin, end - begin, with);
}

}  // namespace weir::dsl
