// The windows of min and max: a queue of those that may yet be the extreme, each better than all behind it.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/correlate/blocks.h"
#include "runtime/correlate/number.h"
#include "runtime/match/kept.h"

namespace weir::correlate {

class ExtremeWindow {
 public:
  // `pane_us` as for a PanedWindow.
  void add(int64_t time, const Number& number, bool greatest, int64_t pane_us);
  void leave_until(int64_t time) {
    while (!candidates_.empty() && candidates_.front().time <= time) candidates_.pop_front();
  }
  std::optional<double> value() const {
    return candidates_.empty() ? std::nullopt : std::optional(candidates_.front().number.as_double());
  }
  bool approximate() const { return !candidates_.empty() && candidates_.front().merged; }
  template <class Archive>
  void serialise(Archive& archive) {
    archive(candidates_);
  }
  size_t bytes() const { return candidates_.bytes(); }

 private:
  struct Candidate {
    int64_t time = 0;
    Number number;
    bool merged = false;  // stands for several of one pane, as long as the last of them

    template <class Archive>
    void serialise(Archive& archive) {
      archive(time, number, merged);
    }
  };

  static_assert(sizeof(Candidate) == match::kExtremeBytes);

  void merge_panes(int64_t pane_us);

  Blocks<Candidate> candidates_;
};

}  // namespace weir::correlate
