// Sliding and tumbling windows share the aggregates and differ in what leaves, and when.
#include "runtime/correlate/numbers.h"

#include <utility>

namespace weir::correlate {
namespace {

// The silence of the group itself says nothing of rows that have another key.
bool quiet(const Row& row, const Moment& moment) {
  return row.time() < moment.quiet_until && row.place.silence == row.group;
}

}  // namespace

bool NumbersState::holds_at(const Plan& plan, int64_t time, const Moment& moment) const {
  if (time < moment.ready_from) return false;
  const auto read = [&](uint32_t aggregate) { return window_.read(plan, aggregate).value; };
  const auto track = [&](uint32_t number) {
    return history_ ? history_->read(plan, number, time) : std::nullopt;
  };
  if (!moment.work.all_numbers) return LazyCondition(*plan.correlation, read, track, moment.work).holds();
  compute_numbers(*plan.correlation, read, track, moment.work);
  return holds(
      *plan.correlation,
      [&](const match::WindowCondition& condition) { return compares(condition, moment.work.numbers); },
      moment.work);
}

void NumbersState::fire(const Plan& plan, int64_t time, const Place& completing, bool rose,
                        std::vector<Fire>& fires) const {
  Fire& fire = fires.emplace_back();
  window_.describe(plan, time, history_ ? &*history_ : nullptr, fire);
  fire.completing = completing;
  fire.rose = rose;
}

void NumbersState::advance(const Plan& plan, const Row& row, const Moment& moment, std::vector<Fire>& fires) {
  if (!plan.kept.tracked.empty()) {
    if (!history_) history_.emplace();
    history_->come_to(plan, row.time());
  }
  if (plan.sliding()) {
    advance_sliding(plan, row, moment, fires);
  } else {
    advance_slot(plan, row, moment, fires);
  }
  if (history_) history_->add(plan, row);
  last_ = row.time();
}

void NumbersState::advance_sliding(const Plan& plan, const Row& row, const Moment& moment,
                                   std::vector<Fire>& fires) {
  const int64_t time = row.time();
  const int64_t begin = earlier(time, plan.correlation->span_us);
  if (last_ <= begin) held_ = false;  // no other event is left in the window
  window_.leave_until(begin, time);
  window_.add(plan, row);
  const bool held = std::exchange(held_, holds_at(plan, time, moment));
  if (!held_) return;
  if (!held) {
    fire(plan, time, row.place, true, fires);
  } else if (plan.repeats && !quiet(row, moment)) {
    fire(plan, time, row.place, false, fires);
  }
}

void NumbersState::advance_slot(const Plan& plan, const Row& row, const Moment& moment,
                                std::vector<Fire>& fires) {
  const int64_t time = row.time();
  const int64_t slot = slot_of(time, plan.correlation->span_us);
  if (!in_slot_ || slot != slot_) {
    window_.clear();
    slot_ = slot;
    in_slot_ = true;
    rose_ = false;
  }
  window_.add(plan, row);
  if (plan.correlation->window == match::Correlation::Window::tumbling_closed) {
    last_place_ = row.place;
  } else if (holds_at(plan, time, moment)) {
    if (!std::exchange(rose_, true)) {
      fire(plan, time, row.place, true, fires);
    } else if (plan.repeats && !quiet(row, moment)) {
      fire(plan, time, row.place, false, fires);
    }
  }
}

std::optional<int64_t> NumbersState::deadline(const Plan& plan) const {
  if (!in_slot_ || plan.correlation->window != match::Correlation::Window::tumbling_closed)
    return std::nullopt;
  return begin_of_slot(slot_ + 1, plan.correlation->span_us);
}

void NumbersState::decide(const Plan& plan, const Moment& moment, std::vector<Fire>& fires) {
  const int64_t end = begin_of_slot(slot_ + 1, plan.correlation->span_us);
  if (holds_at(plan, end, moment)) fire(plan, end, last_place_, true, fires);
  window_.clear();
  in_slot_ = false;
  last_place_ = {};
}

bool NumbersState::fit(const Plan& plan, size_t known) {
  const bool closed = plan.correlation->window == match::Correlation::Window::tumbling_closed;
  if (in_slot_ && closed && !last_place_.event) return false;
  if (slot_ == INT64_MAX || (history_ && plan.kept.tracked.empty())) return false;
  return window_.fit(plan, known) && (!history_ || history_->fit(plan));
}

bool NumbersState::idle(const Plan& plan, int64_t time) const {
  if (history_) return false;
  if (plan.sliding()) return last_ <= earlier(time, plan.correlation->span_us);
  return !in_slot_ || (slot_of(time, plan.correlation->span_us) != slot_ && !deadline(plan));
}

}  // namespace weir::correlate
