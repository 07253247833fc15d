// The one place where the live correlations are called: what the workers decided goes in, and each commit
// takes the alerts and the state that belong to it. Knows what `delivered` means for a feed, and for a
// replay.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "runtime/correlate/live.h"
#include "runtime/match/matcher.h"
#include "runtime/store/store.h"

namespace weir::commit {

// An event that no rule matched: when it was, and when it came.
struct Unmatched {
  uint16_t source = 0;  // of the program
  int64_t time = 0, delivered = 0;
};

class Correlations {
 public:
  // With `replay` events are delivered at their own time, and at the end of the input it is decided what a
  // scan decides; `folder` is for its temporary files. `waiting_bytes`: of events that wait for the watermark, or
  // for the end of a replay.
  Correlations(std::shared_ptr<const match::Program> program, bool replay, const std::string& folder,
               unsigned threads, uint64_t waiting_bytes);

  // Before anything is taken. A sentence when the state cannot be taken up; names of rules whose state was
  // dropped go to `forgotten`.
  std::string restore(store::Store& store, std::vector<std::string>& forgotten);
  // These follow `before`, whose state was restored: what it has taken is not delivered again.
  void go_on_from(const Correlations& before);

  // The matcher's event, which matched. By any worker, with a hand of its own.
  using Hand = correlate::Live::Hand;
  std::shared_ptr<Hand> hand() { return live_.hand(); }  // while no worker decides
  void take(Hand& hand, match::Matcher& matcher, std::string_view record, bool text, std::string where,
            int64_t delivered);

  // The rest while no worker decides. Events that no rule matched; then `delivered`: by source of the
  // program, the moment up to which everything that arrived has been taken.
  void saw(const std::vector<Unmatched>& events);
  void advance(const std::vector<int64_t>& delivered);
  // The next take_alerts() is to leave nothing that is called for to a later one.
  void rest_no_more() { live_.rest_no_more(); }
  // A sentence when not everything could be decided: then nothing of it is to be committed.
  std::string end();
  std::vector<correlate::Alert> take_alerts() { return live_.take_alerts(); }
  std::vector<correlate::SavedPart> take_saved() { return live_.take_saved(); }
  // Adds the events since the last call that were late or ahead.
  void take_untimely(store::Counts& counts);
  correlate::LiveCounts counts();  // at any time

 private:
  int64_t moment(uint16_t source, int64_t time, int64_t delivered) const;
  std::shared_ptr<const match::Program> program_;
  correlate::Live live_;
  bool replay_;
  int64_t told_late_ = 0, told_ahead_ = 0;
  std::mutex mutex_;
  std::vector<int64_t> advanced_;  // by source: nothing is delivered before it
};

}  // namespace weir::commit
