// When the quarantine drops its oldest records for want of room, somebody must hear of it: once when it begins, and
// once when nothing has been dropped for an hour.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/deliver/own_alert.h"
#include "runtime/store/store.h"

namespace weir::deliver {

class FullQuarantine {
 public:
  // Without `routing` nothing is told.
  explicit FullQuarantine(const Routing* routing) : routing_(routing) {}

  void restore(store::Store& store);
  bool full() const { return since_.has_value(); }
  // `dropped`: records, since the store was made. Nothing when that changes nothing.
  News look(int64_t dropped, int64_t now);

 private:
  store::AlertRow row(const char* state) const;

  const Routing* routing_;
  std::optional<int64_t> since_;
  int64_t dropped_ = 0, last_at_ = 0;
};

}  // namespace weir::deliver
