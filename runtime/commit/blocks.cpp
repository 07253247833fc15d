// See blocks.h.
#include "runtime/commit/blocks.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "runtime/match/decode.h"

namespace weir::commit {
namespace {

constexpr size_t kKeptBlocks = 16;
constexpr size_t kAhead =
    2;  // wait for each who helps, so that nobody waits for the reader, who decides as well
constexpr size_t kKeptBytes = 4 * kBlockBytes;  // of one: a record may be far larger

}  // namespace

void Block::add(const ingest::Record& record, uint64_t at, std::string_view held) {
  const std::less_equal<> not_after;
  const char *const begin = record.bytes.data(), *const end = begin + record.bytes.size();
  const bool stays = not_after(held.data(), begin) && not_after(end, held.data() + held.size());
  items.push_back(
      {stays ? begin : nullptr, copied.size(), record.bytes.size(), record.place, record.text, at});
  if (!stays) copied.append(record.bytes).append(match::kPadding, '\0');
  bytes += record.bytes.size();
}

void Block::clear() {
  task = nullptr;
  copied.clear();
  bytes = 0;
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
    if (given_.size() >= kAhead * helpers_) return false;
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

void Blocks::help() {
  std::lock_guard lock(mutex_);
  ++helpers_;
}

std::unique_ptr<Block> Blocks::leave() {
  std::lock_guard lock(mutex_);
  if (given_.size() <= kAhead * (helpers_ - 1)) {
    --helpers_;
    return nullptr;
  }
  return take_given();
}

std::unique_ptr<Block> Blocks::take_given() {
  std::unique_ptr<Block> block = std::move(given_.front());
  given_.pop_front();
  return block;
}

std::unique_ptr<Block> Blocks::wait(uint64_t known, const std::atomic<bool>& stop,
                                    std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  work_.wait_for(lock, most, [&] { return stop || arrivals_ != known || !given_.empty(); });
  return given_.empty() ? nullptr : take_given();
}

void Blocks::give_back(std::unique_ptr<Block> block) {
  if (block->copied.capacity() > kKeptBytes) return;
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
