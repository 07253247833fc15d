// What reading, decoding and matching cost on given events, and what each rule costs alone: medians over
// rounds, with the fastest and the slowest of them, so that the noise of the machine is seen.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "runtime/ingest/files.h"
#include "runtime/match/decode.h"

namespace weir::cli {

struct Cost {  // nanoseconds an event
  double median = 0, low = 0, high = 0;
};

// Records as they are read, kept up to a limit.
class HeldRecords final : public ingest::Receiver {
 public:
  struct Held {
    std::string bytes;  // with match::kPadding behind it
    bool text = false;
    std::string_view record() const {
      return std::string_view(bytes).substr(0, bytes.size() - match::kPadding);
    }
  };
  void record(const ingest::Record& record) override;
  void unreadable(const ingest::Problem&) override { ++unread; }
  void skipped(ingest::Skip, const ingest::Place&, uint64_t) override {}
  void progress(uint64_t) override {}

  std::vector<Held> held;
  uint64_t records = 0, bytes = 0, unread = 0;

 private:
  uint64_t held_bytes_ = 0;
};

struct StageCosts {
  uint64_t events = 0;  // of those held, that are of a source of the program
  Cost reading;         // from files to records, decompressing
  Cost decoding;        // finding the source, every field that the rules name
  Cost matching;        // all rules together on such an event, of those that stay decoded
  Cost scanning;        // decoding and matching as a scan does them: it ends early where no rule can match
};

// Decoded events that stay in memory, spread evenly over the records.
class HeldEvents {
 public:
  HeldEvents(std::shared_ptr<const match::Program> program, const HeldRecords& records);
  size_t size() const { return events_.size(); }
  const match::Program& program() const { return *program_; }
  const std::vector<rt_event>& events() const { return events_; }

 private:
  std::shared_ptr<const match::Program> program_;
  std::vector<std::unique_ptr<match::Decoder>> decoders_;  // one an event: it owns what the event points to
  std::vector<rt_event> events_;
};

StageCosts stage_costs(std::shared_ptr<const match::Program> program,
                       const std::vector<ingest::InputFile>& files, const HeldRecords& records,
                       const HeldEvents& events, int rounds);

// A condition on events of one source.
struct CostedRoot {
  uint16_t source = 0;
  match::Root root = match::kNone;
  uint64_t events = 0, holds = 0;
  Cost cost;
};
// Each is evaluated alone, on every event of its source, without what keeps a scan from evaluating it at all;
// they take turns in every round.
void root_costs(const HeldEvents& events, std::vector<CostedRoot>& roots, int rounds);

}  // namespace weir::cli
