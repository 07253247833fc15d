// The entries of a window: the newest one by one, older ones folded into panes, so that a window of any size
// is exact up to a limit and then to the width of a pane (language.md, 6).
//
// Folding takes the oldest entry at a time: the newest `limit` entries always stand alone. So a comparison
// that they decide (`count() >= limit`) is exact whatever has been folded: panes hold only what is older than
// every entry that stands alone, and are gone when the first of those is.
//
// Total has enter(entry), leave(entry), fold(entry, pane) and leave(pane); Entry has `time`; times never
// fall.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "runtime/correlate/blocks.h"
#include "runtime/correlate/moment.h"
#include "runtime/correlate/queue.h"
#include "runtime/match/kept.h"

namespace weir::correlate {

using match::kExactEntries;
using match::kPanes;

template <class Entry, class Pane, class Total>
class PanedWindow {
 public:
  // `pane_us` 0: one pane for everything (a slot, which nothing leaves).
  void add(const Entry& entry, size_t limit, int64_t pane_us) {
    total_.enter(entry);
    entries_.push_back(entry);
    while (entries_.size() > limit) fold_oldest(pane_us);
  }

  // What entered at `time` or before leaves. A pane leaves as a whole, with the newest in it.
  void leave_until(int64_t time) {
    while (!panes_.empty() && panes_.front().newest <= time) {
      total_.leave(panes_.front().content);
      panes_.pop_front();
    }
    while (panes_.empty() && !entries_.empty() && entries_.front().time <= time) {
      total_.leave(entries_.front());
      entries_.pop_front();
    }
  }

  const Total& total() const { return total_; }
  std::optional<int64_t> oldest() const {
    if (!panes_.empty()) return panes_.front().oldest;
    return entries_.empty() ? std::nullopt : std::optional(entries_.front().time);
  }
  // Whether something is still counted that entered at `time`, when the window begins, or before.
  bool approximate(int64_t time) const { return !panes_.empty() && panes_.front().oldest <= time; }

  template <class Archive>
  void serialise(Archive& archive) {
    archive(entries_, panes_);
    if constexpr (Archive::kReading) archive.fail_unless(sound());
  }

  // On the heap.
  size_t bytes() const {
    size_t bytes = entries_.bytes() + panes_.bytes() + total_.bytes();
    for (size_t i = 0; i < panes_.size(); ++i) bytes += panes_[i].content.bytes();
    return bytes;
  }

 private:
  struct TimedPane {
    int64_t index = 0, oldest = 0, newest = 0;
    Pane content;

    template <class Archive>
    void serialise(Archive& archive) {
      archive(index, oldest, newest, content);
    }
  };

 public:
  static constexpr size_t kPaneBytes = sizeof(TimedPane);

 private:
  // Whether times never fall; makes the total, which follows from the rest.
  bool sound() {
    total_ = {};
    int64_t last = kBeginningOfTime;
    auto rises = [&](int64_t time) { return std::exchange(last, time) <= time; };
    for (const TimedPane& pane : panes_) {
      if (!rises(pane.oldest) || !rises(pane.newest)) return false;
      total_.join(pane.content);
    }
    for (const Entry& entry : entries_) {
      if (!rises(entry.time)) return false;
      total_.enter(entry);
    }
    return true;
  }

  void fold_oldest(int64_t pane_us) {
    const Entry& entry = entries_.front();
    int64_t index = pane_us > 0 ? slot_of(entry.time, pane_us) : 0;
    if (panes_.empty() || panes_.back().index != index) panes_.push_back({index, entry.time, entry.time, {}});
    panes_.back().newest = entry.time;
    total_.fold(entry, panes_.back().content);
    entries_.pop_front();
  }

  Blocks<Entry> entries_;
  Queue<TimedPane> panes_;
  Total total_;
};

}  // namespace weir::correlate
