// What was seen, in shards: two threads seldom want the same one.
#include "runtime/correlate/duplicates.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <vector>

namespace weir::correlate {
namespace {

constexpr size_t kShards = 64;

struct Key {
  uint64_t high = 0, low = 0;
  bool operator==(const Key&) const = default;
};

struct Seen {
  Key key;
  uint64_t canonical_hash = 0;
  int64_t time = 0;
};

// Open addressing in one array: an event costs one cache miss, where a node for each event costs three. The zero
// key marks a free place; no hash that is met is zero but by a chance of 1 in 2^128.
class Events {
 public:
  // The place of `key`: what was seen, or a free one with `fresh` set, which then is the key's.
  Seen& place(const Key& key, bool& fresh) {
    if (count_ * 4 >= table_.size() * 3) rebuild(std::max<size_t>(64, table_.size() * 2), [](const Seen&) { return true; });
    Seen& seen = probe(key);
    fresh = seen.key == Key{};
    if (fresh) {
      seen.key = key;
      ++count_;
    }
    return seen;
  }

  // Without the lock: what is fetched may not be the place any more, and then nothing is gained and nothing is lost.
  void fetch(const Key& key) const {
    const size_t at = key.low & mask_.load(std::memory_order_relaxed);
    __builtin_prefetch(reinterpret_cast<const void*>(begin_.load(std::memory_order_relaxed) + at * sizeof(Seen)), 1);
  }

  size_t size() const { return count_; }

  void forget_oldest_quarter() {
    std::vector<int64_t> times;
    times.reserve(count_);
    for (const Seen& seen : table_)
      if (!(seen.key == Key{})) times.push_back(seen.time);
    auto quarter = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
    std::nth_element(times.begin(), quarter, times.end());
    size_t left = times.size() / 4 + 1;  // of many equal times some must go too, or nothing would
    rebuild(table_.size(), [&, oldest = *quarter](const Seen& seen) {
      bool goes = left > 0 && seen.time <= oldest;
      if (goes) --left;
      return !goes;
    });
  }

 private:
  Seen& probe(const Key& key) {
    size_t mask = table_.size() - 1, at = key.low & mask;
    while (!(table_[at].key == key) && !(table_[at].key == Key{})) at = (at + 1) & mask;
    return table_[at];
  }
  template <class Keep>
  void rebuild(size_t size, Keep keep) {
    std::vector<Seen> before(size);
    before.swap(table_);
    begin_.store(reinterpret_cast<uintptr_t>(table_.data()), std::memory_order_relaxed);
    mask_.store(table_.size() - 1, std::memory_order_relaxed);
    count_ = 0;
    for (const Seen& seen : before) {
      if (seen.key == Key{} || !keep(seen)) continue;
      probe(seen.key) = seen;
      ++count_;
    }
  }

  std::vector<Seen> table_;  // a power of two
  size_t count_ = 0;
  std::atomic<uintptr_t> begin_ = 0;  // of the table
  std::atomic<size_t> mask_ = 0;
};

struct alignas(64) Shard {
  std::mutex mutex;
  Events first;   // by id: the first content seen
  Events others;  // by id and content: the rest, which a healthy source never has
};

Key hash(uint64_t seed, const void* data, size_t size) {
  XXH128_hash_t hash = XXH3_128bits_withSeed(data, size, seed);
  return {hash.high64, hash.low64};
}

bool within(int64_t a, int64_t b, int64_t keep) {
  uint64_t apart = a > b ? static_cast<uint64_t>(a) - static_cast<uint64_t>(b)
                         : static_cast<uint64_t>(b) - static_cast<uint64_t>(a);
  return apart <= static_cast<uint64_t>(keep);
}

}  // namespace

struct Duplicates::Impl {
  std::array<Shard, kShards> shards;
  size_t max_events_a_shard = 0;
};

Duplicates::Duplicates(Limits limits) : impl_(std::make_unique<Impl>()) {
  impl_->max_events_a_shard = std::max<size_t>(limits.max_events / kShards, 1);
}

Duplicates::~Duplicates() = default;

Duplicates::Approach Duplicates::approach(uint64_t source, std::string_view id) const {
  const Key key = hash(source, id.data(), id.size());
  impl_->shards[key.high % kShards].first.fetch(key);
  return {key.high, key.low};
}

Duplicates::Verdict Duplicates::see(const Approach& id, uint64_t canonical_hash, int64_t time, int64_t keep,
                                    Remembered* noted) {
  const Remembered event{{id.high, id.low}, canonical_hash, time};
  const Verdict verdict = meet(event, keep);
  if (noted && verdict != Verdict::duplicate) *noted = event;
  return verdict;
}

void Duplicates::recall(const Remembered& event) { meet(event, 0); }

Duplicates::Verdict Duplicates::meet(const Remembered& event, int64_t keep) {
  const Key key{event.key[0], event.key[1]};
  const uint64_t canonical_hash = event.canonical_hash;
  const int64_t time = event.time;
  Shard& shard = impl_->shards[key.high % kShards];
  std::lock_guard lock(shard.mutex);
  // What was seen under that key; null when nothing was, and then this is remembered.
  auto meet_in = [&](Events& events, const Key& as) -> Seen* {
    bool fresh = false;
    Seen& seen = events.place(as, fresh);
    if (!fresh) return &seen;
    seen.canonical_hash = canonical_hash;
    seen.time = time;
    if (events.size() > impl_->max_events_a_shard) events.forget_oldest_quarter();
    return nullptr;
  };

  Seen* first = meet_in(shard.first, key);
  if (!first) return Verdict::fresh;
  if (first->canonical_hash == canonical_hash) {
    if (within(first->time, time, keep)) return Verdict::duplicate;
    first->time = time;
    return Verdict::fresh;
  }
  const uint64_t content[] = {key.high, key.low, canonical_hash};
  Seen* same = meet_in(shard.others, hash(0, content, sizeof content));
  if (same && within(same->time, time, keep)) return Verdict::duplicate;
  if (same) same->time = time;
  return Verdict::conflict;
}

}  // namespace weir::correlate
