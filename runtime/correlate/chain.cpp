// One instant at a time: what the rows of an instant do to each other has no order.
#include "runtime/correlate/chain.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>

namespace weir::correlate {
namespace {

constexpr size_t kWorkBytes = 2048;  // enough for most instants; more is allocated

// Whether one of the rows has a condition of `mask`. Steps are not their own negation: a row that is counted
// and may take the step `step` itself is not looked at.
bool met_beside(uint64_t mask, const PositiveStep& step, std::span<const Row> rows) {
  return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
    return row.seen->conditions & mask && !(row.seen->counted && row.holds(step.condition));
  });
}

uint64_t all_conditions(std::span<const Row> rows) {
  uint64_t all = 0;
  for (const Row& row : rows) all |= row.seen->conditions;
  return all;
}

}  // namespace

std::optional<Partial> ChainState::advance(const ChainPlan& chain, int64_t span_us,
                                           std::span<const Row> rows) {
  std::optional<Partial> match =
      chain.any_order ? advance_any_order(chain, span_us, rows) : advance_ordered(chain, span_us, rows);
  last_ = rows.front().time();
  return match;
}

Before ChainState::before(const ChainPlan& chain, int64_t begin, uint64_t negated, Partial& of_first,
                          std::pmr::memory_resource* memory) const {
  Before before(memory);
  before.firsts.reserve(firsts_.size());
  for (size_t i = 0; i < firsts_.size(); ++i)
    if (firsts_[i] > begin) before.firsts.push_back(firsts_[i]);
  before.partials.resize(chain.steps.size() + 1);
  const size_t count = chain.steps[0].count;
  if (before.firsts.size() >= count && latest_first_.time() > first_barred_) {
    of_first.first = before.firsts[before.firsts.size() - count];
    of_first.steps = {latest_first_};
    before.partials[1] = &of_first;
  }
  for (size_t i = 1; i < partials_.size(); ++i)
    if (partials_[i] && partials_[i]->first > begin) before.partials[i + 1] = &*partials_[i];
  for (uint64_t gap : chain.gap) before.barred.push_back((gap & negated) != 0);
  return before;
}

void ChainState::remember_firsts(const ChainPlan& chain, std::span<const Row> rows) {
  for (const Row& row : rows) {
    if (!row.seen->counted || !row.holds(chain.steps[0].condition)) continue;
    firsts_.push_back(row.time());
    latest_first_ = row.place;
    if (firsts_.size() > chain.steps[0].count) firsts_.pop_front();
  }
}

std::optional<Partial> ChainState::advance_ordered(const ChainPlan& chain, int64_t span_us,
                                                   std::span<const Row> rows) {
  const int64_t now = rows.front().time(), begin = earlier(now, span_us);
  const uint64_t negated = all_conditions(rows);
  const size_t last = chain.steps.size() - 1;
  if (negated & chain.tail) wait_.reset();

  const bool lead_open = !chain.lead || (lead_ <= begin && !met_beside(chain.lead, chain.steps[0], rows));
  if (negated & chain.lead) lead_ = now;

  std::array<std::byte, kWorkBytes> room;
  std::pmr::monotonic_buffer_resource memory(room.data(), room.size());
  Partial of_first;
  const Before known = before(chain, begin, negated, of_first, &memory);
  const StepChoice choice(chain, known, rows, lead_open, &memory);
  std::optional<Partial> match = choice.best(last);

  std::vector<std::optional<Partial>> partials(last);
  for (size_t i = 1; i < last; ++i) {
    if (chain.gap[i] & negated) continue;
    partials[i] = choice.best(i);
    if (!partials[i] && known.partials[i + 1]) partials[i] = *known.partials[i + 1];
  }
  partials_ = std::move(partials);
  if (lead_open) remember_firsts(chain, rows);
  if (last > 0 && chain.gap[0] & negated) first_barred_ = now;

  if (!match || !chain.tail) return match;
  if (!wait_ && !met_beside(chain.tail, chain.steps[last], rows)) {
    const int64_t deadline = later(match->first, span_us);
    wait_ = Wait{deadline, std::move(*match)};
  }
  return std::nullopt;
}

std::optional<Partial> ChainState::advance_any_order(const ChainPlan& chain, int64_t span_us,
                                                     std::span<const Row> rows) {
  const int64_t now = rows.front().time(), begin = earlier(now, span_us);
  if (all_conditions(rows) & chain.lead) lead_ = now;
  latest_.resize(chain.steps.size());
  bool any = false;
  for (const Row& row : rows) {
    if (!row.seen->counted) continue;
    for (size_t step = 0; step < chain.steps.size(); ++step) {
      if (!row.holds(chain.steps[step].condition)) continue;
      latest_[step] = row.place;
      any = true;
    }
  }
  if (!any || (chain.lead && lead_ > begin)) return std::nullopt;
  Partial match;
  match.first = now;
  for (const Place& place : latest_) {
    if (!place.event || place.time() <= begin) return std::nullopt;
    match.first = std::min(match.first, place.time());
    match.steps.push_back(place);
  }
  return match;
}

bool ChainState::fit(const ChainPlan& chain) const {
  const size_t steps = chain.steps.size();
  if (firsts_.size() > chain.steps[0].count || (!firsts_.empty() && !latest_first_.event)) return false;
  if (!std::is_sorted(firsts_.begin(), firsts_.end())) return false;
  if (!partials_.empty() && partials_.size() != steps - 1) return false;
  for (size_t i = 0; i < partials_.size(); ++i)
    if (partials_[i] && (i == 0 || partials_[i]->steps.size() != i + 1)) return false;
  if (wait_ && (!chain.tail || wait_->match.steps.size() != steps)) return false;
  return latest_.empty() || (chain.any_order && latest_.size() == steps);
}

void ChainState::forget() {
  const int64_t lead = lead_;
  *this = ChainState();
  lead_ = last_ = lead;
}

Partial ChainState::take_wait() {
  Partial match = std::move(wait_->match);
  wait_.reset();
  return match;
}

size_t ChainState::bytes(HeldEvents& events) const {
  size_t bytes = firsts_.bytes() + heap_of(partials_) + heap_of(latest_);
  events.add(latest_);
  events.add(latest_first_);
  const auto add = [&](const Partial& partial) {
    bytes += heap_of(partial.steps);
    events.add(partial.steps);
  };
  for (const std::optional<Partial>& partial : partials_)
    if (partial) add(*partial);
  if (wait_) add(wait_->match);
  return bytes;
}

}  // namespace weir::correlate
