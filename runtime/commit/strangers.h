// Files that hold no event of any source: an access log in the wrong folder, a schema that is missing. Their
// records are skipped, which is right for one line among others; of a whole file somebody should hear.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "runtime/commit/desk.h"

namespace weir::commit {

inline constexpr uint64_t kHeadingLines =
    4;  // of a file that grows: so many may stand before its first event
inline constexpr size_t kStrangersTold = 100;  // by name

class Strangers {
 public:
  // What is to be said of the file whose unit is `finished`; empty when there is nothing, or it was said. Of
  // a file that grows what this process has read of it counts.
  std::string look_at(const Finished& finished);

 private:
  struct Growing {
    uint64_t foreign = 0;
    bool settled = false;  // it holds events, or it was told
  };
  std::string tell(const std::string& name, uint64_t foreign);
  std::unordered_map<std::string, Growing> growing_;  // by key
  size_t told_ = 0;
};

}  // namespace weir::commit
