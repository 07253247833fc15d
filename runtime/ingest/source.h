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
#include <string_view>

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
  bool gathered = false;  // its records came one by one since `delivered`: each at its own time, as far as that can be
  bool awaited = false;   // somebody waits for the commit that holds its end
  bool endless = false;   // it ends when the process does: nothing waits for its end
  bool of_file = false;   // nobody is answered what became of its records: who is to hear of it reads the log
  bool divisible =
      false;  // all of it is there: several threads may decide its records, some time after they were told

  // Bytes that stay where they are as long as the unit is there: what is told of them need not be copied. May
  // be empty.
  virtual std::string_view held() const { return {}; }

  // Of a part of something that has no end: the key names the whole, `from` tells its source where this part
  // begins, `upto` (made by read()) where the next one does. The commit that holds the end keeps `upto`.
  //
  // Of a whole whose sender gave it the key, `from` tells what it holds: what has the key of one that is finished,
  // and holds something else, is refused.
  std::string from, upto;
  // `upto` of a part that ended the process when it was read.
  virtual std::string beyond() const { return {}; }
};

class Source {
 public:
  virtual ~Source() = default;

  // The next unit, or null when there is none now. Called by one thread at a time; never waits.
  virtual std::unique_ptr<Unit> next() = 0;
  // There will never be another one; only those that were given back.
  virtual bool drained() const = 0;

  // Before the first next(): the last part of `key` that was committed ended at `upto`; its unit was named `name`.
  virtual void recall(const std::string& /*key*/, const std::string& /*name*/, const std::string& /*upto*/) {}
  // Whether the unit may come again of which nothing was heard for so long. By any thread.
  virtual bool may_come_again(std::string_view /*key*/, int64_t /*age_us*/) const { return false; }
  // Whether it is there now: that counts as hearing of it. By any thread.
  virtual bool is_there(std::string_view /*key*/) const { return false; }

  // By any thread: when the oldest of what is known of and not yet given out arrived, microseconds since
  // 1970; INT64_MAX when there is nothing, INT64_MIN when that is not known yet.
  virtual int64_t waiting_since() const { return INT64_MAX; }
  virtual void acknowledge(Unit&) {}
  // Another one with its key is finished, and held something else.
  virtual void refuse(std::unique_ptr<Unit>) {}
  virtual void give_back(std::unique_ptr<Unit>) {}
};

}  // namespace weir::ingest
