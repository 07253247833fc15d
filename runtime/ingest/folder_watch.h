// Which files of a tree were completed, as the kernel tells: a hint that saves waiting for the next look at
// the whole tree, never more. Events are lost when they come too fast, and network file systems send none.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace weir::ingest {

class FolderWatch {
 public:
  FolderWatch() = default;
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // The folder and all below it, but for hidden ones. A sentence when some of it cannot be watched.
  std::string add(const std::string& folder);

  struct Heard {
    std::vector<std::string> completed;  // files that were closed after writing, or moved here
    std::vector<std::string> moved;      // of those
    bool created = false;                // a file was, and may still be written to
    bool look_again = false;             // something else happened: only a look at the tree tells what
  };
  Heard hear();  // never waits

 private:
  std::string add_one(const std::string& folder);
  int descriptor_ = -1;
  std::map<int, std::string> folders_;  // by watch
};

}  // namespace weir::ingest
