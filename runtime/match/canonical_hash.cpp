// One pass. The members of an object are summed up, so that their order does not matter.
#include "runtime/match/canonical_hash.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string_view>

#include "runtime/match/decode.h"

namespace weir::match {
namespace {

constexpr size_t kShort = 16;        // bytes of text that need one multiplication
constexpr size_t kLong = 256;        // beyond, XXH3's wide registers win over the call
constexpr size_t kFewMembers = 128;  // looked through one by one for an equal key; more are sorted
constexpr size_t kKeptMembers = 1 << 14;

constexpr uint64_t kFirstHalf = 0x9E3779B97F4A7C15u, kSecondHalf = 0xBF58476D1CE4E5B9u,
                   kSize = 0x94D049BB133111EBu;
constexpr uint64_t kKey = 0xA0761D6478BD642Fu, kObject = 0xE7037ED1A0B428DBu, kArray = 0x8EBC6AF09C88C6E3u,
                   kWhole = 0x589965CC75374CC3u, kNatural = 0x1D8E4E27C47D124Fu, kReal = 0xEB44ACCAB455D165u,
                   kTrue = 0xD6E8FEB86659FD93u, kFalse = 0xA3B195354A39B70Du, kNull = 0x2545F4914F6CDD1Du;

uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

static_assert(kShort <= kPadding && kShort <= simdjson::SIMDJSON_PADDING);

uint64_t load(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Two lanes, which the processor computes side by side; what is left at the end overlaps what was read.
uint64_t of_longer_text(std::string_view text) {
  if (text.size() > kLong) return XXH3_64bits(text.data(), text.size());
  const char* at = text.data();
  const char* const end = at + text.size();
  uint64_t first = text.size() * kSize, second = kSecondHalf;
  for (; end - at > 32; at += 32) {
    first = fold(load(at) ^ kFirstHalf, load(at + 8) ^ first);
    second = fold(load(at + 16) ^ kArray, load(at + 24) ^ second);
  }
  if (end - at > 16) first = fold(load(at) ^ kFirstHalf, load(at + 8) ^ first);
  second = fold(load(end - 16) ^ kArray, load(end - 8) ^ second);
  return fold(first ^ kWhole, second ^ kFirstHalf);
}

// Short texts are read as sixteen bytes, of which those behind the end are masked out: both kinds of document
// have readable bytes there, and no branch depends on the size.
inline uint64_t of_text(std::string_view text) {
  if (text.size() > kShort) return of_longer_text(text);
  static constexpr struct Masks {
    uint8_t bytes[2 * kShort];
    constexpr Masks() : bytes() {
      for (size_t i = 0; i < kShort; ++i) bytes[i] = 0xFF;
    }
  } kMasks;
  const char* const masks = reinterpret_cast<const char*>(kMasks.bytes) + kShort - text.size();
  return fold((load(text.data()) & load(masks)) ^ kFirstHalf,
              (load(text.data() + 8) & load(masks + 8)) ^ kSecondHalf ^ (text.size() * kSize));
}

uint64_t of_number(const JsonNumber& number) {
  switch (number.kind) {
    case JsonNumber::Kind::integer:
      return fold(static_cast<uint64_t>(number.integer) ^ kWhole, kWhole);
    case JsonNumber::Kind::natural:
      return fold(number.natural ^ kNatural, kNatural);
    default:
      break;
  }
  const double real = number.real;
  if (std::abs(real) < 0x1p63 && real == std::trunc(real)) {  // one number, as in RFC 8785
    return fold(static_cast<uint64_t>(static_cast<int64_t>(real)) ^ kWhole, kWhole);
  }
  return fold(std::bit_cast<uint64_t>(real) ^ kReal, kReal);
}

}  // namespace

template <class Value>
uint64_t CanonicalHasher::hash(Value root) {
  const uint64_t result = of(root);
  if (members_.capacity() > kKeptMembers) std::vector<Member>().swap(members_);
  return result;
}

template <class Value>
uint64_t CanonicalHasher::of(Value value) {
  switch (value.kind()) {
    case JsonKind::text:
      return of_text(value.text());
    case JsonKind::object:
      return of_object(value);
    case JsonKind::array: {
      uint64_t hash = kArray;
      for (const Value item : value.items()) hash = fold(hash ^ of(item), kArray) + kArray;
      return hash;
    }
    case JsonKind::number:
      return of_number(value.number());
    case JsonKind::boolean:
      return value.truth() ? kTrue : kFalse;
    default:
      return kNull;
  }
}

template <class Value>
uint64_t CanonicalHasher::of_object(Value object) {
  const size_t base = members_.size();
  uint64_t seen[8] = {};  // a bit for nine bits of each key's hash: most keys are plainly new
  uint64_t sum = 0;
  object.each_member([&](std::string_view name, Value value) {
    const uint64_t key = of_text(name);
    const uint64_t content = value.kind() == JsonKind::text ? of_text(value.text()) : of(value);
    const uint64_t share = fold(key ^ kKey, content ^ std::rotl(key, 32));
    sum += share;
    uint64_t& word = seen[key & 7];
    const uint64_t bit = uint64_t{1} << (key >> 3 & 63);
    const bool is_new = (word & bit) == 0 || members_.size() - base > kFewMembers;
    word |= bit;
    const size_t same = is_new ? members_.size() : find(base, key);
    if (same == members_.size()) {
      members_.push_back({key, share});
    } else {
      sum -= members_[same].share;
      members_[same].share = share;
    }
  });
  if (members_.size() - base > kFewMembers) sum = sum_of_last(base);
  members_.resize(base);
  return fold(sum ^ kObject, kObject);
}

size_t CanonicalHasher::find(size_t from, uint64_t key) const {
  while (from < members_.size() && members_[from].key != key) ++from;
  return from;
}

// Of the members from there on, those that no later one overwrites.
uint64_t CanonicalHasher::sum_of_last(size_t from) {
  const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(from), end = members_.end();
  std::stable_sort(begin, end, [](const Member& a, const Member& b) { return a.key < b.key; });
  uint64_t sum = 0;
  for (auto member = begin; member != end; ++member) {
    if (member + 1 == end || (member + 1)->key != member->key) sum += member->share;
  }
  return sum;
}

template uint64_t CanonicalHasher::hash(DomValue root);
template uint64_t CanonicalHasher::hash(Cursor root);

}  // namespace weir::match
