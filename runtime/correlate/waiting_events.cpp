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
    waiting.of_alert = of_alert;
    bytes_ += kBytesOfEvent + event->bytes();
    if (!of_alert.empty()) {
      waiting.number = next_number_++;
      by_number_[waiting.number] = event.get();
    } else if (restoring_ != kNoBatch) {
      waiting.batch = restoring_;
      ++batches_[restoring_];
    }
  }
  ++waiting.rows;
  bytes_ += kBytesOfRow;
  if (of_alert.empty()) {
    note(event, rule);
  } else if (waiting.rules.empty() || waiting.rules.back() != rule) {
    waiting.rules.push_back(rule);
    changed_.insert(waiting.number);
  }
}

void WaitingEvents::hold_packed() {
  if (packed_.insert(restoring_).second) ++batches_[restoring_];
}

uint64_t WaitingEvents::begin_packed_batch() {
  const uint64_t number = next_number_++;
  packed_.insert(number);
  batches_[number] = 1;
  return number;
}

void WaitingEvents::note(const EventRef& event, uint32_t rule) {
  if (restoring_ != kNoBatch) return;
  if (unsaved_.empty() || unsaved_.back().event != event) unsaved_.push_back({event, unsaved_rules_.size()});
  const Unsaved& unsaved = unsaved_.back();
  if (unsaved_rules_.size() == unsaved.first_rule || unsaved_rules_.back() != rule) unsaved_rules_.push_back(rule);
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
  if (!waiting.of_alert.empty()) {
    by_number_.erase(waiting.number);
    changed_.insert(waiting.number);
  } else if (waiting.batch != kNoBatch) {
    leave_batch(waiting.batch);
  }
  waiting_.erase(found);
}

void WaitingEvents::release_packed() {
  for (const uint64_t number : std::exchange(packed_, {})) leave_batch(number);
}

void WaitingEvents::leave_batch(uint64_t number) {
  const auto found = batches_.find(number);
  if (--found->second > 0) return;
  batches_.erase(found);
  empty_.push_back(number);
}

std::optional<WaitingEvents::Batch> WaitingEvents::next_batch() {
  Batch batch;
  size_t events = 0;
  for (uint64_t bytes = 0; next_unsaved_ < unsaved_.size() && bytes < kBytesOfBatch; ++next_unsaved_) {
    const Unsaved& unsaved = unsaved_[next_unsaved_];
    const auto found = waiting_.find(unsaved.event.get());
    const bool waits = found != waiting_.end();
    if (!waits) continue;  // it came and went between two commits
    found->second.batch = next_number_;
    ++events;
    const bool last = next_unsaved_ + 1 == unsaved_.size();
    const size_t end = last ? unsaved_rules_.size() : unsaved_[next_unsaved_ + 1].first_rule;
    batch.events.push_back({unsaved.event, std::span(unsaved_rules_).subspan(unsaved.first_rule, end - unsaved.first_rule)});
    bytes += unsaved.event->bytes();
  }
  if (batch.events.empty()) {
    unsaved_.clear();
    unsaved_rules_.clear();
    next_unsaved_ = 0;
    return std::nullopt;
  }
  batch.number = next_number_++;
  batches_[batch.number] = events;
  return batch;
}

bool WaitingEvents::end_batch() { return batches_.contains(std::exchange(restoring_, kNoBatch)); }

const WaitingEvents::Waiting* WaitingEvents::find(uint64_t number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : find(found->second);
}

const WaitingEvents::Waiting* WaitingEvents::find(const StoredEvent* event) const {
  const auto found = waiting_.find(event);
  return found == waiting_.end() ? nullptr : &found->second;
}

}  // namespace weir::correlate
