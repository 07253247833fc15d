// Of an identity the high half is sampled: the table inside RecentSet uses the low one.
#include "runtime/correlate/distinct.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "runtime/correlate/moment.h"

namespace weir::correlate {
namespace {

bool sampled(const Identity128& value, uint8_t bits) { return std::countl_zero(value.high) >= bits; }

}  // namespace

void DistinctWindow::recount() {
  counted_ =
      values_.count_if([this](const RecentSet::Seen& seen) { return sampled(seen.value, counted_bits_); });
}

void DistinctWindow::add(const Identity128& value, int64_t time, size_t most) {
  if (!sampled(value, let_in_bits_)) return;
  bool fresh = !values_.see(value, time);
  if (fresh && sampled(value, counted_bits_)) ++counted_;
  if (most > 0) {
    if (values_.size() <= most) return;
    forgotten_ = values_.oldest().time;
    values_.forget_oldest();
    --counted_;
    return;
  }
  while (values_.size() > kKeptValues) {
    ++let_in_bits_;
    counted_bits_ = std::max(counted_bits_, let_in_bits_);
    values_.forget_if([this](const RecentSet::Seen& seen) { return !sampled(seen.value, let_in_bits_); });
    recount();
  }
}

void DistinctWindow::leave_until(int64_t begin, int64_t now) {
  for (; !values_.empty() && values_.oldest().time <= begin; values_.forget_oldest())
    if (sampled(values_.oldest().value, counted_bits_)) --counted_;
  if (counted_bits_ == 0) return;
  if (let_in_bits_ < counted_bits_ && now >= settled_) {
    counted_bits_ = let_in_bits_;
    recount();
  }
  if (let_in_bits_ == counted_bits_ && values_.size() < kKeptValues / 4) {
    let_in_bits_ = 0;
    settled_ = later(now, begin == kBeginningOfTime ? kEndOfTime : now - begin);
  }
}

double DistinctWindow::count() const { return std::ldexp(static_cast<double>(counted_), counted_bits_); }

}  // namespace weir::correlate
