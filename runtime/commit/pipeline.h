// Units → events → alerts → one transaction → acknowledgement (docs/architecture.md, "From feed to sink").
//
//   sources ──► workers, a unit each ──► desks ─┐ every 100 ms, or N MiB: a cut through all workers
//                  │ what matched               ▼
//                  └──► correlations ──► ONE transaction of the store ──► acknowledge; wake the sinks
//
// received = evaluated + quarantined + in flight holds in every transaction. Nothing is acknowledged before
// it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/deliver/outbox.h"
#include "runtime/deliver/route.h"
#include "runtime/deliver/silence.h"
#include "runtime/ingest/source.h"
#include "runtime/match/program.h"
#include "runtime/process/metrics.h"
#include "runtime/process/notice.h"
#include "runtime/store/store.h"

namespace weir::commit {

struct FeedSource {
  std::string name;
  std::unique_ptr<ingest::Source> source;
  uint32_t only = match::kNone;  // of the program's sources; kNone: whatever is recognised
};

// What may be other from one moment to the next.
struct Bounds {
  int64_t commit_every_us = 100'000;
  uint64_t commit_bytes = 16u << 20;     // decoded, of all workers together
  uint64_t in_flight_bytes = 64u << 20;  // where workers wait
  uint64_t waiting_bytes = 64u << 20;    // of events that wait for the watermark; beyond it rows are decided early
  uint64_t outbox_rows = 1'000'000;      // where workers wait for the sinks
  uint64_t quarantine_bytes = 256u << 20, quarantine_rows = 100'000;  // where the oldest go
  int64_t stop_within_us = 10'000'000;   // for what is in the outbox, after everything is committed
};

struct PipelineOptions : Bounds {
  unsigned threads = 1;
  std::vector<deliver::Silence> silences;  // of the configuration
  uint64_t remembered_ids = 3'000'000;  // of events, for duplicates: 45 bytes each
  bool once = false;  // a replay: ends when the sources are drained and the outbox is empty
  int64_t unit_patience_us = 10'000'000;  // so long a change of the rules waits for the ends of the units that are being read
  process::Notify notify;
  process::Metrics* metrics = nullptr;  // outlives the pipeline
};

// Other rules, and what goes with them.
struct Change {
  std::shared_ptr<const match::Program> program;
  std::vector<uint32_t> only;  // by source of the feed, as FeedSource::only
  deliver::Routing routing;
  std::vector<deliver::Silence> silences;
  Bounds bounds;
};

// What became of a change.
struct Changed {
  std::string problem;                 // a sentence; nothing was changed then
  std::vector<std::string> forgotten;  // rules that are other than they were, or gone: what they knew is gone
};

struct Health {
  int64_t turned_us = 0;      // steady clock: when the loop that commits last turned
  std::string store_problem;  // the last commit failed; empty when all is well
  bool stopping = false;
};

// What the operator asks of a running pipeline; set by signal handlers.
struct Requests {
  std::atomic<bool> stop{false};
  std::atomic<bool> reopen{false};  // sinks
};

class Pipeline {
 public:
  Pipeline(std::shared_ptr<const match::Program> program, store::Store& store,
           std::vector<FeedSource> sources, deliver::Routing routing, deliver::Outbox& outbox,
           PipelineOptions options);
  ~Pipeline();

  // Takes up what an earlier process left. A sentence when it cannot be.
  std::string restore();
  // Until the sources are drained, or `stop` is requested. A sentence when not everything could be done: a
  // source that could not be read, a store that could not be written.
  std::string run(Requests& requests);
  // The outbox has something to be committed: at the end nothing else is waited for. By any thread.
  void delivered();
  // A source has a unit now: a worker looks at once. By any thread.
  void arrived();

  // While run() runs: puts other rules in place when no unit is open, so that each unit sees one set of rules. Units
  // that have no end, or last longer than `unit_patience_us`, see the new ones from some record on. Correlations
  // keep what they know, but for rules that are other than they were. Waits until it is done; of one thread at a time.
  Changed change(Change change);
  Health health() const;  // by any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::commit
