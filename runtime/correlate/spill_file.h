// A temporary file that has no name: records and rows that memory had no room for.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/correlate/row.h"
#include "runtime/match/program.h"

namespace weir::correlate {

class SpillFile final : public RecordStore {
 public:
  explicit SpillFile(const std::string& folder);
  ~SpillFile() override;
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  uint64_t size() const { return size_; }
  // False when the disk is full, say: then failure() says why.
  bool append(std::string_view bytes);
  bool read(uint64_t offset, char* into, size_t bytes) const override;
  const std::string& failure() const { return failure_; }

 private:
  int file_ = -1;
  uint64_t size_ = 0;
  std::string failure_;
};

// Appends each event's record, and then what else is known of each: where that is, by the places of `events`. Once for
// all rows of all rules. Less when the file has failed.
std::vector<uint64_t> put_away(const std::vector<const StoredEvent*>& events, SpillFile& file);

// Reads events that were put away, at rising offsets: those that lie together are read together.
class SpilledEvents {
 public:
  SpilledEvents(const match::Program& program, std::shared_ptr<const SpillFile> file)
      : program_(program), file_(std::move(file)) {}

  // Null when the file cannot be read.
  EventRef at(uint64_t offset);

 private:
  const char* bytes_at(uint64_t offset, size_t bytes);

  const match::Program& program_;
  std::shared_ptr<const SpillFile> file_;
  std::string buffer_;
  uint64_t begin_ = 0;  // of the buffer, in the file
};

}  // namespace weir::correlate
