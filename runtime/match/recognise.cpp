// One walk answers for all sources: the paths of all their required fields are marks of it.
#include "runtime/match/recognise.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace weir::match {
namespace {

// A source that requires nothing is known by its time.
std::vector<RequiredField> required_fields(const SourceInfo& source) {
  if (!source.required.empty()) return source.required;
  return {{source.time_path, Want::time, path_text(source.time_path)}};
}

size_t count_of(const std::vector<uint64_t>& needs, const std::vector<uint64_t>& marked) {
  size_t count = 0;
  for (size_t word = 0; word < needs.size(); ++word)
    count += static_cast<size_t>(std::popcount(needs[word] & marked[word]));
  return count;
}

bool has_all(const std::vector<uint64_t>& needs, const std::vector<uint64_t>& marked) {
  uint64_t missing = 0;
  for (size_t word = 0; word < needs.size(); ++word) missing |= needs[word] & ~marked[word];
  return missing == 0;
}

bool is_marked(const std::vector<uint64_t>& marked, uint32_t bit) {
  return (marked[bit / 64] >> (bit % 64) & 1) != 0;
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

Recogniser::Recogniser(const Program& program) {
  for (uint32_t source = 0; source < program.sources.size(); ++source) {
    Candidate candidate{source, {}, 0, {}, !program.sources[source].is_alert};
    for (const RequiredField& field : required_fields(program.sources[source])) {
      const auto path = std::find(paths_.begin(), paths_.end(), field.path);
      const auto bit = static_cast<uint32_t>(path - paths_.begin());
      if (path == paths_.end()) paths_.push_back(field.path);
      candidate.fields.emplace_back(bit, field.name);
      candidate.needs.resize(std::max<size_t>(candidate.needs.size(), bit / 64 + 1));
      candidate.needs[bit / 64] |= uint64_t{1} << (bit % 64);
    }
    candidate.count = count_of(candidate.needs, candidate.needs);
    candidates_.push_back(std::move(candidate));
  }
  std::stable_sort(candidates_.begin(), candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.count > b.count; });
}

bool Recogniser::is_considered(const Candidate& candidate, uint32_t only) {
  return only == kNone ? candidate.by_itself : candidate.source == only;
}

Recognised Recogniser::best(const std::vector<uint64_t>& marked, uint32_t only) const {
  for (const Candidate& candidate : candidates_) {
    if (is_considered(candidate, only) && has_all(candidate.needs, marked))
      return {candidate.source, true, true, {}};
  }
  return nearest(marked, only);
}

Recognised Recogniser::nearest(const std::vector<uint64_t>& marked, uint32_t only) const {
  Recognised best;
  size_t best_found = 0, best_needed = 1;
  for (const Candidate& candidate : candidates_) {
    if (!is_considered(candidate, only)) continue;
    const size_t needed = candidate.count, found = count_of(candidate.needs, marked);
    if (found * best_needed <= best_found * needed) continue;
    const auto missing = std::find_if(candidate.fields.begin(), candidate.fields.end(),
                                      [&](const auto& field) { return !is_marked(marked, field.first); });
    best = {candidate.source, false, 2 * found >= needed, missing->second};
    best_found = found;
    best_needed = needed;
  }
  return best;
}

}  // namespace weir::match
