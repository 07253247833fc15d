// When the quarantine drops its oldest records for want of room, somebody must hear of it: once when it
// begins, and once when nothing has been dropped for an hour.
#pragma once

#include <cstdint>

#include "runtime/deliver/lasting.h"

namespace weir::deliver {

class FullQuarantine {
 public:
  // Without `routing` nothing is told.
  explicit FullQuarantine(const Routing* routing) : full_("full quarantine", routing) {}

  void restore(store::Store& store);
  bool full() const { return full_.lasts(); }
  // `dropped`: records, since the store was made. Nothing when that changes nothing.
  News look(int64_t dropped, int64_t now);

 private:
  Lasting full_;
  int64_t dropped_ = 0, last_at_ = 0;
};

}  // namespace weir::deliver
