// Augmenting paths over a handful of rows: no step needs more candidates than there are events in a match.
#include "runtime/correlate/step_choice.h"

#include <algorithm>

namespace weir::correlate {

StepChoice::StepChoice(const ChainPlan& chain, const Before& before, std::span<const Row> rows,
                       bool lead_open, std::pmr::memory_resource* memory)
    : chain_(chain), before_(before), rows_(rows), memory_(memory), candidates_(chain.steps.size(), memory) {
  size_t most = chain.steps.size() + chain.steps[0].count;
  for (size_t step = lead_open ? 0 : 1; step < chain.steps.size(); ++step) {
    for (size_t i = rows.size(); i-- > 0 && candidates_[step].size() < most;) {
      if (rows[i].seen->counted && rows[i].holds(chain.steps[step].condition))
        candidates_[step].push_back(static_cast<uint32_t>(i));
    }
  }
}

// The search for one match that ends with step `last`.
struct StepChoice::Search {
  Search(const StepChoice& choice, size_t last)
      : choice(choice),
        last(last),
        count(choice.chain_.steps[0].count),
        used(choice.rows_.size(), choice.memory_),
        wanted(choice.memory_),
        owner(choice.memory_),
        visited(choice.memory_) {
    for (size_t gap = 0; gap < last; ++gap)
      if (choice.before_.barred[gap]) earliest = gap + 2;
  }

  // How many events of the first step before this instant are not before `first`.
  size_t older(int64_t first) const {
    const auto& firsts = choice.before_.firsts;
    return static_cast<size_t>(firsts.end() - std::lower_bound(firsts.begin(), firsts.end(), first));
  }

  // Whether steps 0 … `open` - 1 can be taken, by rows that are free and what was before, the first event not
  // before `first`.
  bool feasible(size_t open, int64_t first) {
    for (size_t taken = earliest; taken <= open; ++taken) {
      if (taken > 0) {
        const Partial* partial = choice.before_.partials[taken];
        if (partial && partial->first >= first && assignable(taken, open, 0)) return true;
      } else if (open > 0) {
        size_t before = std::min<size_t>(older(first), count - 1);
        if (assignable(0, open, count - before)) return true;
      } else {
        return true;
      }
    }
    return false;
  }

  // Different free rows for the steps [from, to); `firsts` of them for step 0.
  bool assignable(size_t from, size_t to, size_t firsts) {
    if (from == to) return true;
    if (count_wanted(from, to, firsts) > free_rows()) return false;
    wanted.clear();
    for (size_t step = from; step < to; ++step) wanted.insert(wanted.end(), step == 0 ? firsts : 1, step);
    owner.assign(choice.rows_.size(), wanted.size());
    for (size_t want = 0; want < wanted.size(); ++want) {
      visited.assign(choice.rows_.size(), 0);
      if (!augment(want)) return false;
    }
    return true;
  }

  size_t count_wanted(size_t from, size_t to, size_t firsts) const {
    return from == 0 ? firsts + (to - 1) : to - from;
  }
  size_t free_rows() const { return static_cast<size_t>(std::count(used.begin(), used.end(), 0)); }

  bool augment(size_t want) {
    for (uint32_t row : choice.candidates_[wanted[want]]) {
      if (used[row] || visited[row]) continue;
      visited[row] = 1;
      // Another event of the same step could take the same rows and no others.
      if (owner[row] != wanted.size() && wanted[owner[row]] == wanted[want]) continue;
      if (owner[row] == wanted.size() || augment(owner[row])) {
        owner[row] = want;
        return true;
      }
    }
    return false;
  }

  const StepChoice& choice;
  const size_t last;
  const size_t count;      // events of the first step
  size_t earliest = 0;     // so many steps must have been taken before: what stands between them came now
  std::pmr::vector<char> used;  // rows
  // Of assignable(), kept from one call to the next: the memory under them takes nothing back.
  std::pmr::vector<size_t> wanted;  // steps
  std::pmr::vector<size_t> owner;   // by row: which of `wanted` has it
  std::pmr::vector<char> visited;   // by row
};

std::optional<Partial> StepChoice::best(size_t last) const {
  if (candidates_[last].empty()) return std::nullopt;
  Search search(*this, last);
  // Takes the latest row for `step` that leaves the steps before it possible.
  auto take = [&](size_t step, int64_t first) -> std::optional<uint32_t> {
    for (uint32_t row : candidates_[step]) {
      if (search.used[row]) continue;
      search.used[row] = 1;
      if (search.feasible(step, first)) return row;
      search.used[row] = 0;
    }
    return std::nullopt;
  };
  // The first step is several events, of which at least one is of this instant when it is taken here.
  auto possible = [&](int64_t first) {
    if (last == 0) {
      size_t before = std::min<size_t>(search.older(first), search.count - 1);
      return search.assignable(0, 1, search.count - before);
    }
    for (uint32_t row : candidates_[last]) {
      search.used[row] = 1;
      bool good = search.feasible(last, first);
      search.used[row] = 0;
      if (good) return true;
    }
    return false;
  };

  const int64_t now = rows_.front().time();
  std::pmr::vector<int64_t> times(before_.firsts, memory_);
  for (const Partial* partial : before_.partials)
    if (partial) times.push_back(partial->first);
  times.push_back(now);
  std::sort(times.begin(), times.end());
  // The later the first event has to be, the less is possible: the last time for which something is.
  auto end = std::partition_point(times.begin(), times.end(), possible);
  if (end == times.begin()) return std::nullopt;
  const int64_t first = *(end - 1);

  Partial match;
  match.first = first;
  match.steps.resize(last + 1);
  size_t step = last;
  for (; step > 0; --step) {
    std::optional<uint32_t> row = take(step, first);
    if (!row) break;
    match.steps[step] = rows_[*row].place;
  }
  if (step == 0) {  // what is left of the first step is of this instant as far as it can be
    for (uint32_t row : candidates_[0]) {
      if (search.used[row]) continue;
      if (search.earliest > 0) break;
      match.steps[0] = rows_[row].place;
      return match;
    }
  }
  const Partial& partial = *before_.partials[step + 1];
  std::copy(partial.steps.begin(), partial.steps.end(), match.steps.begin());
  return match;
}

}  // namespace weir::correlate
