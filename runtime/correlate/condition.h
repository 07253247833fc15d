// The trees of a correlation's condition: numbers made of aggregates, and what holds of them.
//
// Operands stand before their users, so one forward loop computes a tree.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/match/correlation.h"

namespace weir::correlate {

// Memory to compute in, kept from one row to the next; it remembers nothing.
struct ConditionWork {
  std::vector<std::optional<double>> numbers;  // by Correlation::numbers
  std::vector<char> known;                     // of those: it is computed
  std::vector<char> truths;                    // by Correlation::condition
  bool all_numbers = false;                    // somebody looks at all of them, after each row
};

// What is made of something missing, or divided by nothing, is missing.
std::optional<double> combine(match::WindowNumber::Kind kind, const std::optional<double>& left,
                              const std::optional<double>& right);
// A comparison with something missing is false.
bool compares(const match::WindowCondition& condition, const std::vector<std::optional<double>>& numbers);

// Whether a number is a length of time, in microseconds.
bool is_duration(const match::Correlation& correlation, uint32_t number);

// The numbers of a condition, each computed into work.numbers when it is first asked for. `read(aggregate)`
// and `track(number)` (baselines and spreads, by their place among the numbers) give optional doubles.
template <class Read, class Track>
class NumberReader {
 public:
  NumberReader(const match::Correlation& correlation, Read read, Track track, ConditionWork& work)
      : numbers_(correlation.numbers), read_(read), track_(track), work_(work) {
    work.numbers.resize(numbers_.size());
    work.known.assign(numbers_.size(), 0);
  }

  void compute(uint32_t at) {
    using Kind = match::WindowNumber::Kind;
    if (std::exchange(work_.known[at], 1)) return;
    const match::WindowNumber& number = numbers_[at];
    switch (number.kind) {
      case Kind::constant:
        work_.numbers[at] = number.constant;
        break;
      case Kind::aggregate:
        work_.numbers[at] = read_(number.aggregate);
        break;
      case Kind::baseline:
      case Kind::spread:
        work_.numbers[at] = track_(at);
        break;
      default:
        compute(number.left);
        compute(number.right);
        work_.numbers[at] = combine(number.kind, work_.numbers[number.left], work_.numbers[number.right]);
    }
  }
  void compute_all() {
    for (uint32_t at = 0; at < numbers_.size(); ++at) compute(at);
  }

 private:
  const std::vector<match::WindowNumber>& numbers_;
  Read read_;
  Track track_;
  ConditionWork& work_;
};

// Computes work.numbers, all of them.
template <class Read, class Track>
void compute_numbers(const match::Correlation& correlation, Read read, Track track, ConditionWork& work) {
  NumberReader<Read, Track>(correlation, read, track, work).compute_all();
}

// Whether the condition of a rule without `new` holds: no more is read than that takes, for reading changes
// nothing.
template <class Read, class Track>
class LazyCondition {
 public:
  LazyCondition(const match::Correlation& correlation, Read read, Track track, ConditionWork& work)
      : correlation_(correlation), reader_(correlation, read, track, work), work_(work) {}

  bool holds() { return !correlation_.condition.empty() && holds(correlation_.condition.back()); }

 private:
  bool holds(const match::WindowCondition& condition) {
    using Kind = match::WindowCondition::Kind;
    const auto each = [this](uint32_t operand) { return holds(correlation_.condition[operand]); };
    const std::vector<uint32_t>& operands = condition.operands;
    switch (condition.kind) {
      case Kind::compare:
        reader_.compute(condition.left);
        reader_.compute(condition.right);
        return compares(condition, work_.numbers);
      case Kind::all:
        return std::all_of(operands.begin(), operands.end(), each);
      case Kind::any:
        return std::any_of(operands.begin(), operands.end(), each);
      case Kind::negate:
        return std::none_of(operands.begin(), operands.end(), each);
      case Kind::at_least:
        return static_cast<size_t>(std::count_if(operands.begin(), operands.end(), each)) >= condition.least;
      case Kind::is_new:
        break;
    }
    return false;
  }

  const match::Correlation& correlation_;
  NumberReader<Read, Track> reader_;
  ConditionWork& work_;
};

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
