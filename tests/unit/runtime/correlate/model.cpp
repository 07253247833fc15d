// Definitions, spelled out.
#include "model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace weir::correlate::model {
namespace {

using match::Aggregate;
using match::Correlation;
using match::WindowCondition;
using match::WindowNumber;
using Value = std::optional<double>;
using Rows = std::vector<const Row*>;

int64_t slot_at(int64_t time, int64_t span) {
  return static_cast<int64_t>(std::floor(double(time) / double(span)));
}
bool counted(const Row& row) { return row.seen->counted; }
const StoredEvent* event(const Row& row) { return row.place.event.get(); }

std::set<Identity128> combos(const Row& row, const std::vector<uint32_t>& which) {
  std::set<Identity128> all;
  each_combination(*row.seen, which, [&](const Identity128& value) { all.insert(value); });
  return all;
}

Value aggregate_of(const Aggregate& aggregate, const Rows& window) {
  uint64_t rows = 0;
  std::set<Identity128> different;
  std::vector<double> numbers;
  for (const Row* row : window) {
    if (aggregate.where && !row->holds(*aggregate.where)) continue;
    ++rows;
    for (const Identity128& value : combos(*row, aggregate.values)) different.insert(value);
    if (aggregate.values.empty()) continue;
    for (const RowValue& value : row->seen->values[aggregate.values[0]])
      if (value.number.kind != Number::Kind::none) numbers.push_back(value.number.as_double());
  }
  std::sort(numbers.begin(), numbers.end());
  double sum = 0;  // the tests' numbers are small multiples of 1/4: exact
  for (double number : numbers) sum += number;
  switch (aggregate.kind) {
    case Aggregate::Kind::count:
      return double(rows);
    case Aggregate::Kind::distinct:
      return double(different.size());
    case Aggregate::Kind::sum:
      return sum;
    case Aggregate::Kind::average:
      return numbers.empty() ? Value() : Value(sum / double(numbers.size()));
    case Aggregate::Kind::minimum:
      return numbers.empty() ? Value() : Value(numbers.front());
    case Aggregate::Kind::maximum:
      return numbers.empty() ? Value() : Value(numbers.back());
    case Aggregate::Kind::percentile: {
      if (numbers.empty()) return {};
      size_t rank = 1;  // the smallest that at least so many percent do not exceed
      while (double(rank) * 100 < aggregate.parameter * double(numbers.size())) ++rank;
      return numbers[rank - 1];
    }
    case Aggregate::Kind::sample:
      return {};
  }
  return {};
}

class Model {
 public:
  explicit Model(const Case& one) : case_(one), c_(one.correlation) {}

  std::vector<Answer> run() {
    std::map<Identity128, Rows> groups;
    for (const Row& row : case_.rows) groups[row.group].push_back(&row);
    for (const auto& [group, rows] : groups) {
      rows_ = rows;
      counted_.clear();
      for (const Row* row : rows)
        if (counted(*row)) counted_.push_back(row);
      if (c_.kind == Correlation::Kind::numbers) numbers();
      if (c_.kind == Correlation::Kind::first_seen) first_seen();
      if (c_.kind == Correlation::Kind::steps) steps();
    }
    return settled();
  }

 private:
  struct Candidate {
    Answer answer;
    const Row* completing;
    bool rose = true;
    std::optional<int64_t> slot;
  };

  bool ready(int64_t time) const { return time >= case_.ready_from; }

  // ---- numbers
  Value baseline(const WindowNumber& number, int64_t time) const {
    const bool at_end = c_.window == Correlation::Window::tumbling_closed;  // of the slot that is decided
    const int64_t slot = slot_at(at_end ? time - 1 : time, c_.span_us),
                  first = slot_at(counted_.front()->time(), c_.span_us);
    if (c_.warmup_us && time - counted_.front()->time() < *c_.warmup_us) return {};
    const Aggregate& aggregate = c_.aggregates[number.aggregate];
    std::vector<double> values;
    for (int64_t s = std::max(first, slot - number.over_us / c_.span_us); s < slot; ++s) {
      Rows rows;
      for (const Row* row : counted_)
        if (slot_at(row->time(), c_.span_us) == s) rows.push_back(row);
      if (Value value = aggregate_of(aggregate, rows)) values.push_back(*value);
    }
    if (values.empty()) return {};
    double sum = 0, squares = 0;
    for (double value : values) sum += value;
    const double mean = sum / double(values.size());
    if (number.kind == WindowNumber::Kind::baseline) return mean;
    for (double value : values) squares += (value - mean) * (value - mean);
    return std::sqrt(squares / double(values.size()));
  }

  Value number(uint32_t index, const Rows& window, int64_t time) const {
    const WindowNumber& n = c_.numbers[index];
    using Kind = WindowNumber::Kind;
    if (n.kind == Kind::constant) return n.constant;
    if (n.kind == Kind::aggregate) return aggregate_of(c_.aggregates[n.aggregate], window);
    if (n.kind == Kind::baseline || n.kind == Kind::spread) return baseline(n, time);
    Value left = number(n.left, window, time), right = number(n.right, window, time);
    if (!left || !right || (n.kind == Kind::divide && *right == 0)) return {};
    if (n.kind == Kind::add) return *left + *right;
    if (n.kind == Kind::subtract) return *left - *right;
    if (n.kind == Kind::multiply) return *left * *right;
    return *left / *right;
  }

  template <class Leaf>
  bool condition(uint32_t index, Leaf leaf) const {
    const WindowCondition& k = c_.condition[index];
    using Kind = WindowCondition::Kind;
    if (k.kind == Kind::compare || k.kind == Kind::is_new) return leaf(k);
    size_t holding = 0;
    for (uint32_t operand : k.operands) holding += condition(operand, leaf);
    if (k.kind == Kind::all) return holding == k.operands.size();
    if (k.kind == Kind::any) return holding > 0;
    if (k.kind == Kind::negate) return holding == 0;
    return holding >= k.least;
  }
  uint32_t root() const { return uint32_t(c_.condition.size() - 1); }

  bool holds(const Rows& window, int64_t time) const {
    return ready(time) && condition(root(), [&](const WindowCondition& k) {
             Value left = number(k.left, window, time), right = number(k.right, window, time);
             if (!left || !right) return false;
             using Compare = WindowCondition::Compare;
             if (k.compare == Compare::less) return *left < *right;
             if (k.compare == Compare::less_equal) return *left <= *right;
             if (k.compare == Compare::equal) return *left == *right;
             if (k.compare == Compare::not_equal) return *left != *right;
             if (k.compare == Compare::greater_equal) return *left >= *right;
             return *left > *right;
           });
  }

  void add(const Rows& window, int64_t time, const Row* completing, bool rose, std::optional<int64_t> slot) {
    Candidate candidate;
    candidate.answer.time = time;
    candidate.answer.from = window.front()->time();
    candidate.answer.events = window.size();
    for (const Aggregate& aggregate : c_.aggregates)
      candidate.answer.readings.push_back(aggregate_of(aggregate, window));
    candidate.completing = completing;
    candidate.rose = rose;
    candidate.slot = slot;
    candidates_.push_back(candidate);
  }

  void numbers() {
    const bool sliding = c_.window == Correlation::Window::sliding;
    std::vector<bool> held;
    for (size_t i = 0; i < counted_.size(); ++i) {
      const int64_t time = counted_[i]->time(), slot = slot_at(time, c_.span_us);
      auto in_window = [&](size_t j) {
        return sliding ? counted_[j]->time() > time - c_.span_us
                       : slot_at(counted_[j]->time(), c_.span_us) == slot;
      };
      Rows window;
      bool before = false;
      for (size_t j = 0; j <= i; ++j)
        if (in_window(j)) window.push_back(counted_[j]);
      if (c_.window == Correlation::Window::tumbling_closed) {
        const bool last = i + 1 == counted_.size() || slot_at(counted_[i + 1]->time(), c_.span_us) != slot;
        const int64_t end = (slot + 1) * c_.span_us;
        if (last && end <= case_.horizon && holds(window, end)) add(window, end, counted_[i], true, slot);
        continue;
      }
      if (sliding) before = i > 0 && in_window(i - 1) && held[i - 1];
      for (size_t j = 0; !sliding && j < i; ++j) before |= in_window(j) && held[j];
      held.push_back(holds(window, time));
      if (!held[i] || (before && !case_.suppress_us)) continue;
      add(window, time, counted_[i], !before, sliding ? std::nullopt : std::optional(slot));
    }
  }

  // ---- new
  void first_seen() {
    for (size_t i = 0; i < rows_.size(); ++i) {
      const Row& row = *rows_[i];
      bool looked_at = false;
      const bool fires = condition(root(), [&](const WindowCondition& leaf) {
        bool any = false;
        for (const Identity128& combo : combos(row, leaf.values)) {
          looked_at = true;
          bool seen = false;
          for (size_t j = 0; j < i; ++j)
            seen |= row.time() - rows_[j]->time() < c_.span_us && combos(*rows_[j], leaf.values).count(combo);
          any |= !seen;
        }
        return any;
      });
      if (!fires || !looked_at || !counted(row) || !ready(row.time())) continue;
      add({rows_[i]}, row.time(), rows_[i], true, std::nullopt);
      candidates_.back().answer.readings.clear();
    }
  }

  // ---- steps
  struct Match {
    int64_t first = 0;
    std::vector<int> steps;  // indices into rows_, of the positive steps
    std::set<const Row*> events;
    int chain = 0;
  };
  struct Positive {
    uint32_t condition = 0, count = 1;
    std::vector<uint32_t> negated_before;  // between the step before (or the beginning) and this one
  };

  // What stands before the first step is never forgotten.
  bool any_between(const std::vector<uint32_t>& conditions, int64_t from, int64_t to) const {
    for (size_t i = 0; i < rows_.size(); ++i)
      for (uint32_t condition : conditions)
        if (rows_[i]->time() >= from && rows_[i]->time() <= to && rows_[i]->holds(condition)) return true;
    return false;
  }
  // At `time`, other than rows that may themselves be the step.
  bool any_beside(const std::vector<uint32_t>& conditions, int64_t time, uint32_t step) const {
    for (size_t i = 0; i < rows_.size(); ++i)
      for (uint32_t condition : conditions)
        if (rows_[i]->time() == time && rows_[i]->holds(condition) &&
            !(counted(*rows_[i]) && rows_[i]->holds(step)))
          return true;
    return false;
  }

  void consider(const Match& match, std::optional<Match>& best) const {
    auto better = [](const Match& a, const Match& b) {
      if (a.first != b.first) return a.first > b.first;
      return std::lexicographical_compare(b.steps.rbegin(), b.steps.rend(), a.steps.rbegin(), a.steps.rend());
    };
    if (!best || better(match, *best)) best = match;
  }

  // Takes the steps from the last to the first; `taken` are rows of later steps.
  void enumerate(const std::vector<Positive>& positives, size_t step, int64_t now, Match& match,
                 std::optional<Match>& best) const {
    const int64_t next = step + 1 < positives.size() ? rows_[size_t(match.steps[step + 1])]->time() : now;
    auto fits = [&](size_t i) {
      const Row& row = *rows_[i];
      if (!counted(row) || !row.holds(positives[step].condition) || match.events.count(&row)) return false;
      if (row.time() > next || row.time() <= now - c_.span_us) return false;
      if (step + 1 == positives.size()) return row.time() == now;
      return true;
    };
    auto gap_free = [&](size_t i) {
      return step + 1 == positives.size() ||
             !any_between(positives[step + 1].negated_before, rows_[i]->time(), next);
    };
    if (step > 0) {
      for (size_t i = forgotten_; i < rows_.size(); ++i) {
        if (!fits(i) || !gap_free(i)) continue;
        match.steps[step] = int(i);
        match.events.insert(rows_[i]);
        enumerate(positives, step - 1, now, match, best);
        match.events.erase(rows_[i]);
      }
      return;
    }
    // The latest so many of the first step.
    std::vector<size_t> firsts;
    for (size_t i = rows_.size(); i-- > forgotten_ && firsts.size() < positives[0].count;) {
      const bool others = positives.size() > 1 || !firsts.empty();  // the latest ends the chain of one step
      if (!counted(*rows_[i]) || !rows_[i]->holds(positives[0].condition) || match.events.count(rows_[i]))
        continue;
      if (rows_[i]->time() > next || rows_[i]->time() <= now - c_.span_us) continue;
      if (!others && rows_[i]->time() != now) continue;
      const int64_t time = rows_[i]->time();
      const std::vector<uint32_t>& lead = positives[0].negated_before;
      if (any_between(lead, time - c_.span_us + 1, time - 1) ||
          any_beside(lead, time, positives[0].condition))
        continue;
      firsts.push_back(i);
    }
    if (firsts.size() < positives[0].count || !gap_free(firsts.front())) return;
    Match found = match;
    found.steps[0] = int(firsts.front());
    found.first = rows_[firsts.back()]->time();
    for (size_t i : firsts) found.events.insert(rows_[i]);
    consider(found, best);
  }

  std::optional<Match> ordered(const match::Chain& chain, int64_t now, std::vector<uint32_t>& tail,
                               uint32_t& last) const {
    std::vector<Positive> positives;
    std::vector<uint32_t> negated;
    for (const match::CorrelationStep& step : chain.steps) {
      if (step.negated) {
        negated.push_back(step.condition);
      } else {
        positives.push_back({step.condition, step.count, negated});
        negated.clear();
      }
    }
    tail = negated;
    last = positives.back().condition;
    std::optional<Match> best;
    Match match;
    match.steps.resize(positives.size());
    enumerate(positives, positives.size() - 1, now, match, best);
    return best;
  }

  std::optional<Match> any_order(const match::Chain& chain, int64_t now) const {
    Match match;
    match.first = now;
    bool at_now = false;
    for (const match::CorrelationStep& step : chain.steps) {
      std::optional<size_t> latest;
      for (size_t i = step.negated ? 0 : forgotten_; i < rows_.size(); ++i) {
        const Row& row = *rows_[i];
        if (row.time() <= now - c_.span_us || row.time() > now || !row.holds(step.condition)) continue;
        if (step.negated) return {};
        if (counted(row)) latest = i;
      }
      if (step.negated) continue;
      if (!latest) return {};
      match.steps.push_back(int(*latest));
      match.events.insert(rows_[*latest]);
      match.first = std::min(match.first, rows_[*latest]->time());
      at_now |= rows_[*latest]->time() == now;
    }
    return at_now ? std::optional(match) : std::nullopt;
  }

  void fire(const Match& match, int64_t time, bool absence) {
    Candidate candidate;
    candidate.answer.time = time;
    candidate.answer.from = match.first;
    candidate.answer.events = match.events.size();
    for (int step : match.steps) candidate.answer.steps.push_back(event(*rows_[size_t(step)]));
    int completing = absence ? match.steps.front() : match.steps.back();
    if (c_.chains[size_t(match.chain)].any_order)
      completing = *std::max_element(match.steps.begin(), match.steps.end());
    candidate.completing = rows_[size_t(completing)];
    candidates_.push_back(candidate);
  }

  // All that waits and whose time comes at `until` or before.
  void due(std::map<size_t, Match>& waits, int64_t until, size_t next_row) {
    while (!waits.empty()) {
      auto deadline = [&](const Match& match) { return match.first + c_.span_us; };
      const Match* first = nullptr;
      for (const auto& [chain, wait] : waits)
        if (!first || deadline(wait) < deadline(*first) ||
            (deadline(wait) == deadline(*first) && wait.steps.front() < first->steps.front()))
          first = &wait;
      const int64_t time = deadline(*first);
      if (time > until) return;
      if (ready(time)) {
        fire(*first, time, true);
        waits.clear();
        forgotten_ = next_row;
      } else {
        std::erase_if(waits, [&](const auto& wait) { return deadline(wait.second) == time; });
      }
    }
  }

  void steps() {
    forgotten_ = 0;
    std::map<size_t, Match> waits;
    for (size_t begin = 0, end = 0; begin < rows_.size(); begin = end) {
      const int64_t now = rows_[begin]->time();
      while (end < rows_.size() && rows_[end]->time() == now) ++end;
      due(waits, now, begin);
      std::optional<Match> fires;
      const Rows all = rows_;
      rows_.resize(end);  // the future is not known
      for (size_t i = 0; i < c_.chains.size(); ++i) {
        const match::Chain& chain = c_.chains[i];
        std::vector<uint32_t> tail;
        uint32_t last = 0;
        std::optional<Match> match =
            chain.any_order ? any_order(chain, now) : ordered(chain, now, tail, last);
        if (any_between(tail, now, now)) waits.erase(i);
        if (!match) continue;
        match->chain = int(i);
        if (tail.empty()) {
          if (!fires && ready(now)) fires = match;
        } else if (!waits.count(i) && !any_beside(tail, now, last)) {
          waits[i] = *match;
        }
      }
      rows_ = all;
      if (!fires) continue;
      fire(*fires, now, false);
      waits.clear();
      forgotten_ = end;
    }
    due(waits, case_.horizon, rows_.size());
  }

  // ---- suppress
  std::vector<Answer> settled() {
    auto order = [](const Candidate& candidate) {
      const OrderKey& key = candidate.completing->place.event->order;
      return std::tuple(candidate.answer.time, key.source, key.id, candidate.completing->place.combination,
                        key.time);
    };
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [&](const Candidate& a, const Candidate& b) { return order(a) < order(b); });
    std::map<Identity128, std::pair<int64_t, uint64_t>> silences;
    std::set<std::pair<Identity128, int64_t>> told_slots;
    std::vector<Answer> out;
    for (Candidate& candidate : candidates_) {
      candidate.answer.completing = event(*candidate.completing);
      if (case_.suppress_us) {
        if (candidate.slot && told_slots.count({candidate.completing->group, *candidate.slot})) continue;
        auto silence = silences.find(candidate.completing->place.silence);
        if (silence != silences.end() && candidate.answer.time - silence->second.first < *case_.suppress_us) {
          silence->second.second += candidate.rose;
          continue;
        }
        if (silence != silences.end()) candidate.answer.held_back = silence->second.second;
        silences[candidate.completing->place.silence] = {candidate.answer.time, 0};
        if (candidate.slot) told_slots.insert({candidate.completing->group, *candidate.slot});
      }
      out.push_back(candidate.answer);
    }
    return out;
  }

  const Case& case_;
  const Correlation& c_;
  Rows rows_, counted_;   // of the group
  size_t forgotten_ = 0;  // rows of the group before it are
  std::vector<Candidate> candidates_;
};

}  // namespace

std::string Answer::text() const {
  auto name = [](const StoredEvent* event) { return event->order.source + event->order.id; };
  std::string out = "@" + std::to_string(time) + " by " + name(completing) + " from " + std::to_string(from) +
                    " of " + std::to_string(events) + " held " + std::to_string(held_back);
  for (const auto& reading : readings) out += reading ? " " + std::to_string(*reading) : " -";
  for (const StoredEvent* step : steps) out += " " + name(step);
  return out;
}

std::vector<Answer> answers(const Case& one) { return Model(one).run(); }

}  // namespace weir::correlate::model
