// Two sorted sequences, walked together where both hold something.
#include "runtime/correlate/ranks.h"

#include <algorithm>
#include <cmath>

namespace weir::correlate {
namespace {

// percent * count may be a hair above the whole number that it stands for.
constexpr double kHair = 1e-9;

}  // namespace

void Ranks::enter(const RankEntry& entry) {
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), entry.number), entry.number);
}

void Ranks::leave(const RankEntry& entry) {
  sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), entry.number));
}

void Ranks::fold(const RankEntry& entry, Sketch& pane) {
  leave(entry);
  pane.add(entry.number);
  folded_.add(entry.number);
}

std::optional<double> Ranks::percentile(double percent) const {
  uint64_t count = sorted_.size() + folded_.count();
  if (count == 0) return std::nullopt;
  double nearest = std::ceil(percent * static_cast<double>(count) / 100 - kHair);
  uint64_t rank = nearest < 1 ? 1 : std::min<uint64_t>(static_cast<uint64_t>(nearest), count);
  if (folded_.count() == 0) return sorted_[rank - 1];
  auto single = sorted_.begin();
  for (const Sketch::Bucket& bucket : folded_.buckets()) {
    double middle = Sketch::middle_of(bucket.key);
    for (; single != sorted_.end() && *single <= middle; ++single)
      if (--rank == 0) return *single;
    if (rank <= bucket.count) return middle;
    rank -= bucket.count;
  }
  return *(single + static_cast<std::ptrdiff_t>(rank - 1));
}

}  // namespace weir::correlate
