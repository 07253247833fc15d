// When the outbox holds more rows than it may, sources wait: somebody must hear of that, once when it begins
// and once when half of it is free again.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/deliver/own_alert.h"
#include "runtime/store/store.h"

namespace weir::deliver {

class FullOutbox {
 public:
  // Without `routing` nothing is told.
  FullOutbox(uint64_t most, const Routing* routing) : most_(most), routing_(routing) {}

  void restore(store::Store& store);
  bool full() const { return since_.has_value(); }
  // Nothing when `rows` changes nothing.
  News look(uint64_t rows, int64_t now);

 private:
  store::AlertRow row(const char* state) const;

  uint64_t most_;
  const Routing* routing_;
  std::optional<int64_t> since_;
};

}  // namespace weir::deliver
