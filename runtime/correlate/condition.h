// The trees of a correlation's condition: numbers made of aggregates, and what holds of them.
//
// Operands stand before their users, so one forward loop computes a tree.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "runtime/match/correlation.h"

namespace weir::correlate {

// Memory to compute in, kept from one row to the next; it remembers nothing.
struct ConditionWork {
  std::vector<std::optional<double>> numbers;  // by Correlation::numbers
  std::vector<char> truths;                    // by Correlation::condition
};

// What is made of something missing, or divided by nothing, is missing.
std::optional<double> combine(match::WindowNumber::Kind kind, const std::optional<double>& left,
                              const std::optional<double>& right);
// A comparison with something missing is false.
bool compares(const match::WindowCondition& condition, const std::vector<std::optional<double>>& numbers);

// Whether a number is a length of time, in microseconds.
bool is_duration(const match::Correlation& correlation, uint32_t number);

// Computes work.numbers. `read(aggregate)` and `track(number)` (baselines and spreads, by their place among
// the numbers) give optional doubles.
template <class Read, class Track>
void compute_numbers(const match::Correlation& correlation, Read read, Track track, ConditionWork& work) {
  using Kind = match::WindowNumber::Kind;
  work.numbers.resize(correlation.numbers.size());
  for (uint32_t i = 0; i < work.numbers.size(); ++i) {
    const match::WindowNumber& number = correlation.numbers[i];
    switch (number.kind) {
      case Kind::constant:
        work.numbers[i] = number.constant;
        break;
      case Kind::aggregate:
        work.numbers[i] = read(number.aggregate);
        break;
      case Kind::baseline:
      case Kind::spread:
        work.numbers[i] = track(i);
        break;
      default:
        work.numbers[i] = combine(number.kind, work.numbers[number.left], work.numbers[number.right]);
    }
  }
}

// Whether the root holds; `leaf(condition)` decides comparisons and `new`, each of them once.
template <class Leaf>
bool holds(const match::Correlation& correlation, Leaf leaf, ConditionWork& work) {
  using Kind = match::WindowCondition::Kind;
  work.truths.resize(correlation.condition.size());
  for (size_t i = 0; i < work.truths.size(); ++i) {
    const match::WindowCondition& condition = correlation.condition[i];
    auto holding =
        static_cast<size_t>(std::count_if(condition.operands.begin(), condition.operands.end(),
                                          [&](uint32_t operand) { return work.truths[operand] != 0; }));
    switch (condition.kind) {
      case Kind::compare:
      case Kind::is_new:
        work.truths[i] = leaf(condition);
        break;
      case Kind::all:
        work.truths[i] = holding == condition.operands.size();
        break;
      case Kind::any:
        work.truths[i] = holding > 0;
        break;
      case Kind::negate:
        work.truths[i] = holding == 0;
        break;
      case Kind::at_least:
        work.truths[i] = holding >= condition.least;
        break;
    }
  }
  return !work.truths.empty() && work.truths.back() != 0;
}

}  // namespace weir::correlate
