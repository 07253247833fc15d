// Means and deviations change only when a slot ends, so they are computed once a slot, when they are asked
// for.
#include "runtime/correlate/slot_history.h"

#include <algorithm>
#include <cmath>

namespace weir::correlate {
namespace {

using match::Aggregate;
using match::WindowNumber;

bool zero_when_empty(Aggregate::Kind kind) {
  return kind == Aggregate::Kind::count || kind == Aggregate::Kind::distinct || kind == Aggregate::Kind::sum;
}

}  // namespace

void SlotHistory::come_to(const Plan& plan, int64_t time) {
  const match::Correlation& correlation = *plan.correlation;
  int64_t slot = slot_of(time, correlation.span_us);
  if (!started_) {
    started_ = true;
    first_ = time;
    slot_ = slot;
    tracked_.reserve(plan.kept.tracked.size());
    for (uint32_t aggregate : plan.kept.tracked) tracked_.emplace_back(AggregateState(plan, aggregate));
    numbers_.resize(correlation.numbers.size());
    return;
  }
  if (slot == slot_) return;
  const int64_t oldest = earlier(slot, plan.kept.tracked_us / correlation.span_us);
  for (size_t i = 0; i < tracked_.size(); ++i) {
    Reading reading = tracked_[i].current.read(plan, plan.kept.tracked[i], kBeginningOfTime);
    if (reading.value) tracked_[i].past.push_back({slot_, *reading.value});
    while (!tracked_[i].past.empty() && tracked_[i].past.front().slot < oldest) tracked_[i].past.pop_front();
    tracked_[i].current = AggregateState(plan, plan.kept.tracked[i]);
  }
  slot_ = slot;
  computed_ = false;
}

void SlotHistory::compute_numbers(const Plan& plan) const {
  computed_ = true;
  for (size_t i = 0; i < numbers_.size(); ++i) {
    const WindowNumber& number = plan.correlation->numbers[i];
    if (number.kind == WindowNumber::Kind::baseline || number.kind == WindowNumber::Kind::spread)
      numbers_[i] = over_slots(plan, number);
  }
}

bool SlotHistory::fit(const Plan& plan) {
  if (!started_) return tracked_.empty();
  if (tracked_.size() != plan.kept.tracked.size()) return false;
  for (size_t i = 0; i < tracked_.size(); ++i)
    if (!tracked_[i].current.fit(plan, plan.kept.tracked[i])) return false;
  numbers_.assign(plan.correlation->numbers.size(), std::nullopt);
  computed_ = false;
  return true;
}

void SlotHistory::add(const Plan& plan, const Row& row) {
  for (size_t i = 0; i < tracked_.size(); ++i) tracked_[i].current.add(plan, plan.kept.tracked[i], row, 0);
}

std::optional<double> SlotHistory::over_slots(const Plan& plan, const WindowNumber& number) const {
  const match::Correlation& correlation = *plan.correlation;
  const int64_t oldest =
      std::max(earlier(slot_, number.over_us / correlation.span_us), slot_of(first_, correlation.span_us));
  auto which = std::find(plan.kept.tracked.begin(), plan.kept.tracked.end(), number.aggregate) - plan.kept.tracked.begin();
  const Queue<SlotValue>& past = tracked_[static_cast<size_t>(which)].past;
  double sum = 0, with_value = 0;
  for (size_t i = 0; i < past.size(); ++i) {
    if (past[i].slot < oldest) continue;
    sum += past[i].value;
    ++with_value;
  }
  const bool zeros = zero_when_empty(correlation.aggregates[number.aggregate].kind);
  const double slots = zeros ? static_cast<double>(between(oldest, slot_)) : with_value;
  if (slots == 0) return std::nullopt;
  const double mean = sum / slots;
  if (number.kind == WindowNumber::Kind::baseline) return mean;
  double squares = (slots - with_value) * mean * mean;
  for (size_t i = 0; i < past.size(); ++i) {
    if (past[i].slot < oldest) continue;
    squares += (past[i].value - mean) * (past[i].value - mean);
  }
  return std::sqrt(squares / slots);
}

std::optional<double> SlotHistory::read(const Plan& plan, uint32_t number, int64_t time) const {
  if (!started_) return std::nullopt;
  const std::optional<int64_t>& warmup = plan.correlation->warmup_us;
  if (warmup && between(first_, time) < static_cast<uint64_t>(*warmup)) return std::nullopt;
  if (!computed_) compute_numbers(plan);
  return numbers_[number];
}

size_t SlotHistory::bytes() const {
  size_t bytes = heap_of(tracked_) + heap_of(numbers_);
  for (const Tracked& tracked : tracked_) bytes += tracked.current.bytes() + tracked.past.bytes();
  return bytes;
}

}  // namespace weir::correlate
