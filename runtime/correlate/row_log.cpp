// Numbers as memory holds them: the bytes are of this process and this moment.
#include "runtime/correlate/row_log.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace weir::correlate {
namespace {

// A rule that few events match holds little, one that all match has few chunks.
constexpr size_t kFirstChunkBytes = 256;
constexpr size_t kMostChunkBytes = 64 << 10;

enum Flag : uint8_t { kCounted = 1, kConditions = 2, kSingle = 4 };  // kSingle: combination 0, silent as the group

template <class T>
void put(const T& value, std::string& out) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Seven bits a byte, the least first; all but the last have the eighth.
void put_count(uint64_t count, std::string& out) {
  for (; count >= 0x80; count >>= 7) out += static_cast<char>(count | 0x80);
  out += static_cast<char>(count);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()) {}
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  uint64_t take_count() {
    uint64_t count = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = take<uint8_t>();
      count |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return count;
    }
  }

 private:
  const char* at_;
};

bool is_single(std::span<const RowGroup> groups) {
  return groups.size() == 1 && groups[0].combination == 0 && groups[0].silence == groups[0].group;
}

}  // namespace

void pack_rows(const Observation& seen, std::span<const RowGroup> groups, std::string& out) {
  const bool single = is_single(groups);
  put(static_cast<uint8_t>((seen.counted ? kCounted : 0) | (seen.conditions ? kConditions : 0) | (single ? kSingle : 0)),
      out);
  if (seen.conditions) put(seen.conditions, out);
  put_count(seen.values.size(), out);
  for (const std::vector<RowValue>& values : seen.values) {
    put_count(values.size(), out);
    for (const RowValue& value : values) {
      put(value.identity, out);
      put(value.number.kind, out);
      if (value.number.kind != Number::Kind::none) put(value.number.whole, out);
    }
  }
  if (single) {
    put(groups[0].group, out);
    return;
  }
  put_count(groups.size(), out);
  for (const RowGroup& group : groups) {
    put(group.group, out);
    put(group.combination, out);
    put(group.silence, out);
  }
}

void unpack_rows(std::string_view packed, Observation& seen, std::vector<RowGroup>& groups) {
  Reader in(packed);
  const auto flags = in.take<uint8_t>();
  seen.counted = (flags & kCounted) != 0;
  seen.conditions = flags & kConditions ? in.take<uint64_t>() : 0;
  seen.values.resize(in.take_count());
  for (std::vector<RowValue>& values : seen.values) {
    values.resize(in.take_count());
    for (RowValue& value : values) {
      value.identity = in.take<Identity128>();
      value.number = {};
      value.number.kind = in.take<Number::Kind>();
      if (value.number.kind != Number::Kind::none) value.number.whole = in.take<int64_t>();
    }
  }
  if (flags & kSingle) {
    const auto group = in.take<Identity128>();
    groups.assign(1, {group, 0, group});
    return;
  }
  groups.resize(in.take_count());
  for (RowGroup& group : groups) {
    group.group = in.take<Identity128>();
    group.combination = in.take<uint32_t>();
    group.silence = in.take<Identity128>();
  }
}

size_t RowLog::add(uint32_t event, uint32_t combination, std::string_view packed) {
  const Head head{event, combination, packed.size()};
  const size_t bytes = sizeof head + packed.size();
  size_t taken = 0;
  if (chunks_.empty() || chunks_.back().first_event > 0 ||
      chunks_.back().bytes.capacity() - chunks_.back().bytes.size() < bytes) {
    const size_t before = chunks_.empty() ? 0 : chunks_.back().bytes.capacity();
    Chunk& chunk = chunks_.emplace_back();
    chunk.bytes.reserve(std::max(bytes, std::clamp(before * 2, kFirstChunkBytes, kMostChunkBytes)));
    taken = sizeof chunk + chunk.bytes.capacity();
  }
  std::string& to = chunks_.back().bytes;
  put(head, to);
  to += packed;
  return taken;
}

void RowLog::take(RowLog&& other, uint32_t first_event) {
  for (Chunk& chunk : other.chunks_) {
    chunk.first_event += first_event;
    chunks_.push_back(std::move(chunk));
  }
  other.chunks_.clear();
}

}  // namespace weir::correlate
