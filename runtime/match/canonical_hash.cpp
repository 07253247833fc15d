// One pass; see canonical_hash.h.
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
constexpr uint64_t kRoot = 0xA0761D6478BD642Fu, kKey = 0xD1B54A32D192ED03u, kObject = 0xE7037ED1A0B428DBu,
                   kArray = 0x8EBC6AF09C88C6E3u, kWhole = 0x589965CC75374CC3u, kNatural = 0x1D8E4E27C47D124Fu,
                   kReal = 0xEB44ACCAB455D165u, kTrue = 0xD6E8FEB86659FD93u, kFalse = 0xA3B195354A39B70Du,
                   kNull = 0x2545F4914F6CDD1Du;

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
uint64_t of_longer_text(uint64_t seed, std::string_view text) {
  if (text.size() > kLong)
    return fold(XXH3_64bits(text.data(), text.size()) ^ seed, kWhole ^ std::rotl(seed, 32));
  const char* at = text.data();
  const char* const end = at + text.size();
  uint64_t first = seed ^ text.size() * kSize, second = std::rotl(seed, 32);
  for (; end - at > 32; at += 32) {
    first = fold(load(at) ^ kFirstHalf, load(at + 8) ^ first);
    second = fold(load(at + 16) ^ kArray, load(at + 24) ^ second);
  }
  if (end - at > 16) first = fold(load(at) ^ kFirstHalf, load(at + 8) ^ first);
  second = fold(load(end - 16) ^ kArray, load(end - 8) ^ second);
  return fold(first ^ kWhole, second ^ kFirstHalf);
}

// What a text says at a path, or, with kKey, as a key. Short texts are read as sixteen bytes, of which those
// behind the end are masked out: both kinds of document have readable bytes there, and no branch depends on
// the size.
inline uint64_t of_text(uint64_t seed, std::string_view text) {
  if (text.size() > kShort) return of_longer_text(seed, text);
  static constexpr struct Masks {
    uint8_t bytes[2 * kShort];
    constexpr Masks() : bytes() {
      for (size_t i = 0; i < kShort; ++i) bytes[i] = 0xFF;
    }
  } kMasks;
  const char* const masks = reinterpret_cast<const char*>(kMasks.bytes) + kShort - text.size();
  return fold(
      (load(text.data()) & load(masks)) ^ kFirstHalf ^ seed,
      (load(text.data() + 8) & load(masks + 8)) ^ kSecondHalf ^ (text.size() * kSize) ^ std::rotl(seed, 32));
}

// What any other value says there: `kind` is one of the constants, or what stands for a number.
uint64_t of_other(uint64_t path, uint64_t kind) {
  return fold(path ^ kFirstHalf, kind ^ std::rotl(path, 32));
}

uint64_t below(uint64_t path, std::string_view key) { return fold(path ^ kObject, of_text(kKey, key)); }

uint64_t below(uint64_t path, size_t item) { return fold(path ^ kArray, (item + 1) * kSize); }

uint64_t whole(uint64_t sum) { return fold(sum ^ kWhole, kObject); }

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

// ---- a record of any shape

template <class Value>
uint64_t CanonicalHasher::hash_of(Value root) {
  const uint64_t result = whole(sum(root, kRoot));
  if (members_.capacity() > kKeptMembers) std::vector<Member>().swap(members_);
  return result;
}

template <class Value>
uint64_t CanonicalHasher::sum(Value value, uint64_t path) {
  switch (value.kind()) {
    case JsonKind::text:
      return of_text(path, value.text());
    case JsonKind::object:
      return sum_of_object(value, path);
    case JsonKind::array: {
      size_t count = 0;
      uint64_t sum = 0;
      for (const Value item : value.items()) sum += this->sum(item, below(path, count++));
      return count == 0 ? of_other(path, kArray) : sum;
    }
    case JsonKind::number:
      return of_other(path, of_number(value.number()));
    case JsonKind::boolean:
      return of_other(path, value.truth() ? kTrue : kFalse);
    default:
      return of_other(path, kNull);
  }
}

template <class Value>
uint64_t CanonicalHasher::sum_of_object(Value object, uint64_t path) {
  const size_t base = members_.size();
  uint64_t seen[8] = {};  // a bit for nine bits of each key's hash: most keys are plainly new
  uint64_t sum = 0;
  object.each_member([&](std::string_view name, Value value) {
    const uint64_t key = below(path, name);
    const uint64_t share = this->sum(value, key);
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
  const size_t count = members_.size() - base;
  if (count > kFewMembers) sum = sum_of_last(base);
  members_.resize(base);
  return count == 0 ? of_other(path, kObject) : sum;
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

uint64_t CanonicalHasher::hash(DomValue root) { return hash_of(root); }

// ---- of a form

uint64_t CanonicalHasher::hash(Cursor root) {
  const Structure& structure = root.structure();
  const Leaves* const leaves = leaves_.find(structure, [&] { return Leaves(root); });
  return leaves ? whole(leaves->sum(structure)) : hash_of(root);
}

uint64_t CanonicalHasher::Leaves::sum(const Structure& structure) const {
  uint64_t sum = rest_;
  for (const Leaf& leaf : texts_) sum += of_text(leaf.path, structure.text(leaf.token, nullptr));
  for (const Leaf& leaf : numbers_)
    sum += of_other(leaf.path, of_number(Cursor(structure, leaf.token).number()));
  return sum;
}

CanonicalHasher::Leaves::Leaves(Cursor root) { add(root, kRoot); }

void CanonicalHasher::Leaves::add(Cursor value, uint64_t path) {
  switch (value.kind()) {
    case JsonKind::text:
      texts_.push_back({path, value.token()});
      break;
    case JsonKind::object: {
      size_t count = 0;
      value.each_member([&](std::string_view name, Cursor member) {
        add(member, below(path, name));
        ++count;
      });
      if (count == 0) rest_ += of_other(path, kObject);
      break;
    }
    case JsonKind::array: {
      size_t count = 0;
      for (const Cursor item : value.items()) add(item, below(path, count++));
      if (count == 0) rest_ += of_other(path, kArray);
      break;
    }
    case JsonKind::number:
      numbers_.push_back({path, value.token()});
      break;
    case JsonKind::boolean:
      rest_ += of_other(path, value.truth() ? kTrue : kFalse);
      break;
    default:
      rest_ += of_other(path, kNull);
  }
}

}  // namespace weir::match
