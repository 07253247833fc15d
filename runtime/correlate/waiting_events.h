// The stored events that rows wait with: each is kept once, however many rows of however many rules it gave.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/correlate/row.h"

namespace weir::correlate {

class WaitingEvents {
 public:
  struct Waiting {
    EventRef event;
    uint64_t number = 0;          // of the event, rising
    std::vector<uint32_t> rules;  // that let it in
    uint32_t rows = 0;
    std::string of_alert;  // the id of the alert that it is to those who hear it; else empty
  };

  // A row of the rule waits with the event. `of_alert` is of the event.
  void hold(const EventRef& event, uint32_t rule, const std::string& of_alert);
  // So many rows do not wait any more.
  void release(const StoredEvent* event, size_t rows);
  const Waiting* find(const StoredEvent* event) const;
  const Waiting* find(uint64_t number) const;
  // The numbers of those that began or ceased to wait since the last call.
  std::set<uint64_t> take_changed() { return std::exchange(changed_, {}); }
  // The number of the next that is held.
  void go_on_from(uint64_t number) { next_number_ = number; }
  uint64_t next_number() const { return next_number_; }

  uint64_t bytes() const { return bytes_; }  // by estimate, rows included

 private:
  std::unordered_map<const StoredEvent*, Waiting> waiting_;
  std::unordered_map<uint64_t, const StoredEvent*> by_number_;
  std::set<uint64_t> changed_;
  uint64_t next_number_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace weir::correlate
