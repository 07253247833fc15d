// A number that is no better than a newer one can never be the extreme again.
#include "runtime/correlate/extremes.h"

#include "runtime/correlate/paned_window.h"

namespace weir::correlate {
namespace {

// long double holds every int64 and every double.
bool beats(const Number& a, const Number& b, bool greatest) {
  auto exactly = [](const Number& n) -> long double {
    return n.kind == Number::Kind::whole ? n.whole : n.real;
  };
  return greatest ? exactly(a) > exactly(b) : exactly(a) < exactly(b);
}

}  // namespace

void ExtremeWindow::add(int64_t time, const Number& number, bool greatest, int64_t pane_us) {
  while (!candidates_.empty() && !beats(candidates_.back().number, number, greatest)) candidates_.pop_back();
  if (pane_us == 0 && !candidates_.empty()) return;  // nothing leaves: the better one stays
  candidates_.push_back({time, number});
  if (candidates_.size() > kExactEntries) merge_panes(pane_us);
}

void ExtremeWindow::merge_panes(int64_t pane_us) {
  Blocks<Candidate> merged;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& next = candidates_[i];
    if (!merged.empty() && slot_of(merged.back().time, pane_us) == slot_of(next.time, pane_us)) {
      merged.back().time = next.time;
      merged.back().merged = true;
    } else {
      merged.push_back(next);
    }
  }
  candidates_ = std::move(merged);
}

}  // namespace weir::correlate
