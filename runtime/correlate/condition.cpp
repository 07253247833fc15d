// Arithmetic and comparison of numbers that may be missing.
#include "runtime/correlate/condition.h"

namespace weir::correlate {
using match::WindowCondition;
using match::WindowNumber;
using Value = std::optional<double>;

Value combine(WindowNumber::Kind kind, const Value& left, const Value& right) {
  if (!left || !right) return std::nullopt;
  switch (kind) {
    case WindowNumber::Kind::add:
      return *left + *right;
    case WindowNumber::Kind::subtract:
      return *left - *right;
    case WindowNumber::Kind::multiply:
      return *left * *right;
    default:
      return *right == 0 ? std::nullopt : Value(*left / *right);
  }
}

bool is_duration(const match::Correlation& correlation, uint32_t index) {
  const WindowNumber& number = correlation.numbers[index];
  switch (number.kind) {
    case WindowNumber::Kind::constant:
      return false;  // a mere number is multiplied with, and one that is added follows the other operand
    case WindowNumber::Kind::aggregate:
    case WindowNumber::Kind::baseline:
    case WindowNumber::Kind::spread:
      return correlation.aggregates[number.aggregate].of_durations;
    case WindowNumber::Kind::divide:
      return is_duration(correlation, number.left) && !is_duration(correlation, number.right);
    default:
      return is_duration(correlation, number.left) || is_duration(correlation, number.right);
  }
}

bool compares(const WindowCondition& condition, const std::vector<Value>& numbers) {
  const Value &left = numbers[condition.left], &right = numbers[condition.right];
  if (!left || !right) return false;
  switch (condition.compare) {
    case WindowCondition::Compare::less:
      return *left < *right;
    case WindowCondition::Compare::less_equal:
      return *left <= *right;
    case WindowCondition::Compare::equal:
      return *left == *right;
    case WindowCondition::Compare::not_equal:
      return *left != *right;
    case WindowCondition::Compare::greater_equal:
      return *left >= *right;
    case WindowCondition::Compare::greater:
      return *left > *right;
  }
  return false;
}

}  // namespace weir::correlate
