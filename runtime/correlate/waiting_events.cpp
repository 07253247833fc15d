// Rows are counted, not listed: an event may give a thousand to each rule.
#include "runtime/correlate/waiting_events.h"

#include <algorithm>

namespace weir::correlate {
namespace {

constexpr uint64_t kBytesOfRow = sizeof(Row) + sizeof(Observation) + 256;  // values, indexes, allocator
constexpr uint64_t kBytesOfEvent = sizeof(WaitingEvents::Waiting) + 128;   // node, control block

}  // namespace

void WaitingEvents::hold(const EventRef& event, uint32_t rule, const std::string& of_alert) {
  Waiting& waiting = waiting_[event.get()];
  if (!waiting.event) {
    waiting.event = event;
    waiting.number = next_number_++;
    waiting.of_alert = of_alert;
    by_number_[waiting.number] = event.get();
    bytes_ += kBytesOfEvent + event->bytes();
  }
  ++waiting.rows;
  bytes_ += kBytesOfRow;
  if (waiting.rules.empty() || waiting.rules.back() != rule) {
    waiting.rules.push_back(rule);
    changed_.insert(waiting.number);
  }
}

void WaitingEvents::release(const StoredEvent* event, size_t rows) {
  const auto found = waiting_.find(event);
  if (found == waiting_.end() || rows == 0) return;
  Waiting& waiting = found->second;
  rows = std::min<size_t>(rows, waiting.rows);
  waiting.rows -= static_cast<uint32_t>(rows);
  bytes_ -= kBytesOfRow * rows;
  if (waiting.rows > 0) return;
  bytes_ -= kBytesOfEvent + waiting.event->bytes();
  by_number_.erase(waiting.number);
  changed_.insert(waiting.number);
  waiting_.erase(found);
}

const WaitingEvents::Waiting* WaitingEvents::find(uint64_t number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : find(found->second);
}

const WaitingEvents::Waiting* WaitingEvents::find(const StoredEvent* event) const {
  const auto found = waiting_.find(event);
  return found == waiting_.end() ? nullptr : &found->second;
}

}  // namespace weir::correlate
