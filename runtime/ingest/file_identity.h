// What a file is, whatever its inode and whenever it was copied.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace weir::ingest {

inline constexpr size_t kIdentityHead = 4096;  // bytes of the beginning, and of the end, that are looked at

struct FileFacts {
  std::string identity;  // 16 bytes: of its name, size, first and last bytes
  int64_t arrived = 0;   // microseconds since 1970: when its inode was last changed
};

// `name`: by which it counts as the same file. Nothing when it cannot be opened or read: errno says why.
std::optional<FileFacts> facts_of_file(const std::string& path, std::string_view name);

// Of a file of that identity whose content was changed at that time: 16 bytes.
std::string identity_of_change(const std::string& identity, int64_t changed_us);

// A hash of all bytes of a file, as they come.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;
  void add(std::string_view bytes);
  uint64_t value() const;

 private:
  XXH3_state_s* state_;
};
// Of the whole file; nothing when it cannot be opened or read: errno says why.
std::optional<uint64_t> content_of_file(const std::string& path);

}  // namespace weir::ingest
