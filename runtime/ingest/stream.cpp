// Reading files and memory as streams.
#include "runtime/ingest/stream.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/ingest/file_identity.h"

namespace weir::ingest {

FileStream::~FileStream() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

// False when it was told to stop.
bool FileStream::wait_for_bytes() const {
  for (;;) {
    if (stop_->load(std::memory_order_relaxed)) return false;
    pollfd ready{descriptor_, POLLIN, 0};
    if (::poll(&ready, 1, 100) != 0) return true;
  }
}

size_t FileStream::read(char* out, size_t room) {
  if (budget_.failed) return 0;
  if (stop_ && !wait_for_bytes()) return 0;
  ssize_t got;
  do {
    got = ::read(descriptor_, out, room);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    error_ = fmt::format("cannot be read further: {}", std::strerror(errno));
    budget_.failed = true;
    return 0;
  }
  budget_.taken += static_cast<uint64_t>(got);
  if (hash_) hash_->add({out, static_cast<size_t>(got)});
  ended_ = got == 0;
  return static_cast<size_t>(got);
}

size_t MemoryStream::read(char* out, size_t room) {
  size_t count = std::min(room, bytes_.size());
  std::memcpy(out, bytes_.data(), count);
  bytes_.remove_prefix(count);
  return count;
}

}  // namespace weir::ingest
