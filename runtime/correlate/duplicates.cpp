// What was seen, in shards: two threads seldom want the same one.
#include "runtime/correlate/duplicates.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace weir::correlate {
namespace {

constexpr size_t kShards = 64;

struct Key {
  uint64_t high = 0, low = 0;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  size_t operator()(const Key& key) const { return static_cast<size_t>(key.low); }
};

struct Seen {
  uint64_t canonical_hash = 0;
  int64_t time = 0;
};
using Events = std::unordered_map<Key, Seen, KeyHash>;

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

void forget_oldest_quarter(Events& events) {
  std::vector<int64_t> times;
  times.reserve(events.size());
  for (const auto& [key, seen] : events) times.push_back(seen.time);
  auto quarter = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 4);
  std::nth_element(times.begin(), quarter, times.end());
  // Of many equal times some must go too, or nothing would.
  size_t left = times.size() / 4 + 1;
  std::erase_if(events, [&](const auto& event) {
    bool goes = left > 0 && event.second.time <= *quarter;
    if (goes) --left;
    return goes;
  });
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

Duplicates::Verdict Duplicates::see(uint16_t source, std::string_view id, uint64_t canonical_hash,
                                    int64_t time, int64_t keep) {
  const Key key = hash(source, id.data(), id.size());
  Shard& shard = impl_->shards[key.high % kShards];
  std::lock_guard lock(shard.mutex);
  auto remember = [&](Events& events, const Key& as) {
    auto [entry, fresh] = events.try_emplace(as, Seen{canonical_hash, time});
    if (fresh && events.size() > impl_->max_events_a_shard) forget_oldest_quarter(events);
  };

  auto first = shard.first.find(key);
  if (first == shard.first.end()) {
    remember(shard.first, key);
    return Verdict::fresh;
  }
  if (first->second.canonical_hash == canonical_hash) {
    if (within(first->second.time, time, keep)) return Verdict::duplicate;
    first->second.time = time;
    return Verdict::fresh;
  }
  const uint64_t content[] = {key.high, key.low, canonical_hash};
  const Key other = hash(source, content, sizeof content);
  auto seen = shard.others.find(other);
  if (seen != shard.others.end() && within(seen->second.time, time, keep)) return Verdict::duplicate;
  if (seen != shard.others.end()) {
    seen->second.time = time;
  } else {
    remember(shard.others, other);
  }
  return Verdict::conflict;
}

}  // namespace weir::correlate
