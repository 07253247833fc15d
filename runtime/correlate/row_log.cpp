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

// Into room that is there: nothing is looked at for each number.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  // Seven bits a byte, the least first; all but the last have the eighth.
  void put_count(uint64_t count) {
    for (; count >= 0x80; count >>= 7) put(static_cast<uint8_t>(count | 0x80));
    put(static_cast<uint8_t>(count));
  }
  void put_text(std::string_view text) {
    put_count(text.size());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  const char* at() const { return at_; }

 private:
  char* at_;
};

constexpr size_t kMostOfCount = 10, kMostOfHead = 1 + sizeof(uint32_t) + sizeof(uint64_t) + 2 * kMostOfCount;
constexpr size_t kMostOfValue = sizeof(Identity128) + sizeof(Number::Kind) + sizeof(int64_t) + kMostOfCount;
constexpr size_t kMostOfGroup = 2 * sizeof(Identity128) + sizeof(uint32_t);

size_t most_bytes(const Observation& seen, std::span<const RowGroup> groups) {
  size_t bytes = kMostOfHead + groups.size() * kMostOfGroup;
  for (const std::vector<RowValue>& values : seen.values)
    bytes += kMostOfCount + values.size() * kMostOfValue;
  return bytes + seen.texts.size();
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
  std::string_view take_text() {
    const size_t size = take_count();
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  const char* at_;
};

bool is_single(std::span<const RowGroup> groups) {
  return groups.size() == 1 && groups[0].combination == 0 && groups[0].silence == groups[0].group;
}

}  // namespace

std::string_view pack_rows(const Observation& seen, std::span<const RowGroup> groups, std::string& room) {
  if (const size_t most = most_bytes(seen, groups); room.size() < most) room.resize(most);
  const bool single = is_single(groups);
  Writer out(room.data());
  out.put(static_cast<uint8_t>((seen.counted ? kCounted : 0) | (seen.conditions ? kConditions : 0) |
                               (single ? kSingle : 0)));
  if (!single) out.put(groups[0].combination);
  if (seen.conditions) out.put(seen.conditions);
  out.put_count(seen.values.size());
  for (const std::vector<RowValue>& values : seen.values) {
    out.put_count(values.size());
    for (const RowValue& value : values) {
      out.put(value.identity);
      out.put(value.number.kind);
      if (value.number.kind != Number::Kind::none) out.put(value.number.whole);
      out.put_text(seen.text_of(value));
    }
  }
  if (single) {
    out.put(groups[0].group);
  } else {
    out.put_count(groups.size());
    for (const RowGroup& group : groups) {
      out.put(group.group);
      out.put(group.combination);
      out.put(group.silence);
    }
  }
  return {room.data(), static_cast<size_t>(out.at() - room.data())};
}

uint32_t first_combination(std::string_view packed) {
  Reader in(packed);
  return in.take<uint8_t>() & kSingle ? 0 : in.take<uint32_t>();
}

void unpack_rows(std::string_view packed, Observation& seen, std::vector<RowGroup>& groups) {
  Reader in(packed);
  const auto flags = in.take<uint8_t>();
  if (!(flags & kSingle)) in.take<uint32_t>();
  seen.counted = (flags & kCounted) != 0;
  seen.conditions = flags & kConditions ? in.take<uint64_t>() : 0;
  seen.texts.clear();
  seen.values.resize(in.take_count());
  for (std::vector<RowValue>& values : seen.values) {
    values.resize(in.take_count());
    for (RowValue& value : values) {
      value.identity = in.take<Identity128>();
      value.number = {};
      value.number.kind = in.take<Number::Kind>();
      if (value.number.kind != Number::Kind::none) value.number.whole = in.take<int64_t>();
      seen.add_text(value, in.take_text());
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

size_t RowLog::add(uint32_t event, std::string_view packed) {
  const Head head{event, static_cast<uint32_t>(packed.size())};
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
  to.append(reinterpret_cast<const char*>(&head), sizeof head);
  to += packed;
  ++blocks_;
  return taken;
}

void RowLog::take(RowLog&& other, uint32_t first_event) {
  for (Chunk& chunk : other.chunks_) {
    chunk.first_event += first_event;
    chunks_.push_back(std::move(chunk));
  }
  other.chunks_.clear();
  blocks_ += std::exchange(other.blocks_, 0);
}

}  // namespace weir::correlate
