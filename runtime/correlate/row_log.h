// The rows of one rule as bytes, in the order in which they came: a block for each event, without an allocation of
// its own.
//
// Rows wait by the million until the input has ended, and most of them are read once: what they are made of is packed
// here and unpacked when its turn comes. The same bytes go to a file when memory has no room for them.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/correlate/row.h"

namespace weir::correlate {

// What a row is beside its event and what the rule asked of it.
struct RowGroup {
  Identity128 group;
  uint32_t combination = 0;  // as Place::combination
  Identity128 silence;
};

// The rows of one event, packed: the observation, then the groups, of which there are some. In `room`, which
// grows.
std::string_view pack_rows(const Observation& seen, std::span<const RowGroup> groups, std::string& room);
// Overwrites both. `packed` is what pack_rows() gave.
void unpack_rows(std::string_view packed, Observation& seen, std::vector<RowGroup>& groups);
uint32_t first_combination(std::string_view packed);

class RowLog {
  struct Head {
    uint32_t event = 0;
    uint32_t bytes = 0;  // of what follows
  };

 public:
  // Good until the next add() or take().
  class Block {
   public:
    explicit Block(const char* at) : at_(at) {}
    uint32_t combination() const { return first_combination(rows()); }
    std::string_view rows() const { return {at_ + sizeof(Head), head().bytes}; }  // packed

   private:
    friend class RowLog;
    Head head() const {
      Head head;
      std::memcpy(&head, at_, sizeof head);
      return head;
    }
    const char* at_;
  };

  // `event` is a number that whoever holds the log knows. How many bytes of memory that took.
  size_t add(uint32_t event, std::string_view packed);
  // The blocks of another log, whose events have numbers that begin at `first_event` here.
  void take(RowLog&& other, uint32_t first_event);
  bool empty() const { return chunks_.empty(); }
  size_t blocks() const { return blocks_; }

  // use(event, block), in the order in which they came.
  template <class Use>
  void each_block(Use use) const;

 private:
  struct Chunk {
    uint32_t first_event = 0;
    std::string bytes;  // its capacity is not exceeded
  };
  std::vector<Chunk> chunks_;
  size_t blocks_ = 0;
};

template <class Use>
void RowLog::each_block(Use use) const {
  for (const Chunk& chunk : chunks_) {
    const char* const end = chunk.bytes.data() + chunk.bytes.size();
    for (const char* at = chunk.bytes.data(); at < end;) {
      const Block block(at);
      const Head head = block.head();
      use(chunk.first_event + head.event, block);
      at += sizeof head + head.bytes;
    }
  }
}

}  // namespace weir::correlate
