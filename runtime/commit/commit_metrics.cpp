// See commit_metrics.h.
#include "runtime/commit/commit_metrics.h"

#include <algorithm>
#include <numeric>

namespace weir::commit {
namespace {

// What `now` has beyond `before`, element by element.
uint64_t grown(const std::vector<uint64_t>& now, const std::vector<uint64_t>& before) {
  return std::accumulate(now.begin(), now.end(), uint64_t{0}) - std::accumulate(before.begin(), before.end(), uint64_t{0});
}

}  // namespace

CommitMetrics::CommitMetrics(process::Metrics* metrics, const Feed& feed) : metrics_(metrics) {
  if (!metrics) return;
  seconds_ = &metrics->histogram("weir_commit_seconds", "How long a transaction of the store took.", process::time_bounds());
  failed_ = &metrics->counter("weir_commits_failed_total", "Attempts to commit that the store refused.");
  units_ = &metrics->counter("weir_units_committed_total", "Files and requests that are decided and acknowledged.");
  copies_ = &metrics->counter("weir_events_repeated_total", "Copies of events that were decided before.");
  conflicts_ = &metrics->counter("weir_event_id_conflicts_total", "Events that carry the id of a different one.");
  skipped_ = &metrics->counter("weir_records_skipped_total", "Records that are of no source: digests, headers, control messages.");
  decoded_ = &metrics->counter("weir_decoded_bytes_total", "What was read, decompressed.");
  undecided_ = &metrics->gauge("weir_in_flight_bytes", "Decoded and not yet committed.");
  silences_ = &metrics->gauge("weir_silences", "Silences that last.");
  held_ = &metrics->gauge("weir_alerts_held", "Open alerts that a silence keeps from a sink.");
  evicted_ = &metrics->counter("weir_groups_evicted_total", "Groups of correlations that were forgotten for want of room.");
  decided_early_ = &metrics->counter("weir_rows_decided_early_total",
                                     "Rows of correlations that did not wait for the watermark, for want of room.");
  for (size_t source = 0; source < feed.size(); ++source)
    waiting_.push_back(&metrics->gauge("weir_source_waiting_seconds",
                                       "How long the oldest has waited that arrived and is not committed.",
                                       {{"source", feed.name(source)}}));
}

void CommitMetrics::turned(uint64_t undecided_bytes, const Feed& feed, int64_t now) {
  if (!metrics_) return;
  undecided_->set(static_cast<double>(undecided_bytes));
  for (size_t source = 0; source < waiting_.size(); ++source) {
    const int64_t since = feed.undecided_since(source);
    const bool known = since != INT64_MAX && since != INT64_MIN;
    waiting_[source]->set(known ? std::max(0.0, static_cast<double>(now - since) / 1e6) : 0);
  }
}

void CommitMetrics::committed(const store::Commit& commit, size_t units, double seconds) {
  if (!metrics_) return;
  seconds_->observe(seconds);
  units_->add(units);
  copies_->add(static_cast<uint64_t>(commit.counts.duplicates));
  conflicts_->add(static_cast<uint64_t>(commit.counts.id_conflicts));
  skipped_->add(static_cast<uint64_t>(commit.counts.skipped));
  decoded_->add(static_cast<uint64_t>(commit.counts.decoded_bytes));
}

void CommitMetrics::failed() {
  if (metrics_) failed_->add();
}

void CommitMetrics::silences(size_t on, size_t held) {
  if (!metrics_) return;
  silences_->set(static_cast<double>(on));
  held_->set(static_cast<double>(held));
}

void CommitMetrics::alert(uint8_t level, const std::string& state) {
  if (metrics_)
    metrics_
        ->counter("weir_alerts_total", "What alerts said: each is open, then perhaps amended, then final or withdrawn.",
                  {{"level", match::kLevelNames[level]}, {"state", state}})
        .add();
}

process::Counter& CommitMetrics::of_source(const char* name, const char* help, const std::string& source) {
  return metrics_->counter(name, help, {{"events", source}});
}

void CommitMetrics::correlations(const match::Program& program, const correlate::LiveCounts& counts) {
  if (!metrics_) return;
  last_.late.resize(counts.late.size());
  last_.ahead.resize(counts.ahead.size());
  for (size_t source = 0; source < counts.late.size(); ++source) {
    const std::string& name = program.sources[source].name;
    if (const uint64_t more = counts.late[source] - last_.late[source])
      of_source("weir_late_events_total", "Events that came too late for rules over many events.", name).add(more);
    if (const uint64_t more = counts.ahead[source] - last_.ahead[source])
      of_source("weir_ahead_events_total", "Events that are dated too far into the future.", name).add(more);
  }
  evicted_->add(grown(counts.evicted, last_.evicted));
  decided_early_->add(grown(counts.decided_early, last_.decided_early));
  last_ = counts;
}

}  // namespace weir::commit
