// Where several workers decide the records of one unit. Whoever reads the unit gathers its records in
// blocks; a block goes to a worker that has nothing else to do, or is decided by the reader itself.
//
// A cut must not fall between two blocks of a unit of which the second is decided before the first: while one
// is wanted nothing new is begun, and it waits for what was. So how far a unit is decided stays one number.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/ingest/record.h"

namespace weir::commit {

struct Task;

inline constexpr size_t kBlockBytes = 64u << 10;  // about: a record more

struct Block {
  struct Item {
    const char* kept = nullptr;  // null: it is copied
    size_t begin = 0, size = 0;  // of `copied`
    ingest::Place place;         // names what the unit does
    bool text = false;
    uint64_t at = 0;  // of the calls of the unit
  };
  // `held`: of the unit (ingest::Unit::held); a record that lies in it is not copied.
  void add(const ingest::Record& record, uint64_t at, std::string_view held);
  ingest::Record record(const Item& item) const {
    return {{item.kept ? item.kept : copied.data() + item.begin, item.size}, item.place, item.text};
  }
  void clear();

  const Task* task = nullptr;  // stays till all of its blocks are decided
  std::string copied;
  size_t bytes = 0;  // of all records
  std::vector<Item> items;
};

class Blocks {
 public:
  // ---- whoever reads a unit
  // Something of the unit is to be decided, and then done(): waits while a cut is made.
  void begin(const Task& task);
  void done(const Task& task);
  // To somebody who helps, who says done(); false, and it is the caller's, when there is nobody, or enough
  // waits for them. After begin().
  bool give(std::unique_ptr<Block>& block);
  std::unique_ptr<Block> fresh();
  // A block of that unit which nobody decides yet; null when all are decided. Waits for those that others
  // decide.
  std::unique_ptr<Block> left(const Task& task);

  // ---- whoever has nothing else to do
  // From help() on blocks are given that wait for this one, until leave() says that it may go: first it
  // decides what the others would not come to.
  void help();
  std::unique_ptr<Block> leave();  // to be decided; null: it may go
  // Waits for a block, an arrival after the `known`, `stop`, or for so long. Null: no block.
  std::unique_ptr<Block> wait(uint64_t known, const std::atomic<bool>& stop, std::chrono::milliseconds most);
  void give_back(std::unique_ptr<Block> block);  // decided: its memory
  uint64_t arrivals() const;
  void arrived();  // a unit, or a reason to look: wakes all who wait

  // ---- whoever makes a cut
  // While it lives nothing is begun, and all that was is done.
  class Closed {
   public:
    explicit Closed(Blocks& blocks);
    ~Closed();
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

   private:
    Blocks& blocks_;
  };

 private:
  std::unique_ptr<Block> take_given();

  mutable std::mutex mutex_;
  std::condition_variable work_;              // blocks, arrivals
  std::condition_variable change_;            // something is done, or it is open again
  std::deque<std::unique_ptr<Block>> given_;  // never more than kAhead for each who helps
  std::vector<std::unique_ptr<Block>> free_;
  std::unordered_map<const Task*, size_t> begun_;
  size_t open_ = 0, helpers_ = 0;
  uint64_t arrivals_ = 0;
  bool closed_ = false;
};

}  // namespace weir::commit
