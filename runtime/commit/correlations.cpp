// See correlations.h.
#include "runtime/commit/correlations.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "runtime/process/clock.h"

namespace weir::commit {
namespace {

// A replay decides nothing before its end. What is not packed (rules over alerts, and `suppress` without a correlation)
// has so much room at least; beyond it its oldest rows are decided early.
constexpr uint64_t kReplayRowsBytes = 128u << 20;

correlate::LiveOptions options_of_replay(const std::string& folder, unsigned threads, uint64_t waiting_bytes) {
  correlate::LiveOptions options;
  options.rows_bytes = std::max(kReplayRowsBytes, waiting_bytes);
  options.packed_bytes = waiting_bytes;
  options.only_finals = true;
  options.folder = folder;
  options.threads = threads;
  return options;
}

correlate::LiveOptions options_of_feed(uint64_t waiting_bytes) {
  correlate::LiveOptions options;
  options.rows_bytes = waiting_bytes;
  options.steady_us = process::steady_us;
  return options;
}

}  // namespace

Correlations::Correlations(std::shared_ptr<const match::Program> program, bool replay,
                           const std::string& folder, unsigned threads, uint64_t waiting_bytes)
    : program_(program),
      live_(program, replay ? options_of_replay(folder, threads, waiting_bytes) : options_of_feed(waiting_bytes)),
      replay_(replay),
      advanced_(program->sources.size(), INT64_MIN) {}

std::string Correlations::restore(store::Store& store, std::vector<std::string>& forgotten) {
  constexpr char kBeginning = correlate::Live::kOneByOne;
  const std::vector<correlate::SavedPart> parts = store.parts_but(kBeginning);
  if (parts.empty()) return {};
  const auto more = [&](const auto& use) { store.each_part(kBeginning, use); };
  return live_.restore(parts, forgotten, more).value_or("");
}

void Correlations::go_on_from(const Correlations& before) {
  for (size_t source = 0; source < advanced_.size(); ++source)
    for (size_t old = 0; old < before.advanced_.size(); ++old)
      if (program_->sources[source].name == before.program_->sources[old].name) advanced_[source] = before.advanced_[old];
}

// What arrived during an outage, or was copied with an old time, is not later than what was decided before
// it.
int64_t Correlations::moment(uint16_t source, int64_t time, int64_t delivered) const {
  if (replay_) return time;
  return delivered > advanced_[source] ? delivered : advanced_[source] + 1;
}

void Correlations::saw(const std::vector<Unmatched>& events) {
  for (const Unmatched& event : events)
    live_.saw(event.source, event.time, moment(event.source, event.time, event.delivered));
}

void Correlations::take(Hand& hand, match::Matcher& matcher, std::string_view record, bool text,
                        std::string where, int64_t delivered) {
  const rt_event& event = matcher.event();
  const int64_t at = moment(event.source, event.time, delivered);
  if (!live_.prepare(hand, matcher.decoder(), matcher.scratch(), matcher.matched().data(), record, text,
                     std::move(where), at))
    return;
  std::lock_guard lock(mutex_);
  live_.take(hand);
}

correlate::LiveCounts Correlations::counts() {
  std::lock_guard lock(mutex_);
  return live_.counts();
}

void Correlations::take_untimely(store::Counts& counts) {
  std::lock_guard lock(mutex_);
  const correlate::LiveCounts now = live_.counts();
  const auto more = [](const std::vector<uint64_t>& of, int64_t& told) {
    const int64_t before = std::exchange(told, std::accumulate(of.begin(), of.end(), int64_t{0}));
    return told - before;
  };
  counts.late += more(now.late, told_late_);
  counts.ahead += more(now.ahead, told_ahead_);
}

void Correlations::advance(const std::vector<int64_t>& delivered) {
  if (replay_) return;
  for (size_t i = 0; i < advanced_.size(); ++i) advanced_[i] = std::max(advanced_[i], delivered[i]);
  live_.advance(advanced_);
}

std::string Correlations::end() {
  if (!replay_) return {};
  live_.end();
  return live_.failure();
}

}  // namespace weir::commit
