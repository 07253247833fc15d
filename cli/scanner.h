// Inputs → alerts, over several threads, the same alerts in the same order whatever the threads.
//
// A thread takes a file at a time, or a part of a large one (ingest/parts.h), with a decoder and a scratch of
// its own. What a file yields does not depend on the others but for duplicates; of equal events one is
// evaluated, and its alerts name the earliest place of all of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/correlate/correlator.h"
#include "runtime/ingest/files.h"
#include "runtime/match/program.h"

namespace weir::cli {

struct ScanCounts {
  uint64_t events = 0;        // evaluated
  uint64_t unreadable = 0;    // records and files
  uint64_t duplicates = 0;
  uint64_t id_conflicts = 0;
  uint64_t skipped = 0;       // records that are well-formed but of no source, digests, insights, …
  uint64_t out_of_range = 0;  // by --since and --until
  uint64_t ahead = 0;         // dated after now: rules without correlation saw them
  uint64_t bytes = 0;         // decompressed
  uint64_t unread = 0;        // files that the system did not give, or not to their end; unreadable, too
  uint64_t skips[ingest::kSkips] = {};
  std::vector<uint64_t> by_source;  // events, by the program's sources

  void add(const ScanCounts& other);
};

struct ScanProblem {
  std::string file;
  uint64_t line = 0, record = 0, offset = 0;
  std::string reason;
  std::string head;  // first bytes, printable
};

struct ScanProgress {  // shared between the threads and whoever shows it
  std::atomic<uint64_t> files_done{0}, bytes_done{0}, events{0};
};

struct ScanOptions {
  unsigned threads = 1;
  int64_t now = INT64_MAX;              // microseconds since 1970; what is dated much later is ahead
  uint64_t rows_bytes = 256u << 20;     // of what correlations let in: the rest goes to temporary files
  std::string temporary_folder;
  std::optional<int64_t> since, until;  // event time in microseconds: since <= t < until
  std::function<void(const ScanProblem&)> on_problem;  // called by one thread at a time
  std::function<void()> on_tick;                       // now and then, by the calling thread
};

struct ScanResult {
  ScanCounts counts;
  std::vector<correlate::Alert> alerts;  // ordered, suppressed
  std::vector<correlate::OpenQuestion> undecided;
  std::vector<correlate::RuleCounts> by_rule;  // by the program's rules
  std::string failure;  // why correlations missed events: a temporary file could not be written
};

ScanResult scan_inputs(std::shared_ptr<const match::Program> program, const std::vector<ingest::InputFile>& files,
                       const ScanOptions& options, ScanProgress& progress);

}  // namespace weir::cli
