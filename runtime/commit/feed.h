// All sources as one: which unit is next, and how far it was decided before. Units that are known to be
// finished are acknowledged again and passed over.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/commit/pipeline.h"
#include "runtime/commit/worker.h"

namespace weir::commit {

class Feed {
 public:
  explicit Feed(std::vector<FeedSource> sources, store::Store& store);

  void know(const store::UnitPosition& position);
  void suspect(const store::Death& death);  // that happened too often

  // The next unit; false when there is none now.
  bool next(Task& task);
  // No source will give another unit, none of those it gave is being read, and nothing is left to be decided
  // anew.
  bool drained();

  // What was begun with next() ends with one of these. Both may be called by any thread.
  void committed(const Finished& finished);
  void give_back(Task& task, bool again);

  // A unit of which nothing was heard for so long: it is there, so this is a moment to count from; it will not come
  // again, and is not known any more; or neither.
  enum class Trace : uint8_t { there, gone, unknown };
  Trace look_for(const store::UnitName& unit, int64_t age_us);

  // When the oldest arrived that source `source` knows of and that is not committed; as
  // Source::waiting_since.
  int64_t undecided_since(size_t source) const;
  size_t size() const { return sources_.size(); }
  const std::string& name(size_t source) const { return sources_[source].name; }
  uint32_t only(size_t source) const { return sources_[source].only; }

 private:
  struct Known {
    std::string from;  // Unit::from: where the part begins, or what the whole holds, of which `done` records are decided
    uint64_t done = 0;
    bool finished = false, in_progress = false;
  };
  struct Suspect {
    std::set<uint64_t> records;
    bool reading = false;
  };
  static std::string id_of(std::string_view source, std::string_view unit);
  bool take(size_t source, std::unique_ptr<ingest::Unit> unit, Task& task);
  bool next_retried(Task& task);
  void leave(size_t source, const ingest::Unit& unit, bool retried);

  std::vector<FeedSource> sources_;
  store::Store& store_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;
  std::unordered_map<std::string, Suspect> suspects_;
  std::vector<std::multiset<int64_t>> arrivals_;  // by source, of the units in progress
  size_t turn_ = 0, in_progress_ = 0;
  std::vector<std::string> names_;             // of the sources
  std::vector<store::QuarantineRow> retried_;  // to be decided anew; the last is the next
  size_t retried_in_progress_ = 0;
  int64_t last_retried_ = 0;  // of those in progress
  int64_t retries_looked_at_us_ = 0;
};

}  // namespace weir::commit
