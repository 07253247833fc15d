// What people would look for: which steps came, and of the one that did not, whether it came too early, too late
// or under another key. It follows the rows, not the engine, whose answer it explains.
#include "runtime/correlate/near_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/correlate/group.h"
#include "runtime/match/functions.h"

namespace weir::correlate {
namespace {

struct Taken {
  std::vector<int64_t> times;  // of the steps; the first is that of the chain's first event
};

class ChainStory {
 public:
  ChainStory(const Plan& plan, const ChainPlan& chain, const std::vector<const Row*>& rows,
             const std::vector<Row>& all, const NearOptions& options,
             const std::function<std::string(const Row&)>& key_of)
      : plan_(plan), chain_(chain), rows_(rows), all_(all), options_(options), key_of_(key_of) {
    follow();
  }

  double closeness() const {
    const double part = static_cast<double>(reached()) / static_cast<double>(chain_.steps.size());
    return complete() ? 0.95 : part * 0.9;
  }

  std::string text() const {
    std::string line;
    if (best_)
      for (size_t i = 0; i < best_->times.size(); ++i)
        line += fmt::format("{}`{}` at {}", line.empty() ? "" : ", ", name(step(i).condition),
                            options_.time_text(best_->times[i]));
    const std::string end = complete() ? why_not() : missing();
    return line.empty() ? end : line + "; " + end;
  }

 private:
  const PositiveStep& step(size_t i) const { return chain_.steps[order_[i]]; }
  const std::string& name(uint32_t condition) const { return plan_.correlation->conditions[condition]; }
  size_t reached() const { return best_ ? best_->times.size() : 0; }
  bool complete() const { return reached() == chain_.steps.size(); }

  void follow() {
    for (size_t i = 0; i < chain_.steps.size(); ++i) order_.push_back(i);
    if (chain_.any_order) {
      follow_any_order();
    } else {
      follow_ordered();
    }
  }

  // Each step takes the latest event; events of one time are taken in the order of the steps.
  void follow_ordered() {
    std::vector<std::optional<Taken>> taken(chain_.steps.size());
    std::vector<int64_t> firsts;
    for (size_t begin = 0; begin < rows_.size();) {
      size_t end = begin;
      while (end < rows_.size() && rows_[end]->time() == rows_[begin]->time()) ++end;
      const int64_t now = rows_[begin]->time();
      for (size_t i = 0; i < chain_.steps.size(); ++i) {
        for (size_t at = begin; at < end; ++at) {
          const Row& row = *rows_[at];
          if (!row.seen->counted || !row.holds(chain_.steps[i].condition)) continue;
          if (i == 0) {
            firsts.push_back(now);
            if (firsts.size() < chain_.steps[0].count) continue;
            taken[0] = Taken{{firsts[firsts.size() - chain_.steps[0].count]}};
          } else if (taken[i - 1]) {
            taken[i] = *taken[i - 1];
            taken[i]->times.push_back(now);
          } else {
            continue;
          }
          consider(*taken[i]);
        }
      }
      begin = end;
    }
    firsts_ = firsts.size();
  }

  void follow_any_order() {
    std::map<size_t, int64_t> latest;
    for (const Row* row : rows_) {
      if (!row->seen->counted) continue;
      for (size_t i = 0; i < chain_.steps.size(); ++i)
        if (row->holds(chain_.steps[i].condition)) latest[i] = row->time();
    }
    std::vector<std::pair<int64_t, size_t>> seen;
    for (const auto& [i, time] : latest) seen.push_back({time, i});
    std::sort(seen.begin(), seen.end());
    Taken taken;
    std::vector<size_t> order;
    for (const auto& [time, i] : seen) {
      taken.times.push_back(time);
      order.push_back(i);
    }
    for (size_t i = 0; i < chain_.steps.size(); ++i)
      if (!latest.count(i)) order.push_back(i);
    order_ = order;
    if (!taken.times.empty()) best_ = taken;
  }

  // More steps are nearer; of as many, those in less time.
  void consider(const Taken& taken) {
    auto length = [](const Taken& one) { return between(one.times.front(), one.times.back()); };
    if (!best_ || taken.times.size() > best_->times.size() ||
        (taken.times.size() == best_->times.size() && length(taken) <= length(*best_)))
      best_ = taken;
  }

  std::string why_not() const {
    const int64_t first = best_->times.front(), last = best_->times.back();
    const int64_t span = plan_.correlation->span_us;
    if (between(first, last) >= static_cast<uint64_t>(span))
      return fmt::format("too late: {} from the first to the last, and timespan is {}",
                         match::format_duration(last - first), match::format_duration(span));
    const uint64_t gaps = [&] {
      uint64_t mask = chain_.tail;
      for (uint64_t gap : chain_.gap) mask |= gap;
      return mask;
    }();
    for (const Row* row : rows_) {
      const uint64_t negated = row->time() >= first ? gaps | (chain_.any_order ? chain_.lead : 0) : chain_.lead;
      for (uint32_t i = 0; i < plan_.correlation->conditions.size(); ++i) {
        if (!(negated >> i & 1) || !row->holds(i)) continue;
        if (row->time() > later(first, span) || later(row->time(), span) < last) continue;
        return fmt::format("`not {}`: there was one at {}", name(i), options_.time_text(row->time()));
      }
    }
    if (chain_.tail) return fmt::format("decided at {}", options_.time_text(later(first, span)));
    return "complete";
  }

  std::string missing() const {
    const PositiveStep& next = step(reached());
    if (reached() == 0 && next.count > 1)
      return fmt::format("{} of {} `{}`", firsts_, next.count, name(next.condition));
    std::string line = fmt::format("no `{}`{}", name(next.condition),
                                   reached() > 0 && !chain_.any_order ? " after that" : "");
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row)
      if ((*row)->holds(next.condition))
        return line + fmt::format("; one came before, at {}", options_.time_text((*row)->time()));
    const Row* other = nullptr;
    for (const Row& row : all_) {
      if (!row.holds(next.condition) || (!rows_.empty() && row.group == rows_[0]->group)) continue;
      other = &row;
      if (best_ && row.time() >= best_->times.back()) break;
    }
    if (!other) return line + " in any group";
    return line +
           fmt::format("; one came under another key, {} at {}", key_of_(*other), options_.time_text(other->time()));
  }

  const Plan& plan_;
  const ChainPlan& chain_;
  const std::vector<const Row*>& rows_;
  const std::vector<Row>& all_;
  const NearOptions& options_;
  const std::function<std::string(const Row&)>& key_of_;
  std::vector<size_t> order_;  // of the steps
  std::optional<Taken> best_;
  size_t firsts_ = 0;
};

// Whether the engine tells something of the group before its last event.
bool tells(const Plan& plan, const std::vector<const Row*>& rows, int64_t ready_from) {
  GroupState state;
  ConditionWork work;
  const Moment moment{work, ready_from, kEndOfTime};
  std::vector<Fire> fires;
  std::vector<Row> instant;
  for (size_t i = 0; i < rows.size(); ++i) {
    instant.push_back(*rows[i]);
    if (i + 1 < rows.size() && rows[i + 1]->time() == rows[i]->time()) continue;
    state.decide(plan, rows[i]->time(), moment, fires);
    state.advance(plan, instant, moment, fires);
    instant.clear();
  }
  return !fires.empty();
}

}  // namespace

void near_steps(const Plan& plan, const std::vector<const Row*>& rows, const std::vector<Row>& all,
                const NearOptions& options, const std::function<std::string(const Row&)>& key_of,
                NearGroup& group) {
  for (const ChainPlan& chain : plan.chains) {
    const ChainStory story(plan, chain, rows, all, options, key_of);
    group.closeness = std::max(group.closeness, story.closeness());
    group.lines.push_back(story.text());
  }
  group.told = tells(plan, rows, options.ready_from);
}

void near_first_seen(const Plan& plan, const std::vector<const Row*>& rows, const NearOptions& options,
                     NearGroup& group) {
  std::map<Identity128, int64_t> seen;
  std::string again, early;
  for (const Row* row : rows)
    for (const match::WindowCondition& condition : plan.correlation->condition) {
      if (condition.kind != match::WindowCondition::Kind::is_new) continue;
      each_combination(*row->seen, condition.values, [&](const Identity128& value) {
        const auto known = seen.find(value);
        const bool fresh = known == seen.end() || later(known->second, plan.correlation->span_us) <= row->time();
        if (!fresh) {
          again = fmt::format("{}: seen at {}, and before at {}", condition.text, options.time_text(row->time()),
                              options.time_text(known->second));
        } else if (row->time() < options.ready_from) {
          early = fmt::format("{} at {}, but the warm-up lasts until {}", condition.text,
                              options.time_text(row->time()), options.time_text(options.ready_from));
        } else {
          group.told = true;
        }
        seen[value] = row->time();
      });
    }
  group.closeness = group.told ? 1 : !early.empty() ? 0.75 : !again.empty() ? 0.5 : 0;
  if (!early.empty()) group.lines.push_back(early);
  if (!again.empty()) group.lines.push_back(again);
  if (group.lines.empty()) group.lines.push_back(group.told ? "new" : "no event has all the values");
}

}  // namespace weir::correlate
