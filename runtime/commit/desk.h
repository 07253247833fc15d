// What a worker has decided since the last commit took it away, and where it stands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/commit/correlations.h"
#include "runtime/ingest/source.h"
#include "runtime/store/commit.h"

namespace weir::commit {

// A unit that was read to its end and decided.
struct Finished {
  size_t source = 0;  // of the pipeline's
  std::unique_ptr<ingest::Unit> unit;
  bool retried = false;  // it is out of the quarantine: the source does not know it
  // Records of it that are of no source; and whether there may be others: events, what was put aside, or
  // passed over for a reason.
  uint64_t foreign = 0;
  bool recognised = false;
};

struct Desk {
  store::Counts counts;
  std::string seen;
  std::vector<Unmatched> unmatched;
  std::vector<store::QuarantineRow> quarantine;
  std::vector<int64_t> retried;
  std::vector<store::UnitPosition> positions;  // of units that ended
  std::vector<Finished> finished;
};

}  // namespace weir::commit
