// See lock.h.
#include "runtime/store/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir::store {

Lock::~Lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string Lock::take(const std::string& folder) {
  const std::string path = folder + "/lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return fmt::format("{}: {}", path, std::strerror(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t got = ::pread(descriptor_, holder, sizeof holder - 1, 0);
    return fmt::format("{}: another process{} runs on this store; one store, one process", folder,
                       got > 0 ? fmt::format(" ({})", holder) : "");
  }
  const std::string self = fmt::format("{}", ::getpid());
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, self.data(), self.size(), 0) < 0)
    return fmt::format("{}: {}", path, std::strerror(errno));
  return {};
}

}  // namespace weir::store
