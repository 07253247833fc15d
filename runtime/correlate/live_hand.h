// What one thread makes of an event before it is taken: whatever follows from the event alone, so that
// threads do it side by side. In a replay the rows of most rules need nothing else, and stay here till the
// end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/correlate/live.h"
#include "runtime/correlate/row_extract.h"
#include "runtime/correlate/rule_rows.h"
#include "runtime/correlate/waiting_events.h"

namespace weir::correlate {

// What a rule asks of an event that it let in.
struct Asked {
  uint32_t rule = 0;
  bool has_key = true;  // of a correlation
  std::vector<Row> rows;
  std::optional<Alert> alert;  // of a rule whose alerts wait for nothing
};

// Events whose rows wait packed, and which rules let them in.
class PackedEvents {
 public:
  void add(const EventRef& event, uint32_t rule);
  bool empty() const { return events_.empty(); }
  uint64_t bytes() const { return bytes_; }
  std::vector<WaitingEvents::Fresh> all() const;
  void clear();

 private:
  std::vector<EventRef> events_;
  std::vector<size_t> first_rules_;  // of rules_, by event
  std::vector<uint32_t> rules_;
  uint64_t bytes_ = 0;
};

struct Live::Hand {
  Hand(const match::Program& program, std::optional<SpillOptions> packed);

  // The event that was prepared last.
  match::Decoder* decoder = nullptr;
  rt_scratch* scratch = nullptr;
  std::string_view record;
  std::string where;
  int64_t delivered = 0;
  bool text = false;
  bool missed = false;  // a rule that decided early could not hear of it
  std::vector<Asked> asked;

  // Of a replay, till it is gathered.
  std::optional<RuleRows> rows;  // stay till the end
  PackedEvents unsaved;
  std::vector<std::string> batches;           // the values of parts, but for what seals them
  std::vector<uint64_t> without_key;          // by rule
  std::vector<std::optional<int64_t>> first;  // by source: time of the first event that is not taken
  std::optional<int64_t> newest;

  RowExtraction extraction;
};

}  // namespace weir::correlate
