// A sink that chooses itself when each row goes, and in what company. What it has been handed and has neither
// delivered nor set aside stays in the outbox, and is handed over anew by the next process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/store/store.h"

namespace weir::deliver {

using store::SetAside;

// How long a sink may fail before somebody is told, microseconds: a restart of the other side takes less.
inline constexpr int64_t kUnreachableAfter = 300'000'000;

// What the operator must hear of the sink itself, once when it begins.
struct SinkTrouble {
  enum class Kind : uint8_t {
    refused,      // wrong or revoked credentials, an address that is gone: somebody must act
    unreachable,  // for five minutes already
  };
  Kind kind = Kind::refused;
  std::string text;  // a sentence without secrets
};

struct Turn {
  std::vector<int64_t> delivered;  // rows, in the order in which they went
  std::vector<SetAside> set_aside;
  std::optional<store::SinkPosition>
      position;                 // when it changed: belongs into the commit that removes these rows
  std::optional<int64_t> wake;  // microseconds since 1970: when there is something to do without new rows
  std::string problem;          // of the last attempt: a sentence without secrets
  std::optional<store::Tried> tried;  // what was not taken now and will be sent again
  std::optional<SinkTrouble> trouble;
  bool works = false;  // the receiver took something, or said what is wrong with just that
  uint64_t attempts = 0;
  uint64_t due = 0;  // messages that would go now if the receiver and the pace let them; 0: what it has waits
                     // for its time
};

class PacedSink {
 public:
  virtual ~PacedSink() = default;

  // Before the first turn, and when it is to begin anew: it forgets what it was handed. `position` is the
  // last one that the store has.
  virtual void open(const store::SinkPosition& position) = 0;
  // An earlier process tried its first row so often: nothing is sent before `next_at`, and pauses go on from
  // there.
  virtual void tried_before(int64_t attempts, int64_t next_at) = 0;
  // How many rows beyond those it has it would take now.
  virtual size_t room() const = 0;
  // `fresh`: rows that it was not handed before, in order; may be empty. Sends what is due, for about a
  // second at most, or one request's time-out.
  virtual Turn turn(std::vector<store::OutboxRow> fresh) = 0;
  // From another thread: what is being sent ends soon, and nothing is sent any more.
  virtual void interrupt() = 0;
};

}  // namespace weir::deliver
