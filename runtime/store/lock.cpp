// See lock.h.
#include "runtime/store/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace weir::store {
namespace {

constexpr int kTries = 10;
constexpr auto kBetween = std::chrono::milliseconds(20);

bool lock(int descriptor) {
  for (int tried = 1; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0; ++tried) {
    if (tried == kTries) return false;
    std::this_thread::sleep_for(kBetween);
  }
  return true;
}

}  // namespace

Lock::~Lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string Lock::take(const std::string& folder) {
  const std::string path = folder + "/lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return fmt::format("{}: {}", path, std::strerror(errno));
  if (!lock(descriptor_)) {
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

bool Lock::is_taken(const std::string& folder) {
  const int descriptor = ::open((folder + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool taken = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return taken;
}

}  // namespace weir::store
