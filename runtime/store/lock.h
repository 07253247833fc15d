// One process a store: a lock that ends with the process, however it ends.
//
// Whoever asks is_taken() has it for a moment; take() is patient for so long.
#pragma once

#include <string>

namespace weir::store {

class Lock {
 public:
  Lock() = default;
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  // Empty, or why not: a sentence.
  std::string take(const std::string& folder);

  static bool is_taken(const std::string& folder);

 private:
  int descriptor_ = -1;
};

}  // namespace weir::store
