// One walk answers for all sources: the paths of all their required fields are one projection.
#include "runtime/match/recognise.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::match {
namespace {

// A source that requires nothing is known by its time.
std::vector<RequiredField> required_fields(const SourceInfo& source) {
  if (!source.required.empty()) return source.required;
  return {{source.time_path, Want::time, path_text(source.time_path)}};
}

Projection all_required(const Program& program) {
  Projection projection;
  for (const SourceInfo& source : program.sources) {
    for (const RequiredField& field : required_fields(source)) {
      const SlotSpec slot{0, field.path, Want::any};
      const auto end = projection.slots.end();
      if (std::find(projection.slots.begin(), end, slot) == end) projection.slots.push_back(slot);
    }
  }
  return projection;
}

}  // namespace

std::string path_text(const std::vector<Step>& path) {
  std::string text;
  for (const Step& step : path) {
    if (step.kind == Step::Kind::index) {
      text += fmt::format("[{}]", step.index);
    } else {
      text += (text.empty() ? "" : ".") + step.key;
    }
  }
  return text;
}

Recogniser::Recogniser(const Program& program) : walk_(all_required(program)) {
  const Projection projection = all_required(program);
  for (uint32_t source = 0; source < program.sources.size(); ++source) {
    Candidate candidate{source, {}, {}, !program.sources[source].is_alert};
    for (const RequiredField& field : required_fields(program.sources[source])) {
      const auto slot =
          std::find(projection.slots.begin(), projection.slots.end(), SlotSpec{0, field.path, Want::any});
      candidate.slots.push_back(static_cast<uint32_t>(slot - projection.slots.begin()));
      candidate.names.push_back(field.name);
    }
    candidates_.push_back(std::move(candidate));
  }
  std::stable_sort(candidates_.begin(), candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.slots.size() > b.slots.size(); });
}

bool Recogniser::has(uint32_t slot) const {
  const rt_slot& found = walk_.slots()[slot];
  return std::any_of(found.values, found.values + found.count,
                     [](const rt_value& value) { return value.kind != RT_NULL; });
}

bool Recogniser::run(simdjson::dom::element record, uint32_t only, EmbeddedReaders& readers, Arena& arena,
                     Recognised& best) {
  if (!walk_.run(record, readers, arena)) return false;
  best = {};
  size_t best_found = 0, best_needed = 1;
  for (const Candidate& candidate : candidates_) {
    if (only == kNone ? !candidate.by_itself : candidate.source != only) continue;
    const auto missing = std::find_if(candidate.slots.begin(), candidate.slots.end(),
                                      [&](uint32_t slot) { return !has(slot); });
    if (missing == candidate.slots.end()) {
      best = {candidate.source, true, true, {}};
      return true;
    }
    const auto found = static_cast<size_t>(std::count_if(candidate.slots.begin(), candidate.slots.end(),
                                                         [&](uint32_t slot) { return has(slot); }));
    const size_t needed = candidate.slots.size();
    if (found * best_needed <= best_found * needed) continue;
    best = {candidate.source, false, 2 * found >= needed,
            candidate.names[static_cast<size_t>(missing - candidate.slots.begin())]};
    best_found = found;
    best_needed = needed;
  }
  return true;
}

}  // namespace weir::match
