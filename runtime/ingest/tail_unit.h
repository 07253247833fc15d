// What is there of a file that grows, from a mark on up to its last line end.
//
// A line is a record, or what a line may hold beside (envelope.h); nothing spans lines, so where a reading
// ends does not change what it gives. The end of a line that is being written is waited for.
#pragma once

#include <memory>
#include <string>

#include "runtime/ingest/source.h"
#include "runtime/ingest/tail_content.h"

namespace weir::ingest {

inline constexpr uint64_t kTailBytes = 16u << 20;   // of a unit; compressed files are read as a whole
inline constexpr size_t kLongestLine = 16u << 20;   // beyond, it is cut, and unreadable

class TailUnit final : public Unit {
 public:
  TailUnit(std::shared_ptr<Descriptor> file, const TailMark& begin);

  // Ends without a record when the file is not that of the mark any more.
  std::string read(FileReader& reader, const ReadLimits& limits, Receiver& receiver,
                   const std::atomic<bool>& stop) override;
  std::string beyond() const override;

  const TailMark& end() const { return end_; }
  bool lost() const { return lost_; }  // it was not that file
  bool more() const { return more_; }  // it ended because it was long enough

 private:

  std::shared_ptr<Descriptor> file_;
  const TailMark begin_;
  TailMark end_;
  bool lost_ = false, more_ = false;
};

}  // namespace weir::ingest
