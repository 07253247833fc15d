// One large NDJSON file, read by several threads: the same records at the same places as when one reads it.
//
// The file is cut into parts at line ends. A part whose every line is plain (plain_lines.h) needs to know
// nothing of the others but its first line's number, so threads cut parts ahead and evaluate them side by
// side. Where anything else stands, one thread reads on as it always did, from the very byte where the parts
// before ended, until it is back on plain lines; the others wait. What broken input means is therefore said
// in one place only, the splitter.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/ingest/files.h"
#include "runtime/ingest/splitter.h"

namespace weir::ingest {

inline constexpr uint64_t kPartBytes = 4u << 20;
inline constexpr uint64_t kPartSlack =
    256u << 10;  // of the next part: where a line ends that was begun in this one

// A part in memory; each thread has one and uses it again.
struct Part {
  struct Line {
    uint32_t begin, size;
    uint32_t above;  // line ends before it in the part
  };
  std::unique_ptr<char[]> buffer;
  std::string_view bytes;  // from the first line of the part on, beyond its last by at most kPartSlack
  uint64_t begin = 0;      // of `bytes` in the file
  size_t size = 0;         // of the part
  uint64_t line_ends = 0;
  std::vector<Line> lines;
};

class SharedFile {
 public:
  // Null when one thread is to read the file: small, compressed, no file, or nothing that begins with plain
  // lines.
  static std::unique_ptr<SharedFile> open(const InputFile& file, const ReadLimits& limits);
  ~SharedFile();
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;

  // Reads the next part (Receiver::progress counts from its beginning); false when every part is taken. May
  // be called by several threads at once, each with a part and a receiver of its own.
  bool read_part(Part& part, Receiver& receiver);
  bool has_parts() const { return next_ < parts_; }
  // The system did not give the file to its end; a receiver was told.
  bool failed() const { return failed_; }

 private:
  SharedFile(int descriptor, const InputFile& file, const ReadLimits& limits, uint64_t bytes);
  bool load(size_t index, Part& part) const;
  bool wait_for_turn(size_t index);
  void pass_turn(size_t to);
  void deliver(const Part& part, uint64_t first_line, Receiver& receiver) const;
  size_t read_with_care(Receiver& receiver);

  int descriptor_;
  const InputFile& file_;
  ReadLimits limits_;
  size_t parts_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> failed_{false};

  std::mutex mutex_;
  std::condition_variable passed_;
  size_t turn_ = 0;              // the part that may be evaluated next; changed by its reader only
  Splitter::Position position_;  // where it begins; touched by its reader only
};

}  // namespace weir::ingest
