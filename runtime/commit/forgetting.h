// What would grow for ever in the store: units that cannot come again, and ids of alerts that ended long ago. A
// little at a time, with the commits that there are. What is there is noted as heard of now and then, so that the
// time of one that is gone counts from when it went.
#pragma once

#include "runtime/commit/feed.h"
#include "runtime/store/store.h"

namespace weir::commit {

class Forgetting {
 public:
  Forgetting(store::Store& store, Feed& feed) : store_(store), feed_(feed) {}
  // What this commit forgets, if it is time.
  void add_to(store::Commit& commit);

 private:
  store::Store& store_;
  Feed& feed_;
  store::UnitName last_;  // that was looked at
  int64_t next_at_ = 0;
};

}  // namespace weir::commit
