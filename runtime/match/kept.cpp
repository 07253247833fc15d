// A window keeps what its comparisons need, and what messages show.
#include "runtime/match/kept.h"

#include <cmath>
#include <utility>

namespace weir::match {
namespace {

using What = GroupPart::What;

// How many of the newest decide every comparison of a count with this constant.
size_t deciding_comparison(WindowCondition::Compare compare, double constant) {
  using Compare = WindowCondition::Compare;
  const bool next = compare != Compare::greater_equal && compare != Compare::less;
  const double most = next ? std::floor(constant) + 1 : std::ceil(constant);
  return most < 1 ? 1 : most > 1e9 ? size_t{1'000'000'000} : static_cast<size_t>(most);
}

// A tumbling window folds each event at once: nothing leaves it.
bool folds_at_once(const Correlation& correlation) {
  return correlation.window != Correlation::Window::sliding && correlation.kind == Correlation::Kind::numbers;
}

bool is_tracked(const WindowNumber& number) {
  return number.kind == WindowNumber::Kind::baseline || number.kind == WindowNumber::Kind::spread;
}

bool has_window(const Correlation& correlation) {
  return correlation.kind == Correlation::Kind::numbers || !correlation.aggregates.empty();
}

// The room of an array to whose end all is added, and from whose begin all is taken, that holds `most` at a time.
size_t queue_bytes(size_t most, size_t each) {
  return heap_bytes((most <= 1 ? most : room_for(room_for(most))) * each);
}

// The same in blocks, of which the first may be as good as empty.
size_t blocks_bytes(size_t most, size_t each) {
  const size_t block = per_block(each);
  if (most == 0) return 0;
  const size_t first = most <= 1 ? most : std::min(block, room_for(room_for(most)));
  const size_t others = most > block / 2 ? (most + block - 1) / block : 0;
  const size_t table = others == 0 ? 0 : 32 + heap_bytes(room_for(others) * sizeof(void*));
  return table + heap_bytes(first * each) + others * heap_bytes(block * each);
}

size_t values_bytes(size_t values) {
  return blocks_bytes(values, kSeenBytes) + heap_bytes(places_for(values) * 4);
}

// What one group that has seen `events` takes, part by part.
class Group {
 public:
  Group(const Correlation& correlation, const Kept& kept, size_t events)
      : correlation_(correlation), kept_(kept), events_(events), at_once_(folds_at_once(correlation)) {}

  std::vector<GroupPart> parts() {
    const bool closed = correlation_.window == Correlation::Window::tumbling_closed;
    parts_.push_back({What::group, 0, 1, kEntryOfGroup,
                      heap_bytes(kEntryOfGroup) + kPlaceInTable +
                          (closed && !correlation_.numbers.empty() ? heap_bytes(kDeadlineBytes) + kEventBytes : 0)});
    if (has_window(correlation_)) window();
    slots();
    steps();
    if (correlation_.kind == Correlation::Kind::first_seen) {
      size_t leaves = 0;
      for (const WindowCondition& leaf : correlation_.condition) leaves += leaf.kind == WindowCondition::Kind::is_new;
      parts_.push_back({What::values, 0, leaves, kSeenBytes,
                        heap_bytes(kSetBytes * correlation_.condition.size()) + leaves * values_bytes(1)});
    }
    return std::move(parts_);
  }

 private:
  size_t seen(size_t most) const { return std::min(most, events_); }

  // Of a window that folds what is beyond `limit`; one more stands in it for a moment.
  size_t paned(size_t limit, size_t each, size_t each_pane, size_t of_pane) const {
    const size_t most_panes = at_once_ ? 1 : kPanes + 2;
    const size_t panes = events_ > limit ? std::min(most_panes, events_ - limit) : 0;
    return blocks_bytes(seen(limit + 1), each) + queue_bytes(panes, each_pane) + (panes == 0 ? 0 : (panes + 1) * of_pane);
  }

  void window() {
    parts_.push_back({What::rows, 0, seen(kept_.row_entries), kTimeBytes,
                      paned(kept_.row_entries, kTimeBytes, kPaneBytes, 0) +
                          heap_bytes(correlation_.aggregates.size() * kAggregateBytes)});
    for (size_t i = 0; i < correlation_.aggregates.size(); ++i) parts_.push_back(aggregate(i, at_once_));
  }

  GroupPart aggregate(size_t index, bool at_once) const {
    const Aggregate& aggregate = correlation_.aggregates[index];
    const Kept::OfAggregate& keep = kept_.aggregates[index];
    const size_t entries = at_once ? 0 : keep.entries, exact = at_once ? 0 : kExactEntries;
    switch (aggregate.kind) {
      case Aggregate::Kind::sample: {
        const size_t most = seen(std::max<size_t>(1, static_cast<size_t>(aggregate.parameter)));
        return {What::entries, index, most, kSampledTextBytes,
                heap_bytes(2 * most * kSampledBytes) + most * heap_bytes(kSampledTextBytes)};
      }
      case Aggregate::Kind::distinct: {
        const size_t most = keep.values > 0 ? keep.values : kKeptValues;
        return {What::values, index, seen(most), kBytesOfValue, values_bytes(seen(most + 1))};
      }
      case Aggregate::Kind::count: {
        const bool few = keep.entries < kExactEntries && !at_once;
        return {few ? What::times : What::entries, index, seen(entries), kTimeBytes,
                paned(entries, kTimeBytes, kPaneBytes, 0)};
      }
      case Aggregate::Kind::sum:
      case Aggregate::Kind::average:
        return {What::entries, index, seen(entries), kNumberBytes,
                paned(entries, kNumberBytes, kSumPaneBytes, heap_bytes(kRealSumBytes))};
      case Aggregate::Kind::minimum:
      case Aggregate::Kind::maximum: {
        const size_t most = at_once ? 1 : seen(kExactEntries + 1);
        return {What::entries, index, most, kExtremeBytes, blocks_bytes(most, kExtremeBytes)};
      }
      case Aggregate::Kind::percentile:
        return {What::entries, index, seen(exact), kRankBytes,
                paned(exact, kRankBytes, kRankPaneBytes, heap_bytes(kSketchBytes)) +
                    heap_bytes(2 * seen(exact + 1) * sizeof(double))};
    }
    return {};
  }

  void slots() {
    if (kept_.tracked.empty()) return;
    size_t bytes = heap_bytes(kept_.tracked.size() * kTrackedBytes) + heap_bytes(correlation_.numbers.size() * 16);
    for (uint32_t one : kept_.tracked) bytes += aggregate(one, true).bytes;
    for (size_t i = 0; i < correlation_.numbers.size(); ++i) {
      const WindowNumber& number = correlation_.numbers[i];
      if (!is_tracked(number) || correlation_.span_us <= 0) continue;
      const auto most = static_cast<size_t>(number.over_us / correlation_.span_us) + 1;
      const size_t slots = std::min(most, events_ - 1);
      parts_.push_back({What::slots, i, slots, kSlotBytes, std::exchange(bytes, 0) + queue_bytes(slots, kSlotBytes)});
    }
  }

  void steps() {
    size_t index = 0;
    for (const Chain& chain : correlation_.chains) {
      const auto taken = static_cast<size_t>(
          std::count_if(chain.steps.begin(), chain.steps.end(), [](const CorrelationStep& step) { return !step.negated; }));
      const bool waits = chain.steps.back().negated && !chain.any_order;
      size_t beside = kChainBytes + heap_bytes(taken * kPartialBytes) + (waits ? heap_bytes(kDeadlineBytes) : 0);
      size_t before = 0;
      for (const CorrelationStep& step : chain.steps) {
        // The partial match up to a step has an event for each of them; the last step completes it, or waits.
        size_t events = step.negated ? 0 : chain.any_order ? 1 : before + 1;
        if (!step.negated && ++before == taken && !waits && !chain.any_order) events = 0;
        if (!step.negated && taken == 1 && waits) events = 2;  // that which waits, and the latest
        events = before == 1 ? seen(events) : events_ == 1 ? 0 : events;
        parts_.push_back({What::steps, index, events, kEventBytes,
                          std::exchange(beside, 0) + events * kEventBytes + heap_bytes(events * kPlaceBytes)});
        if (!step.negated && (step.count > 1 || before == 1))
          parts_.push_back({What::times, index, seen(step.count), kTimeBytes, queue_bytes(seen(step.count), kTimeBytes)});
        ++index;
      }
    }
  }

  const Correlation& correlation_;
  const Kept& kept_;
  size_t events_;
  bool at_once_;
  std::vector<GroupPart> parts_;
};

}  // namespace

size_t deciding(const Correlation& correlation, uint32_t aggregate) {
  const auto asks = [&](uint32_t number) {
    const WindowNumber& n = correlation.numbers[number];
    return n.kind == WindowNumber::Kind::aggregate && n.aggregate == aggregate;
  };
  size_t most = 0;
  for (const WindowNumber& number : correlation.numbers) {
    if (number.kind < WindowNumber::Kind::add) continue;
    if (asks(number.left) || asks(number.right)) return 0;
  }
  for (const WindowCondition& condition : correlation.condition) {
    if (condition.kind != WindowCondition::Kind::compare) continue;
    if (asks(condition.right)) return 0;
    if (!asks(condition.left)) continue;
    const WindowNumber& right = correlation.numbers[condition.right];
    if (right.kind != WindowNumber::Kind::constant) return 0;
    most = std::max(most, deciding_comparison(condition.compare, right.constant));
  }
  return most;
}

Kept kept_of(const Correlation& correlation, const std::function<bool(uint32_t)>& shown) {
  constexpr size_t kFewEntries = 64;
  const bool at_once = folds_at_once(correlation);
  Kept kept;
  kept.row_entries = at_once ? 0 : kFewEntries;
  for (uint32_t i = 0; i < correlation.aggregates.size(); ++i) {
    const size_t most = deciding(correlation, i);
    const Aggregate::Kind kind = correlation.aggregates[i].kind;
    Kept::OfAggregate& one = kept.aggregates.emplace_back();
    one.entries = kExactEntries;
    if (kind == Aggregate::Kind::count && most > 0 && !shown(i)) one.entries = std::min(most, kExactEntries);
    if (at_once) one.entries = 0;
    if (kind == Aggregate::Kind::distinct && most <= kMaxDecidingValues) one.values = most;
    const size_t entries = one.values > 0 ? std::min(one.values, kExactEntries) : one.entries;
    if (!at_once) kept.row_entries = std::max(kept.row_entries, entries);
  }
  for (const WindowNumber& number : correlation.numbers) {
    if (!is_tracked(number)) continue;
    kept.tracked.push_back(number.aggregate);
    kept.tracked_us = std::max(kept.tracked_us, number.over_us);
  }
  std::sort(kept.tracked.begin(), kept.tracked.end());
  kept.tracked.erase(std::unique(kept.tracked.begin(), kept.tracked.end()), kept.tracked.end());
  return kept;
}

std::vector<GroupPart> group_parts(const Correlation& correlation, const Kept& kept, size_t events) {
  return Group(correlation, kept, events).parts();
}

size_t group_bytes(const Correlation& correlation, const Kept& kept, size_t events) {
  size_t bytes = 0;
  for (const GroupPart& part : group_parts(correlation, kept, events)) bytes += part.bytes;
  return bytes;
}

}  // namespace weir::match
