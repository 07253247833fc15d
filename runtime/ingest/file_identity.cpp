// See file_identity.h.
#include "runtime/ingest/file_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>

namespace weir::ingest {

std::optional<FileFacts> facts_of_file(const std::string& path, std::string_view name) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::nullopt;
  std::string bytes(name);
  bytes += '\0';
  struct stat status;
  bool well = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  if (well) {
    const auto size = static_cast<uint64_t>(status.st_size);
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    char part[kIdentityHead];
    const off_t ends[] = {0, size > kIdentityHead ? static_cast<off_t>(size - kIdentityHead) : 0};
    for (off_t at : ends) {
      const ssize_t got = ::pread(descriptor, part, sizeof part, at);
      well = well && got >= 0;
      if (got > 0) bytes.append(part, static_cast<size_t>(got));
    }
  }
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!well) return std::nullopt;
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  FileFacts facts;
  facts.identity.assign(reinterpret_cast<const char*>(&hash), sizeof hash);
  facts.arrived = status.st_ctim.tv_sec * 1'000'000 + status.st_ctim.tv_nsec / 1000;
  return facts;
}

}  // namespace weir::ingest
