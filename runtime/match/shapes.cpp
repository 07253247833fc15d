// A set-associative cache, as a processor's.
#include "runtime/match/shapes.h"

#include <cstring>
#include <utility>

namespace weir::match {
namespace {

uint64_t load(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Four lanes, which the processor computes side by side. Whoever finds two shapes of one hash gains nothing:
// they are compared.
uint64_t hash_of(const char* kinds, size_t count) {
  constexpr size_t kStep = 64;
  static_assert(kStep <= Tokens::kKindPadding);
  constexpr uint64_t kFactors[] = {0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u, 0xa0761d6478bd642fu,
                                   0xe7037ed1a0b428dbu};
  uint64_t first = count, second = kFactors[1], third = kFactors[2], fourth = kFactors[3];
  for (size_t at = 0; at < count; at += kStep) {
    first = fold(load(kinds + at) ^ kFactors[0], load(kinds + at + 8) ^ first);
    second = fold(load(kinds + at + 16) ^ kFactors[1], load(kinds + at + 24) ^ second);
    third = fold(load(kinds + at + 32) ^ kFactors[2], load(kinds + at + 40) ^ third);
    fourth = fold(load(kinds + at + 48) ^ kFactors[3], load(kinds + at + 56) ^ fourth);
  }
  return fold(first ^ kFactors[0], second ^ kFactors[1]) + fold(third ^ kFactors[2], fourth ^ kFactors[3]);
}

using Sixteen = uint64_t __attribute__((vector_size(16)));

Sixteen load_sixteen(const char* at) {
  Sixteen bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

// Both have kKindPadding bytes behind them, zeros. Sixteen at a time, without a call.
bool are_same(const char* a, const char* b, size_t count) {
  Sixteen differs{};
  for (size_t at = 0; at < count; at += 2 * sizeof(Sixteen)) {
    differs |= load_sixteen(a + at) ^ load_sixteen(b + at);
    differs |= load_sixteen(a + at + sizeof(Sixteen)) ^ load_sixteen(b + at + sizeof(Sixteen));
  }
  return (differs[0] | differs[1]) == 0;
}

}  // namespace

size_t Shapes::find(const Tokens& tokens) {
  const size_t count = tokens.count();
  if (count == 0 || count > kMostTokens) return kMost;
  hash_ = hash_of(tokens.kinds(), count);
  const size_t set = hash_ % sets_.size();
  static_assert(kWays == 2);
  const size_t way = shapes_[set * kWays + 1].hash == hash_;  // not a branch: which it is, is hard to foresee
  const Shape& shape = shapes_[set * kWays + way];
  if (shape.hash != hash_ || shape.count != count || !are_same(shape.kinds.data(), tokens.kinds(), count))
    return kMost;
  sets_[set].oldest = static_cast<uint32_t>(kWays - 1 - way);
  return set * kWays + way;
}

void Shapes::note(const Tokens& tokens, const std::vector<uint32_t>& closes, const std::vector<uint32_t>& scalars) {
  const uint32_t count = tokens.count();
  if (count > kMostTokens) return;
  Set& set = sets_[hash_ % sets_.size()];
  if (std::exchange(set.came, hash_) != hash_) return;
  Shape& shape = shapes_[hash_ % sets_.size() * kWays + set.oldest];
  set.oldest = static_cast<uint32_t>(kWays - 1 - set.oldest);
  shape.hash = hash_;
  shape.serial = ++remembered_;
  shape.count = count;
  shape.kinds.assign(tokens.kinds(), tokens.kinds() + count + Tokens::kKindPadding);
  shape.closes.assign(closes.begin(), closes.begin() + count);
  shape.scalars = scalars;
}

}  // namespace weir::match
