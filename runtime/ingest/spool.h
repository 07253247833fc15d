// Folders into which complete files are put (`aws s3 sync`, rclone, a log shipper): each new file is a unit.
//
// Files are never moved, changed or deleted. A file is what its name below the folder, its size and its first
// and last bytes say: not its inode, which is used again, nor its time, which copies do not keep. A file that
// was announced as complete (closed after writing, moved here) is read at once; one that was only found is
// read when nobody has changed it for a while, because somebody may still be writing it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/ingest/source.h"
#include "runtime/process/notice.h"

namespace weir::ingest {

struct SpoolOptions {
  std::vector<std::string> paths;  // folders, or single files
  bool once = false;               // what is there now, whatever its age, and then no more
  int64_t settle_us = 2'000'000;   // how long a file that was found must have been left alone
  int64_t look_us = 10'000'000;    // how often the whole tree is looked at
  process::Notify notify;
};

std::unique_ptr<Source> spool(SpoolOptions options);

}  // namespace weir::ingest
