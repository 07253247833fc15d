// The wide number: limb i counts 2^(32 i - 1074).
#include "runtime/correlate/exact_sum.h"

#include <cmath>

namespace weir::correlate {
namespace {

constexpr int kLowestBit = -1074;  // of the smallest double
constexpr size_t kLimbs = 70;      // 2098 bits of doubles, and more than 64 for carries
constexpr uint32_t kMaxUncarried = 1u << 28;
constexpr int64_t kLimbMask = 0xffffffff;

}  // namespace

void ExactSum::add_at(unsigned __int128 magnitude, unsigned bit, int sign) {
  unsigned shift = bit % 32;
  size_t limb = bit / 32;
  unsigned __int128 high = shift ? magnitude >> (128 - shift) : 0;
  magnitude <<= shift;
  for (; magnitude || high; ++limb) {
    limbs_[limb] += sign * static_cast<int64_t>(static_cast<uint64_t>(magnitude) & kLimbMask);
    magnitude = (magnitude >> 32) | (high << 96);
    high >>= 32;
  }
  if (++uncarried_ >= kMaxUncarried) carry();
}

void ExactSum::carry() {
  for (size_t i = 0; i + 1 < limbs_.size(); ++i) {
    int64_t over = limbs_[i] >> 32;
    limbs_[i] &= kLimbMask;
    limbs_[i + 1] += over;
  }
  uncarried_ = 0;
}

bool ExactSum::sound() const {
  if (limbs_.empty()) return true;
  if (limbs_.size() != kLimbs) return false;
  for (size_t i = 0; i + 1 < kLimbs; ++i)
    if (limbs_[i] != (limbs_[i] & kLimbMask)) return false;
  return limbs_.back() < INT32_MAX && limbs_.back() > INT32_MIN;
}

void ExactSum::add_real(double real, int sign) {
  if (limbs_.empty()) limbs_.resize(kLimbs);
  int exponent = 0;
  double fraction = std::frexp(std::fabs(real), &exponent);
  auto mantissa = static_cast<uint64_t>(std::ldexp(fraction, 53));
  exponent -= 53;
  if (exponent < kLowestBit) {  // of a subnormal the low bits are zero
    mantissa >>= kLowestBit - exponent;
    exponent = kLowestBit;
  }
  add_at(mantissa, static_cast<unsigned>(exponent - kLowestBit), std::signbit(real) ? -sign : sign);
}

void ExactSum::add(const Number& term) {
  if (term.kind == Number::Kind::whole) whole_ += term.whole;
  if (term.kind == Number::Kind::real) add_real(term.real, 1);
}

void ExactSum::subtract(const Number& term) {
  if (term.kind == Number::Kind::whole) whole_ -= term.whole;
  if (term.kind == Number::Kind::real) add_real(term.real, -1);
}

void ExactSum::add_other(const ExactSum& other, int sign) {
  whole_ += sign * other.whole_;
  if (other.limbs_.empty()) return;
  if (limbs_.empty()) limbs_.resize(kLimbs);
  ExactSum carried = other;
  carried.carry();
  carry();
  for (size_t i = 0; i < kLimbs; ++i) limbs_[i] += sign * carried.limbs_[i];
  carry();
}

void ExactSum::add(const ExactSum& other) { add_other(other, 1); }
void ExactSum::subtract(const ExactSum& other) { add_other(other, -1); }

double ExactSum::value() const {
  if (limbs_.empty()) return static_cast<double>(whole_);
  ExactSum sum = *this;
  bool negative_whole = whole_ < 0;
  auto magnitude = static_cast<unsigned __int128>(whole_);
  sum.add_at(negative_whole ? -magnitude : magnitude, -kLowestBit, negative_whole ? -1 : 1);
  sum.carry();
  bool negative = sum.limbs_.back() < 0;
  if (negative) {
    for (int64_t& limb : sum.limbs_) limb = -limb;
    sum.carry();
  }
  size_t top = kLimbs;
  while (top > 0 && sum.limbs_[top - 1] == 0) --top;
  if (top == 0) return 0;
  // The three highest limbs hold at least 65 bits; what is below only decides a tie.
  unsigned __int128 digits = 0;
  for (size_t i = 0; i < 3; ++i) {
    digits <<= 32;
    if (top > i) digits |= static_cast<uint64_t>(sum.limbs_[top - 1 - i]);
  }
  for (size_t i = 3; i < top; ++i) {
    if (sum.limbs_[top - 1 - i] != 0) {
      digits |= 1;
      break;
    }
  }
  int exponent = 32 * (static_cast<int>(top) - 3) + kLowestBit;
  double result = std::ldexp(static_cast<double>(digits), exponent);
  return negative ? -result : result;
}

}  // namespace weir::correlate
