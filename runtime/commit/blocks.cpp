// See blocks.h.
#include "runtime/commit/blocks.h"

#include <algorithm>
#include <utility>

#include "runtime/match/decode.h"

namespace weir::commit {
namespace {

constexpr size_t kKeptBlocks = 16;
constexpr size_t kKeptBytes = 4 * kBlockBytes;  // of one: a record may be far larger

}  // namespace

void Block::add(const ingest::Record& record, uint64_t at) {
  const size_t begin = bytes.size();
  bytes.append(record.bytes).append(match::kPadding, '\0');
  items.push_back({begin, record.bytes.size(), record.place, record.text, at});
}

void Block::clear() {
  task = nullptr;
  bytes.clear();
  items.clear();
}

void Blocks::begin(const Task& task) {
  std::unique_lock lock(mutex_);
  change_.wait(lock, [&] { return !closed_; });
  ++open_;
  ++begun_[&task];
}

void Blocks::done(const Task& task) {
  std::lock_guard lock(mutex_);
  --open_;
  const auto found = begun_.find(&task);
  if (--found->second == 0) begun_.erase(found);
  change_.notify_all();
}

bool Blocks::give(std::unique_ptr<Block>& block) {
  {
    std::lock_guard lock(mutex_);
    if (given_.size() >= idle_) return false;
    given_.push_back(std::move(block));
  }
  work_.notify_one();
  return true;
}

std::unique_ptr<Block> Blocks::fresh() {
  std::lock_guard lock(mutex_);
  if (free_.empty()) return std::make_unique<Block>();
  std::unique_ptr<Block> block = std::move(free_.back());
  free_.pop_back();
  return block;
}

std::unique_ptr<Block> Blocks::left(const Task& task) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto found = std::find_if(given_.begin(), given_.end(), [&](const std::unique_ptr<Block>& block) {
      return block->task == &task;
    });
    if (found != given_.end()) {
      std::unique_ptr<Block> block = std::move(*found);
      given_.erase(found);
      return block;
    }
    if (!begun_.contains(&task)) return nullptr;
    change_.wait(lock);
  }
}

// Who leaves takes a block along when there are more than others wait for.
std::unique_ptr<Block> Blocks::wait(uint64_t known, const std::atomic<bool>& stop,
                                    std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  ++idle_;
  work_.wait_for(lock, most, [&] { return stop || arrivals_ != known || !given_.empty(); });
  --idle_;
  if (given_.empty()) return nullptr;
  std::unique_ptr<Block> block = std::move(given_.front());
  given_.pop_front();
  return block;
}

void Blocks::give_back(std::unique_ptr<Block> block) {
  if (block->bytes.capacity() > kKeptBytes) return;
  block->clear();
  std::lock_guard lock(mutex_);
  if (free_.size() < kKeptBlocks) free_.push_back(std::move(block));
}

uint64_t Blocks::arrivals() const {
  std::lock_guard lock(mutex_);
  return arrivals_;
}

void Blocks::arrived() {
  {
    std::lock_guard lock(mutex_);
    ++arrivals_;
  }
  work_.notify_all();
}

Blocks::Closed::Closed(Blocks& blocks) : blocks_(blocks) {
  std::unique_lock lock(blocks_.mutex_);
  blocks_.closed_ = true;
  blocks_.change_.wait(lock, [&] { return blocks_.open_ == 0; });
}

Blocks::Closed::~Closed() {
  {
    std::lock_guard lock(blocks_.mutex_);
    blocks_.closed_ = false;
  }
  blocks_.change_.notify_all();
}

}  // namespace weir::commit
