// Folders into which complete files are put (`aws s3 sync`, rclone, a log shipper): each new file is a unit.
//
// Files are never moved, changed or deleted. A file is what its name below the folder, its size and its first
// and last bytes say: not its inode, which is used again, nor its time, which copies do not keep. One that was
// moved here is complete, and read at once. One that was closed after writing may be about to get its name
// (many write `name.RANDOM` and rename), and one that was only found may still be written: they are read when
// nobody has changed them for a while.
//
// One that was read, and has another time but the same size, beginning and end, may have had a hole: if its
// content is not what was read, all of it is read again.
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
  int64_t closed_us = 700'000;     // how long a file that was closed after writing must have been left alone
  int64_t settle_us = 2'000'000;   // and one that was found
  int64_t look_us = 10'000'000;    // how often the whole tree is looked at
  int64_t again_us = 1'000'000;    // after what could not be read; twice as long each time, up to five minutes
  int64_t absent_us = 6 * 3'600'000'000;  // how long it has looked before what is not there may be gone
  process::Notify notify;
};

std::unique_ptr<Source> spool(SpoolOptions options);

}  // namespace weir::ingest
