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

bool BodyRoom::take_memory(uint64_t bytes) {
  if (in_memory_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limits_.memory_all) return true;
  in_memory_.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

Body::~Body() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!room_) return;
  room_->in_memory_.fetch_sub(capacity_, std::memory_order_relaxed);
  room_->held_.fetch_sub(size_, std::memory_order_relaxed);
}

Body& Body::operator=(Body&& other) noexcept {
  std::swap(room_, other.room_);
  std::swap(memory_, other.memory_);
  std::swap(capacity_, other.capacity_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

Body::Added Body::append(std::string_view bytes) {
  if (!room_ || !room_->hold(bytes.size())) return Added::no_room;
  const bool fits = descriptor_ < 0 && grow(size_ + bytes.size());
  if (fits) {
    std::memcpy(memory_.get() + size_, bytes.data(), bytes.size());
  } else if ((descriptor_ < 0 && !spill()) || !write(bytes)) {
    room_->held_.fetch_sub(bytes.size(), std::memory_order_relaxed);
    return Added::no_file;
  }
  size_ += bytes.size();
  return Added::yes;
}

bool Body::grow(size_t wanted) {
  if (wanted <= capacity_) return true;
  const uint64_t most = room_->limits().memory_each;
  if (wanted > most) return false;
  const size_t larger = std::min<uint64_t>(most, std::max({wanted, 2 * capacity_, kFirstBytes}));
  if (!room_->take_memory(larger)) return false;
  auto memory = std::make_unique_for_overwrite<char[]>(larger);
  if (size_ > 0) std::memcpy(memory.get(), memory_.get(), size_);
  memory_ = std::move(memory);
  room_->in_memory_.fetch_sub(capacity_, std::memory_order_relaxed);
  capacity_ = larger;
  return true;
}

bool Body::spill() {
  descriptor_ = open_nameless(room_->limits().folder);
  if (descriptor_ < 0 || !write({memory_.get(), size_})) return false;
  memory_.reset();
  room_->in_memory_.fetch_sub(capacity_, std::memory_order_relaxed);
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
