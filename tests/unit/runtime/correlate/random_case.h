// Random correlations and rows for comparing engines: small numbers of everything, so that ties, empty
// windows, equal values and missing ones are common.
#pragma once

#include <random>

#include "model.h"

namespace weir::correlate::model {

class CaseMaker {
 public:
  explicit CaseMaker(uint32_t seed) : random_(seed) {}
  Case numbers();
  Case steps();
  Case first_seen();

 private:
  int64_t upto(int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random_); }
  bool chance(int percent) { return upto(99) < percent; }
  void rows(Case& one, int64_t most, int64_t times);
  void suppress(Case& one);
  match::Aggregate aggregate();
  match::Chain chain();
  void condition_tree(match::Correlation& correlation);

  std::mt19937 random_;
};

inline constexpr uint32_t kConditions = 4, kValues = 2;

}  // namespace weir::correlate::model
