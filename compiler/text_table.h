// Constant texts → small numbers, in one flat table: what an event is looked up in at every turn, so that it must
// cost little more than the hash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::compiler {

class TextTable {
 public:
  // The text's number, from 1 on; equal texts have one. It is in lower case.
  uint32_t add(std::string_view text);
  // Of a text in lower case, or an ASCII text in any. 0: not there.
  uint32_t find(std::string_view text) const;

  uint32_t size() const { return count_; }
  size_t longest() const { return longest_; }  // bytes

 private:
  struct Entry {
    uint64_t hash = 0;
    uint32_t number = 0;  // 0: free
    uint32_t begin = 0, size = 0;
  };
  const Entry& entry(std::string_view text, uint64_t hash) const;
  void grow();

  std::vector<Entry> entries_;  // a power of two, at most half full
  std::string bytes_, letters_;  // of the texts; 0x20 where a letter is
  uint32_t count_ = 0;
  size_t longest_ = 0;
};

}  // namespace weir::compiler
