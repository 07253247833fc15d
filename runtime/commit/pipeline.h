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
#include "runtime/ingest/source.h"
#include "runtime/match/program.h"
#include "runtime/process/notice.h"
#include "runtime/store/store.h"

namespace weir::commit {

struct FeedSource {
  std::string name;
  std::unique_ptr<ingest::Source> source;
  uint32_t only = match::kNone;  // of the program's sources; kNone: whatever is recognised
};

struct PipelineOptions {
  unsigned threads = 1;
  int64_t commit_every_us = 100'000;
  uint64_t commit_bytes = 16u << 20;     // decoded, of all workers together
  uint64_t in_flight_bytes = 64u << 20;  // where workers wait
  uint64_t remembered_ids = 3'000'000;   // of events, for duplicates: 45 bytes each
  uint64_t outbox_rows = 1'000'000;      // where workers wait for the sinks
  int64_t stop_within_us = 10'000'000;   // for what is in the outbox, after everything is committed
  bool once = false;  // a replay: ends when the sources are drained and the outbox is empty
  process::Notify notify;
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

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::commit
