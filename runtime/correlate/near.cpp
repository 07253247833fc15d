// Groups one by one; the names of keys are read from the stored events.
#include "runtime/correlate/near.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "runtime/correlate/near_numbers.h"
#include "runtime/correlate/near_steps.h"
#include "runtime/correlate/row_extract.h"
#include "runtime/correlate/value_text.h"
#include "runtime/match/functions.h"

namespace weir::correlate {

std::vector<NearGroup> nearest_groups(const match::Program& program, uint32_t rule, const std::vector<Row>& rows,
                                      const NearOptions& options, FireAlerts& events, size_t& groups) {
  const match::RuleInfo& info = program.rules[rule];
  const Plan plan = make_plan(info);
  std::map<Identity128, std::vector<const Row*>> by_group;
  for (const Row& row : rows) by_group[row.group].push_back(&row);
  groups = by_group.size();
  const std::function<std::string(const Row&)> key_text = [&](const Row& row) {
    std::string text;
    if (!events.decode(*row.place.event)) return text;
    const std::vector<KeyPart> key =
        key_of(program, info, events.decoder().event(), events.scratch(), row.place.combination);
    for (size_t i = 0; i < key.size(); ++i) {
      text += (i > 0 ? " " : "") + info.correlation->group_by[i].text + "=";
      append_text(key[i].value, text);
    }
    return text;
  };
  std::vector<std::pair<NearGroup, const Row*>> near;
  for (const auto& [identity, of_group] : by_group) {
    NearGroup group;
    group.events = of_group.size();
    switch (info.correlation->kind) {
      case match::Correlation::Kind::numbers:
        near_numbers(plan, of_group, options, group);
        break;
      case match::Correlation::Kind::steps:
        near_steps(plan, of_group, rows, options, key_text, group);
        break;
      case match::Correlation::Kind::first_seen:
        near_first_seen(plan, of_group, options, group);
        break;
    }
    near.emplace_back(std::move(group), of_group.front());
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) {
    if (a.first.closeness != b.first.closeness) return a.first.closeness > b.first.closeness;
    if (a.first.events != b.first.events) return a.first.events > b.first.events;
    return comes_before(*a.second, *b.second);
  });
  if (near.size() > options.most) near.resize(options.most);
  std::vector<NearGroup> out;
  for (auto& [group, row] : near) {
    group.key = key_text(*row);
    if (options.ready_from > row->time())
      group.lines.push_back(fmt::format("nothing fires before {}: the warm-up", options.time_text(options.ready_from)));
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace weir::correlate
