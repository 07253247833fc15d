// What the loop that commits counts of itself (docs/operations.md names each). Of one thread, the loop's.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "runtime/commit/correlations.h"
#include "runtime/commit/feed.h"
#include "runtime/process/metrics.h"
#include "runtime/store/commit.h"

namespace weir::commit {

class CommitMetrics {
 public:
  // Null: nothing is counted.
  CommitMetrics(process::Metrics* metrics, const Feed& feed);

  void turned(uint64_t undecided_bytes, const Feed& feed, int64_t now);
  void committed(const store::Commit& commit, size_t units, double seconds);
  void failed();
  void silences(size_t on, size_t held);
  void alert(uint8_t level, const std::string& state);
  void correlations(const match::Program& program, const correlate::LiveCounts& counts);
  // Other rules begin to count from nothing.
  void rules_changed() { last_ = {}; }

 private:
  process::Counter& of_source(const char* name, const char* help, const std::string& source);
  process::Metrics* metrics_;
  process::Histogram* seconds_ = nullptr;
  process::Counter *failed_ = nullptr, *units_ = nullptr, *copies_ = nullptr, *conflicts_ = nullptr, *skipped_ = nullptr,
                   *decoded_ = nullptr, *evicted_ = nullptr, *decided_early_ = nullptr;
  process::Gauge *undecided_ = nullptr, *silences_ = nullptr, *held_ = nullptr;
  std::vector<process::Gauge*> waiting_;  // by source of the feed
  correlate::LiveCounts last_;
};

}  // namespace weir::commit
