// Every aggregate sees every row that its `where` lets through.
#include "runtime/correlate/window.h"

#include "runtime/correlate/condition.h"

namespace weir::correlate {

void WindowState::add(const Plan& plan, const Row& row) {
  rows_.add({row.time()}, plan.kept.row_entries, plan.pane_us);
  const auto count = static_cast<uint32_t>(plan.kept.aggregates.size());
  aggregates_.reserve(count);
  for (uint32_t i = static_cast<uint32_t>(aggregates_.size()); i < count; ++i)
    aggregates_.emplace_back(plan, i);
  for (uint32_t i = 0; i < count; ++i) aggregates_[i].add(plan, i, row, plan.pane_us);
}

void WindowState::leave_until(int64_t begin, int64_t now) {
  begin_ = begin;
  rows_.leave_until(begin);
  for (AggregateState& aggregate : aggregates_) aggregate.leave_until(begin, now);
}

Reading WindowState::read(const Plan& plan, uint32_t aggregate) const {
  if (aggregate < aggregates_.size()) return aggregates_[aggregate].read(plan, aggregate, begin_);
  return AggregateState(plan, aggregate).read(plan, aggregate, begin_);
}

void WindowState::describe(const Plan& plan, int64_t time, const SlotHistory* history, Fire& fire) const {
  fire.time = time;
  fire.from = rows_.oldest().value_or(time);
  fire.events = rows_.total().count;
  for (uint32_t i = 0; i < plan.kept.aggregates.size(); ++i) {
    fire.readings.push_back(read(plan, i));
    fire.approximate |= fire.readings.back().approximate;
    if (i < aggregates_.size())
      if (const Sample* sample = aggregates_[i].sample()) fire.samples.push_back({i, *sample});
  }
  ConditionWork work;
  compute_numbers(
      *plan.correlation, [&](uint32_t aggregate) { return fire.readings[aggregate].value; },
      [&](uint32_t number) { return history ? history->read(plan, number, time) : std::nullopt; }, work);
  fire.numbers = std::move(work.numbers);
}

bool WindowState::fit(const Plan& plan, size_t known) {
  if (aggregates_.size() > known) aggregates_.resize(known);
  if (aggregates_.size() > plan.kept.aggregates.size()) return false;
  for (uint32_t i = 0; i < aggregates_.size(); ++i)
    if (!aggregates_[i].fit(plan, i)) return false;
  return true;
}

size_t WindowState::bytes() const {
  size_t bytes = rows_.bytes() + heap_of(aggregates_);
  for (const AggregateState& aggregate : aggregates_) bytes += aggregate.bytes();
  return bytes;
}

}  // namespace weir::correlate
