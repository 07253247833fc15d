// When the outbox holds more rows than it may, sources wait: somebody must hear of that, once when it begins
// and once when half of it is free again.
#pragma once

#include <cstdint>

#include "runtime/deliver/lasting.h"

namespace weir::deliver {

class FullOutbox {
 public:
  // Without `routing` nothing is told.
  FullOutbox(uint64_t most, const Routing* routing) : most_(most), full_("full outbox", routing) {}

  void restore(store::Store& store) { full_.restore(store); }
  bool full() const { return full_.lasts(); }
  // Nothing when `rows` changes nothing.
  News look(uint64_t rows, int64_t now);

 private:
  uint64_t most_;
  Lasting full_;
};

}  // namespace weir::deliver
