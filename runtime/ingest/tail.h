// Files that grow, a record a line: each is followed through rotation, by renaming as by copying and
// truncating, and read on after a restart where the commit was.
//
// A file is its content (tail_content.h), from its first bytes on; one without a line is none yet. One that
// holds what another one holds, as far as that was read, or no more than its beginning, is its copy: it is
// left alone, and read on once the other one is gone, or begins anew. So `app.log.1` and `app.log.1.gz` are
// what `app.log` was. What is no longer found by its name is looked for beside it, under names that begin
// with it, and read to its end through the open file if it is nowhere. While its folder is not there, or
// there is nothing in it, it is waited for: nobody can tell a folder that is not mounted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/ingest/source.h"
#include "runtime/process/notice.h"

namespace weir::ingest {

struct TailOptions {
  std::vector<std::string> paths;   // folders, or single files
  bool once = false;                // each to its end of now, and then no more
  int64_t poll_us = 200'000;        // how often files that are known are looked at
  int64_t look_us = 10'000'000;     // how often the whole tree is, when nothing calls for it
  int64_t absent_us = 6 * 3'600'000'000;  // how long it has looked before what is not there may be gone
  process::Notify notify;
};

std::unique_ptr<Source> tail(TailOptions options);

}  // namespace weir::ingest
