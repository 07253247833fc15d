// How many, and how much: the windows of count, sum and avg.
#pragma once

#include <cstdint>

#include "runtime/correlate/exact_sum.h"
#include "runtime/correlate/paned_window.h"

namespace weir::correlate {

struct CountEntry {
  int64_t time = 0;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(time);
  }
};

struct Count {
  uint64_t count = 0;

  void enter(const CountEntry&) { ++count; }
  void leave(const CountEntry&) { --count; }
  void fold(const CountEntry&, Count& pane) { ++pane.count; }
  void leave(const Count& pane) { count -= pane.count; }
  void join(const Count& pane) { count += pane.count; }
  template <class Archive>
  void serialise(Archive& archive) {
    archive(count);
  }
  size_t bytes() const { return 0; }
};

struct SumEntry {
  int64_t time = 0;
  Number number;

  template <class Archive>
  void serialise(Archive& archive) {
    archive(time, number);
  }
};

struct Sum {
  uint64_t count = 0;
  ExactSum sum;

  void enter(const SumEntry& entry) {
    ++count;
    sum.add(entry.number);
  }
  void leave(const SumEntry& entry) {
    --count;
    sum.subtract(entry.number);
  }
  void fold(const SumEntry& entry, Sum& pane) { pane.enter(entry); }
  void leave(const Sum& pane) {
    count -= pane.count;
    sum.subtract(pane.sum);
  }
  void join(const Sum& pane) {
    count += pane.count;
    sum.add(pane.sum);
  }
  template <class Archive>
  void serialise(Archive& archive) {
    archive(count, sum);
  }
  size_t bytes() const { return sum.bytes(); }
};

using CountWindow = PanedWindow<CountEntry, Count, Count>;
using SumWindow = PanedWindow<SumEntry, Sum, Sum>;
static_assert(sizeof(CountEntry) == match::kTimeBytes && CountWindow::kPaneBytes == match::kPaneBytes);
static_assert(sizeof(SumEntry) == match::kNumberBytes && SumWindow::kPaneBytes == match::kSumPaneBytes);

}  // namespace weir::correlate
