// See file_identity.h.
#include "runtime/ingest/file_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <memory>
#include <new>

namespace weir::ingest {
namespace {

std::string hash_of(const std::string& bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {reinterpret_cast<const char*>(&hash), sizeof hash};
}

}  // namespace


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
  FileFacts facts;
  facts.identity = hash_of(bytes);
  facts.arrived = status.st_ctim.tv_sec * 1'000'000 + status.st_ctim.tv_nsec / 1000;
  return facts;
}

std::string identity_of_change(const std::string& identity, int64_t changed_us) {
  std::string bytes = identity;
  bytes.append(reinterpret_cast<const char*>(&changed_us), sizeof changed_us);
  return hash_of(bytes);
}

ContentHash::ContentHash() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_64bits_reset(state_);
}
ContentHash::~ContentHash() { XXH3_freeState(state_); }
void ContentHash::add(std::string_view bytes) { XXH3_64bits_update(state_, bytes.data(), bytes.size()); }
uint64_t ContentHash::value() const { return XXH3_64bits_digest(state_); }

std::optional<uint64_t> content_of_file(const std::string& path) {
  constexpr size_t kBlock = 256u << 10;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::nullopt;
  ContentHash hash;
  const auto block = std::make_unique_for_overwrite<char[]>(kBlock);
  ssize_t got;
  do {
    got = ::read(descriptor, block.get(), kBlock);
    if (got > 0) hash.add({block.get(), static_cast<size_t>(got)});
  } while (got > 0 || (got < 0 && errno == EINTR));
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return got < 0 ? std::nullopt : std::optional(hash.value());
}

}  // namespace weir::ingest
