// Where units come from. A unit is the smallest thing that a source can acknowledge: a file, a request, a
// message.
//
// A unit that was read to its end and decided is acknowledged after the commit that holds its end, never
// before. One that was not is given back, and comes again: in this process or, told by its key, in the next.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/ingest/files.h"
#include "runtime/ingest/record.h"

namespace weir::ingest {

class Unit {
 public:
  virtual ~Unit() = default;

  // Everything in it, from the beginning: the same calls in the same order each time. Ends soon after `stop`
  // is set. A sentence when it cannot be read now; what is wrong for good goes to the receiver.
  virtual std::string read(FileReader& reader, const ReadLimits& limits, Receiver& receiver,
                           const std::atomic<bool>& stop) = 0;

  std::string key;        // 16 bytes that tell it again after a restart; empty: nothing can
  std::string name;       // for people
  int64_t delivered = 0;  // microseconds since 1970; 0: its records are delivered as they are read
  bool awaited = false;   // somebody waits for the commit that holds its end
  bool endless = false;   // it ends when the process does: nothing waits for its end
};

class Source {
 public:
  virtual ~Source() = default;

  // The next unit, or null when there is none now. Called by one thread at a time; never waits.
  virtual std::unique_ptr<Unit> next() = 0;
  // There will never be another one; only those that were given back.
  virtual bool drained() const = 0;

  // By any thread: when the oldest of what is known of and not yet given out arrived, microseconds since
  // 1970; INT64_MAX when there is nothing, INT64_MIN when that is not known yet.
  virtual int64_t waiting_since() const { return INT64_MAX; }
  virtual void acknowledge(Unit&) {}
  virtual void give_back(std::unique_ptr<Unit>) {}
};

}  // namespace weir::ingest
