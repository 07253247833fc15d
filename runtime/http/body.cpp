// See body.h. A file has no name from the beginning, so that nothing is left behind however the process ends.
#include "runtime/http/body.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace weir::http {
namespace {

constexpr size_t kFirstBytes = 4u << 10;
constexpr size_t kSmall = 96u << 10;  // the heap has such memory at hand; larger is the kernel's
constexpr size_t kLargestSpare = 4u << 20, kSpares = 4;

int open_nameless(const std::string& folder) {
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return descriptor;
  std::string name = folder + "/weir-body-XXXXXX";  // a file system that knows no nameless files
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

bool BodyRoom::hold(uint64_t bytes) {
  if (held_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limits_.held_all) return true;
  held_.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

BodyRoom::Memory BodyRoom::take_memory(size_t& bytes) {
  Memory memory;
  if (bytes > kSmall) {
    std::lock_guard lock(mutex_);
    const auto fits = std::find_if(spares_.begin(), spares_.end(), [&](const Spare& spare) {
      return spare.bytes >= bytes && spare.bytes <= 4 * bytes;
    });
    if (fits != spares_.end()) {
      bytes = fits->bytes;
      memory = std::move(fits->memory);
      spares_.erase(fits);
    }
  }
  if (in_memory_.fetch_add(bytes, std::memory_order_relaxed) + bytes > limits_.memory_all) {
    give_back(std::move(memory), bytes);
    return nullptr;
  }
  if (!memory) memory.reset(static_cast<char*>(std::malloc(bytes + Body::kPadding)));
  if (!memory) in_memory_.fetch_sub(bytes, std::memory_order_relaxed);
  return memory;
}

void BodyRoom::give_back(Memory memory, size_t bytes) {
  in_memory_.fetch_sub(bytes, std::memory_order_relaxed);
  if (!memory || bytes <= kSmall || bytes > kLargestSpare) return;
  std::lock_guard lock(mutex_);
  if (spares_.size() < kSpares) spares_.push_back({std::move(memory), bytes});
}

Body::~Body() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!room_) return;
  room_->give_back(std::move(memory_), capacity_);
  room_->held_.fetch_sub(size_, std::memory_order_relaxed);
}

Body& Body::operator=(Body&& other) noexcept {
  std::swap(room_, other.room_);
  std::swap(announced_, other.announced_);
  std::swap(memory_, other.memory_);
  std::swap(capacity_, other.capacity_);
  std::swap(piece_, other.piece_);
  std::swap(into_piece_, other.into_piece_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

std::span<char> Body::space(uint64_t most) {
  into_piece_ = !room_ || descriptor_ >= 0 || (size_ == capacity_ && !grow());
  if (!into_piece_)
    return {memory_.get() + size_, static_cast<size_t>(std::min<uint64_t>(most, capacity_ - size_))};
  if (!piece_) piece_ = std::make_unique_for_overwrite<char[]>(kPiece);
  return {piece_.get(), static_cast<size_t>(std::min<uint64_t>(most, kPiece))};
}

Body::Added Body::added(size_t count) {
  const bool is_held = room_ && room_->hold(count);
  if (is_held) {
    size_ += count;
    if (!into_piece_ || ((descriptor_ >= 0 || spill(size_ - count)) && write({piece_.get(), count})))
      return Added::yes;
  }
  *this = {};
  return is_held ? Added::no_file : Added::no_room;
}

// Who announces much and sends little shall not have much memory for it.
bool Body::grow() {
  const uint64_t most = room_->limits().memory_each;
  if (size_ >= most) return false;
  const bool is_known = announced_ > size_;
  const uint64_t wanted = is_known
                              ? std::min<uint64_t>(announced_, std::max<uint64_t>(16 * capacity_, kSmall))
                              : std::max<uint64_t>(2 * capacity_, kFirstBytes);
  size_t larger = std::min(most, wanted);
  BodyRoom::Memory memory = room_->take_memory(larger);
  if (!memory) return false;
  if (size_ > 0) std::memcpy(memory.get(), memory_.get(), size_);
  if (memory_) room_->give_back(std::move(memory_), capacity_);
  memory_ = std::move(memory);
  capacity_ = larger;
  return true;
}

bool Body::spill(size_t size) {
  descriptor_ = open_nameless(room_->limits().folder);
  if (descriptor_ < 0 || !write({memory_.get(), size})) return false;
  room_->give_back(std::move(memory_), capacity_);
  capacity_ = 0;
  room_->spilled_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool Body::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

size_t Body::read(uint64_t offset, char* out, size_t room, bool& failed) const {
  if (offset >= size_) return 0;
  const size_t count = static_cast<size_t>(std::min<uint64_t>(room, size_ - offset));
  if (descriptor_ < 0) {
    std::memcpy(out, memory_.get() + offset, count);
    return count;
  }
  ssize_t got;
  do {
    got = ::pread(descriptor_, out, count, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  failed = got <= 0;
  return failed ? 0 : static_cast<size_t>(got);
}

}  // namespace weir::http
