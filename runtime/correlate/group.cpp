// Numbers see rows one by one, steps see an instant as a whole.
#include "runtime/correlate/group.h"

#include <algorithm>
#include <tuple>

namespace weir::correlate {
namespace {

using match::Correlation;

Fire fire_of(const ChainPlan& chain, const Partial& match, int64_t time, const WindowState& window,
             const Plan& plan) {
  Fire fire;
  if (plan.has_window()) window.describe(plan, time, nullptr, fire);
  fire.time = time;
  fire.from = match.first;
  std::vector<const StoredEvent*> events;
  for (size_t i = 0; i < match.steps.size(); ++i) {
    fire.steps.emplace_back(chain.steps[i].condition, match.steps[i]);
    events.push_back(match.steps[i].event.get());
  }
  std::sort(events.begin(), events.end());
  fire.events = static_cast<uint64_t>(std::unique(events.begin(), events.end()) - events.begin()) +
                (chain.any_order ? 0 : chain.steps[0].count - 1);
  fire.completing = chain.tail ? match.steps.front() : match.steps.back();
  if (chain.any_order)
    for (const Place& place : match.steps)
      if (comes_before(*fire.completing.event, *place.event)) fire.completing = place;
  return fire;
}

}  // namespace

void GroupState::enter_window(const Plan& plan, const Row& row) {
  if (!row.seen->counted || !plan.has_window()) return;
  window_.leave_until(earlier(row.time(), plan.correlation->span_us), row.time());
  window_.add(plan, row);
}

void GroupState::forget() {
  for (ChainState& chain : chains_) chain.forget();
  if (std::none_of(chains_.begin(), chains_.end(), [](const ChainState& chain) { return chain.knows_lead(); }))
    chains_.clear();
  window_.clear();
}

void GroupState::advance(const Plan& plan, std::span<const Row> rows, const Moment& moment,
                         std::vector<Fire>& fires) {
  switch (plan.correlation->kind) {
    case Correlation::Kind::numbers:
      for (const Row& row : rows)
        if (row.seen->counted) numbers_.advance(plan, row, moment, fires);
      break;
    case Correlation::Kind::steps:
      advance_steps(plan, rows, moment, fires);
      break;
    case Correlation::Kind::first_seen:
      advance_first_seen(plan, rows, moment, fires);
      break;
  }
}

void GroupState::advance_steps(const Plan& plan, std::span<const Row> rows, const Moment& moment,
                               std::vector<Fire>& fires) {
  for (const Row& row : rows) enter_window(plan, row);
  const int64_t now = rows.front().time();
  chains_.resize(plan.chains.size());
  std::optional<Fire> fire;
  for (size_t i = 0; i < chains_.size(); ++i) {
    const ChainPlan& chain = plan.chains[i];
    std::optional<Partial> match = chains_[i].advance(chain, plan.correlation->span_us, rows);
    if (match && !fire && now >= moment.ready_from) fire = fire_of(chain, *match, now, window_, plan);
  }
  if (!fire) return;
  fires.push_back(std::move(*fire));
  forget();
}

void GroupState::advance_first_seen(const Plan& plan, std::span<const Row> rows, const Moment& moment,
                                    std::vector<Fire>& fires) {
  for (const Row& row : rows) {
    enter_window(plan, row);
    if (!first_seen_.advance(plan, row, moment.work) || !row.seen->counted || row.time() < moment.ready_from)
      continue;
    Fire& fire = fires.emplace_back();
    if (plan.has_window()) window_.describe(plan, row.time(), nullptr, fire);
    fire.time = fire.from = row.time();
    fire.events = 1;
    fire.completing = row.place;
  }
}

std::optional<int64_t> GroupState::deadline(const Plan& plan) const {
  if (plan.correlation->kind == Correlation::Kind::numbers) return numbers_.deadline(plan);
  std::optional<int64_t> first;
  for (const ChainState& chain : chains_)
    if (auto deadline = chain.deadline(); deadline && (!first || *deadline < *first)) first = deadline;
  return first;
}

void GroupState::decide(const Plan& plan, int64_t watermark, const Moment& moment, std::vector<Fire>& fires) {
  for (auto due = deadline(plan); due && *due <= watermark; due = deadline(plan)) {
    if (plan.correlation->kind == Correlation::Kind::numbers) {
      numbers_.decide(plan, moment, fires);
      continue;
    }
    std::optional<Fire> fire;
    window_.leave_until(earlier(*due, plan.correlation->span_us), *due);
    for (size_t i = 0; i < chains_.size(); ++i) {
      if (chains_[i].deadline() != due) continue;
      Fire one = fire_of(plan.chains[i], chains_[i].take_wait(), *due, window_, plan);
      if (!fire || comes_before(*one.completing.event, *fire->completing.event)) fire = std::move(one);
    }
    if (*due < moment.ready_from) continue;
    fires.push_back(std::move(*fire));
    forget();
  }
}

void GroupState::undecided(const Plan& plan, std::vector<Undecided>& all) const {
  if (auto deadline = numbers_.deadline(plan)) all.push_back({*deadline, numbers_.last_place(), {}});
  for (size_t i = 0; i < chains_.size(); ++i) {
    const auto deadline = chains_[i].deadline();
    if (!deadline) continue;
    const std::vector<Place>& taken = chains_[i].waiting().steps;
    Undecided& open = all.emplace_back(Undecided{*deadline, taken.front(), {}});
    for (size_t step = 0; step < taken.size(); ++step)
      open.steps.emplace_back(plan.chains[i].steps[step].condition, taken[step]);
  }
}

bool GroupState::idle(const Plan& plan, int64_t time) const {
  const int64_t span_us = plan.correlation->span_us;
  switch (plan.correlation->kind) {
    case Correlation::Kind::numbers:
      return numbers_.idle(plan, time);
    case Correlation::Kind::steps:
      return std::all_of(chains_.begin(), chains_.end(),
                         [&](const ChainState& chain) { return chain.idle(time, span_us); });
    case Correlation::Kind::first_seen:
      return first_seen_.idle(time, span_us);
  }
  return false;
}

bool GroupState::fit(const Plan& plan, size_t known) {
  using Kind = Correlation::Kind;
  const Kind kind = plan.correlation->kind;
  if (!chains_.empty() && (kind != Kind::steps || chains_.size() != plan.chains.size())) return false;
  for (size_t i = 0; i < chains_.size(); ++i)
    if (!chains_[i].fit(plan.chains[i])) return false;
  if (kind == Kind::first_seen && !first_seen_.fit(plan)) return false;
  return window_.fit(plan, known) && numbers_.fit(plan, known);
}

size_t GroupState::bytes() const {
  HeldEvents events;
  size_t bytes = numbers_.bytes(events) + first_seen_.bytes() + window_.bytes() + heap_of(chains_);
  for (const ChainState& chain : chains_) bytes += chain.bytes(events);
  return bytes + events.bytes();
}

}  // namespace weir::correlate
