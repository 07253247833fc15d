// The window of percentile: the numbers of single entries in order, those of panes in a sketch.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/correlate/paned_window.h"
#include "runtime/correlate/sketch.h"

namespace weir::correlate {

struct RankEntry {
  int64_t time = 0;
  double number = 0;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(time, number);
    archive.fail_unless(number == number && number - number == 0);  // finite
  }
};

class Ranks {
 public:
  void enter(const RankEntry& entry);
  void leave(const RankEntry& entry);
  void fold(const RankEntry& entry, Sketch& pane);
  void leave(const Sketch& pane) { folded_.subtract(pane); }
  void join(const Sketch& pane) { folded_.add(pane); }

  // By nearest rank: the smallest number that `percent` of the numbers do not exceed. None of nothing.
  std::optional<double> percentile(double percent) const;
  bool sketched() const { return folded_.count() > 0; }
  size_t bytes() const { return match::heap_bytes(sorted_.capacity() * sizeof(double)) + folded_.bytes(); }

 private:
  std::vector<double> sorted_;
  Sketch folded_;
};

using RankWindow = PanedWindow<RankEntry, Sketch, Ranks>;
static_assert(sizeof(RankEntry) == match::kRankBytes && RankWindow::kPaneBytes == match::kRankPaneBytes);

}  // namespace weir::correlate
