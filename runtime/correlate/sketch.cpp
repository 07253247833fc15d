// Keys: 0 is zero, those of negative numbers mirror those of positive ones.
#include "runtime/correlate/sketch.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace weir::correlate {
namespace {

constexpr int32_t kAnOctave = 64;
constexpr int32_t kLowestExponent = -1080;  // below that of the smallest double

int32_t key_of(double number) {
  if (number == 0) return 0;
  int exponent = 0;
  double fraction = std::frexp(std::fabs(number), &exponent);  // [0.5, 1)
  auto within = static_cast<int32_t>((fraction - 0.5) * (2 * kAnOctave));
  int32_t key = (exponent - kLowestExponent) * kAnOctave + within + 1;
  return number < 0 ? -key : key;
}

}  // namespace

double Sketch::middle_of(int32_t key) {
  if (key == 0) return 0;
  int32_t place = std::abs(key) - 1;
  double fraction = 0.5 + (place % kAnOctave + 0.5) / (2 * kAnOctave);
  double number = std::ldexp(fraction, place / kAnOctave + kLowestExponent);
  return key < 0 ? -number : number;
}

void Sketch::add(double number) {
  int32_t key = key_of(number);
  auto at = std::lower_bound(buckets_.begin(), buckets_.end(), key,
                             [](const Bucket& bucket, int32_t key) { return bucket.key < key; });
  if (at == buckets_.end() || at->key != key) at = buckets_.insert(at, {key, 0});
  ++at->count;
  ++count_;
}

void Sketch::add(const Sketch& other) {
  std::vector<Bucket> both;
  auto mine = buckets_.begin();
  for (const Bucket& bucket : other.buckets_) {
    while (mine != buckets_.end() && mine->key < bucket.key) both.push_back(*mine++);
    both.push_back(bucket);
    if (mine != buckets_.end() && mine->key == bucket.key) both.back().count += mine++->count;
  }
  both.insert(both.end(), mine, buckets_.end());
  buckets_ = std::move(both);
  count_ += other.count_;
}

bool Sketch::sound() {
  constexpr int32_t kHighestKey = 4096 * kAnOctave;  // beyond that of the greatest double
  count_ = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i].count == 0 || (i > 0 && buckets_[i].key <= buckets_[i - 1].key)) return false;
    if (buckets_[i].key > kHighestKey || buckets_[i].key < -kHighestKey) return false;
    count_ += buckets_[i].count;
  }
  return true;
}

void Sketch::subtract(const Sketch& other) {
  auto mine = buckets_.begin();
  for (const Bucket& bucket : other.buckets_) {
    while (mine != buckets_.end() && mine->key < bucket.key) ++mine;
    if (mine != buckets_.end()) mine->count -= bucket.count;
  }
  std::erase_if(buckets_, [](const Bucket& bucket) { return bucket.count == 0; });
  count_ -= other.count_;
}

}  // namespace weir::correlate
