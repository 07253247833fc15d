// Correlations on a live feed: an alert leaves at once as `open`, and is `final` when the watermark passes
// (language.md, 7: prompt and exact).
//
// One thread calls this, but for prepare(). It knows no clock: delivery times come in, alerts and the parts
// of the state to save go out. Everything since the last take_saved() belongs to one commit of the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/match/decode.h"
#include "runtime/match/program.h"

namespace weir::correlate {

// A part of the state under its key; no value: the part is gone. Keys and values are bytes. The format is
// versioned and documented in docs/state-format.md.
struct SavedPart {
  std::string key;
  std::optional<std::string> value;
};

struct LiveCounts {  // since the start of this process
  std::vector<uint64_t> late;           // by source: correlations did not hear of them
  std::vector<uint64_t> ahead;          // by source: dated too far after their delivery
  std::vector<uint64_t> evicted;        // by rule: groups that went for want of room
  std::vector<uint64_t> without_key;    // by rule
  std::vector<uint64_t> decided_early;  // by rule: rows that did not wait for the watermark, for want of room
};

struct LiveOptions {
  // Of rows that wait for the watermark, by estimate. Beyond it the oldest rows of the rule that holds most are
  // decided early; what comes later than those is late to that rule.
  uint64_t rows_bytes = 64u << 20;
  // A replay: nobody waits for open alerts, so nothing is called for before end(), which costs each commit a look
  // at all rows that wait.
  bool only_finals = false;
  // Then the rows of rules over many events wait packed, and beyond so much memory in a file without a name in that
  // folder: none of them is decided early.
  uint64_t packed_bytes = 64u << 20;
  std::string folder = ".";
  // From so many groups of one rule on a save packs them.
  size_t pack_from = 64;
  unsigned threads = 1;  // at the end rules are decided side by side; the result is the same
  // Microseconds that only go on, from whenever. With it a rule rests when it took long to find out what it
  // calls for, so that all rules together take about a tenth of the time for it; but no longer than a second.
  // What it calls for meanwhile is told by a later take_alerts(). Finals are what they would be. Without it
  // nothing rests.
  std::function<int64_t()> steady_us;
};

class Live {
 public:
  explicit Live(std::shared_ptr<const match::Program> program, const LiveOptions& options = {});
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  // What one thread makes of events before they are taken; good as long as this is.
  struct Hand;
  std::shared_ptr<Hand> hand();

  // The decoder's current event (complete_rest() was called), `matched` as Program::match filled it. Makes
  // the candidates and the rows of all rules that matched. `delivered`: microseconds since 1970. By several
  // threads, each with a hand, while others call prepare() and one calls take(). False when there is nothing
  // to take: all of it waits in the hand, for take_saved() and end().
  bool prepare(Hand& hand, match::Decoder& decoder, rt_scratch* scratch, const uint64_t* matched,
               std::string_view record, bool text, std::string where, int64_t delivered) const;
  // What was prepared last, by the thread that did: the decoder is as it was.
  void take(Hand& hand);
  // Both.
  void take(match::Decoder& decoder, rt_scratch* scratch, const uint64_t* matched, std::string_view record,
            bool text, std::string where, int64_t delivered);

  // An event that no rule matched: warm-ups begin with it, and it may be late or ahead. take() says it of those
  // that some rule matched.
  void saw(uint16_t source, int64_t time, int64_t delivered);

  // By source: the moment up to which everything that was delivered has been taken: nothing comes any more
  // whose `delivered` is not after it. (With a backlog: a microsecond before the delivery of its oldest unit.)
  // They never fall; that of a source that is not read is the present, or rules wait for it that hear its rules' alerts.
  void advance(const std::vector<int64_t>& delivered);
  // Nothing rests from now on: there may be no later take_alerts().
  void rest_no_more();
  // The input has ended: decides what a scan of the same events decides.
  void end();
  // Why rows are missing: a file could not be written. What was told since the last take_saved() is wrong then. Empty
  // when all is well.
  std::string failure() const;

  // Alerts whose state changed since the last call, in the order in which they changed: open, amended (with
  // `replaces`), withdrawn, final. What would have opened and been withdrawn in between is not among them. Rules
  // without correlation and without suppress, that hear no alerts, are final at once.
  std::vector<Alert> take_alerts();

  // What changed since the last call. Restoring all parts (the newest value of each key, in any order) gives
  // an equal state; alerts that were open then are still open.
  std::vector<SavedPart> take_saved();
  // Before any take(). A sentence that says what is wrong (then this must not be used any more), or nothing. A rule
  // whose correlation changed starts empty and is named in `forgotten`.
  // `more`, if given, gives further parts one by one, all of which have keys that begin with kOneByOne: of these there
  // may be more than memory holds at once.
  static constexpr char kOneByOne = 'b';
  using EachPart = std::function<void(const std::function<void(const SavedPart&)>& use)>;
  std::optional<std::string> restore(const std::vector<SavedPart>& parts, std::vector<std::string>& forgotten,
                                     const EachPart& more = {});

  LiveCounts counts() const;

  struct Impl;  // of this library alone

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::correlate
