// One rule on a live feed: the state up to the watermark, which is decided, and the rows beyond it, which are
// not. What the rule has to tell now is the decided state of a unit, copied and led through its rows.
//
// A unit is a group of a correlation; of a rule without one, all events that silence each other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/correlate/fire_alert.h"
#include "runtime/correlate/pending_rows.h"
#include "runtime/correlate/rule_state.h"

namespace weir::correlate {

// A rule without correlation tells no more than time, completing event and what was held back.
struct Telling {
  Told told;
  std::optional<uint64_t> ordinal;  // among alerts of one completing event, where it is known already
};

struct Preview {
  Identity128 unit;
  std::vector<Telling> tellings;   // in the total order
  std::vector<OrderKey> silenced;  // what completes here too, but is silenced by an earlier alert
};

class LiveRule {
 public:
  using Release = std::function<void(const Row&)>;  // is told of rows that no longer wait

  explicit LiveRule(bool spanning) : pending(spanning) {}
  virtual ~LiveRule() = default;

  // A row beyond the watermark.
  virtual void add(Row row) { pending.add(std::move(row)); }
  // Deadlines after `from`, not after `to`, have come.
  virtual void wake(int64_t, int64_t) {}
  // What the touched units have to tell, with deadlines up to `delivered`.
  virtual std::vector<Preview> preview(int64_t delivered) = 0;
  // Leads the state on to the watermark. What is told is final.
  virtual std::vector<Telling> decide(int64_t watermark, const Release& release) = 0;
  virtual void set_ready_from(int64_t) {}
  virtual RuleState* state() { return nullptr; }
  virtual Silences& silences() = 0;

  PendingRows pending;
};

}  // namespace weir::correlate
