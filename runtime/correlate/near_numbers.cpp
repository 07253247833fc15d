// The group is led through its rows once more, without warm-up or silence, and what it computes is watched.
#include "runtime/correlate/near_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/correlate/condition.h"
#include "runtime/correlate/group.h"
#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

using match::WindowCondition;
using match::WindowNumber;

// One comparison, as far as it came.
struct Watched {
  double best = -1;  // closeness
  std::optional<double> left_at_best, right_at_best, left, right;
  int64_t best_time = 0, held_from = 0;
  std::optional<double> left_after_best;  // the first smaller one
  bool holds = false, ever_held = false;
};

std::string name_of(const match::Correlation& correlation, uint32_t index) {
  const WindowNumber& number = correlation.numbers[index];
  switch (number.kind) {
    case WindowNumber::Kind::constant:
      return match::format_real(number.constant);
    case WindowNumber::Kind::aggregate:
      return correlation.aggregates[number.aggregate].text;
    case WindowNumber::Kind::baseline:
    case WindowNumber::Kind::spread:
      return number.text;
    default:
      break;
  }
  static constexpr const char* kSigns[] = {"", "", "", "", "+", "-", "*", "/"};
  return fmt::format("{} {} {}", name_of(correlation, number.left), kSigns[size_t(number.kind)],
                     name_of(correlation, number.right));
}

std::string text_of(std::optional<double> number, bool duration) {
  if (!number) return "-";
  if (duration && std::fabs(*number) < 0x1p63) return match::format_duration(static_cast<int64_t>(*number));
  return fmt::format("{:.6g}", *number);
}

double closeness_of(const WindowCondition& condition, std::optional<double> left, std::optional<double> right,
                    bool holds) {
  using Compare = WindowCondition::Compare;
  if (holds) return 1;
  if (!left || !right) return 0;
  const bool least = condition.compare == Compare::greater_equal || condition.compare == Compare::greater;
  const double small = least ? *left : *right, large = least ? *right : *left;
  if (large <= 0 || small < 0) return 0;
  return std::min(small / large, 0.999);
}

double closeness_of(const match::Correlation& correlation, const std::vector<double>& leaves, size_t index) {
  using Kind = WindowCondition::Kind;
  const WindowCondition& condition = correlation.condition[index];
  std::vector<double> parts;
  for (uint32_t operand : condition.operands) parts.push_back(closeness_of(correlation, leaves, operand));
  std::sort(parts.begin(), parts.end(), std::greater<>());
  double sum = 0;
  size_t many = condition.kind == Kind::at_least ? std::min<size_t>(condition.least, parts.size()) : parts.size();
  for (size_t i = 0; i < many; ++i) sum += parts[i];
  switch (condition.kind) {
    case Kind::compare:
    case Kind::is_new:
      return leaves[index];
    case Kind::any:
      return parts.empty() ? 0 : parts[0];
    case Kind::negate:
      return parts.empty() || parts[0] >= 1 ? 0 : 1;
    default:
      return many == 0 ? 0 : sum / static_cast<double>(many);
  }
}

class Watcher {
 public:
  Watcher(const Plan& plan, NearGroup& group)
      : plan_(plan), correlation_(*plan.correlation), group_(group), watched_(correlation_.condition.size()) {}

  void run(const std::vector<const Row*>& rows) {
    GroupState state;
    ConditionWork work;
    work.all_numbers = true;
    const Moment moment{work, kBeginningOfTime, kEndOfTime};
    std::vector<Fire> fires;
    auto decide = [&](int64_t until) {
      for (auto due = state.deadline(plan_); due && *due <= until; due = state.deadline(plan_)) {
        state.decide(plan_, *due, moment, fires);
        look(*due, work);
      }
    };
    for (const Row* row : rows) {
      decide(row->time());
      state.advance(plan_, {row, 1}, moment, fires);
      if (row->seen->counted && !state.deadline(plan_)) look(row->time(), work);
    }
    decide(kEndOfTime);
    group_.told = !fires.empty();
  }

  void write(const NearOptions& options) const {
    for (size_t i = 0; i < watched_.size(); ++i)
      if (correlation_.condition[i].kind == WindowCondition::Kind::compare)
        group_.lines.push_back(line_of(correlation_.condition[i], watched_[i], options));
  }

 private:
  void look(int64_t time, const ConditionWork& work) {
    std::vector<double> leaves(watched_.size());
    for (size_t i = 0; i < watched_.size(); ++i) {
      const WindowCondition& condition = correlation_.condition[i];
      if (condition.kind != WindowCondition::Kind::compare) continue;
      Watched& watched = watched_[i];
      const bool held = watched.holds;
      watched.left = work.numbers[condition.left];
      watched.right = work.numbers[condition.right];
      watched.holds = compares(condition, work.numbers);
      if (watched.holds && !held) watched.held_from = time;
      watched.ever_held |= watched.holds;
      leaves[i] = closeness_of(condition, watched.left, watched.right, watched.holds);
      if (leaves[i] > watched.best) {
        watched.best = leaves[i];
        watched.best_time = time;
        watched.left_at_best = watched.left;
        watched.right_at_best = watched.right;
        watched.left_after_best.reset();
      } else if (!watched.left_after_best && watched.left && watched.left_at_best &&
                 *watched.left < *watched.left_at_best) {
        watched.left_after_best = watched.left;
      }
    }
    if (!leaves.empty())
      group_.closeness = std::max(group_.closeness, closeness_of(correlation_, leaves, leaves.size() - 1));
  }

  std::string line_of(const WindowCondition& condition, const Watched& watched,
                      const NearOptions& options) const {
    static constexpr const char* kSigns[] = {"<", "<=", "==", "!=", ">=", ">"};
    const bool duration =
        is_duration(correlation_, condition.left) || is_duration(correlation_, condition.right);
    std::string line = fmt::format(
        "{:<20} {} {} {}  ", name_of(correlation_, condition.left),
        text_of(watched.ever_held ? watched.left : watched.left_at_best, duration), kSigns[size_t(condition.compare)],
        text_of(watched.ever_held ? watched.right : watched.right_at_best, duration));
    if (watched.holds) return line + fmt::format("yes, from {} on", options.time_text(watched.held_from));
    if (watched.ever_held)
      return line + fmt::format("no longer; it held at {}", options.time_text(watched.held_from));
    line += fmt::format("no, nearest {} at {}", text_of(watched.left_at_best, duration),
                        options.time_text(watched.best_time));
    if (watched.left_after_best && !duration)
      line += fmt::format(", then {} left the window",
                          text_of(*watched.left_at_best - *watched.left_after_best, false));
    return line;
  }

  const Plan& plan_;
  const match::Correlation& correlation_;
  NearGroup& group_;
  std::vector<Watched> watched_;
};

}  // namespace

void near_numbers(const Plan& plan, const std::vector<const Row*>& rows, const NearOptions& options,
                  NearGroup& group) {
  Watcher watcher(plan, group);
  watcher.run(rows);
  watcher.write(options);
}

}  // namespace weir::correlate
