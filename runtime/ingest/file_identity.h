// What a file is, whatever its inode and whenever it was copied.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::ingest {

inline constexpr size_t kIdentityHead = 4096;  // bytes of the beginning, and of the end, that are looked at

struct FileFacts {
  std::string identity;  // 16 bytes: of its name, size, first and last bytes
  int64_t arrived = 0;   // microseconds since 1970: when its inode was last changed
};

// `name`: by which it counts as the same file. Nothing when it cannot be opened or read: errno says why.
std::optional<FileFacts> facts_of_file(const std::string& path, std::string_view name);

}  // namespace weir::ingest
