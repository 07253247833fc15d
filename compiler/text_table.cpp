// Open addressing; texts lie one behind the other.
#include "compiler/text_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weir::compiler {

const TextTable::Entry& TextTable::entry(std::string_view text, uint64_t hash) const {
  const size_t mask = entries_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Entry& entry = entries_[i];
    if (entry.number == 0) return entry;
    if (entry.hash == hash && entry.size == text.size() &&
        std::memcmp(bytes_.data() + entry.begin, text.data(), text.size()) == 0) {
      return entry;
    }
  }
}

uint32_t TextTable::find(std::string_view text) const {
  if (count_ == 0 || text.size() > longest_) return 0;
  return entry(text, XXH3_64bits(text.data(), text.size())).number;
}

uint32_t TextTable::add(std::string_view text) {
  if (2 * (count_ + 1) > entries_.size()) grow();
  const uint64_t hash = XXH3_64bits(text.data(), text.size());
  Entry& found = const_cast<Entry&>(entry(text, hash));
  if (found.number != 0) return found.number;
  found = {hash, ++count_, static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(text.size())};
  bytes_ += text;
  longest_ = std::max(longest_, text.size());
  return found.number;
}

void TextTable::grow() {
  std::vector<Entry> old(std::max<size_t>(8, 2 * entries_.size()));
  old.swap(entries_);
  const size_t mask = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.number == 0) continue;
    size_t i = entry.hash & mask;
    while (entries_[i].number != 0) i = (i + 1) & mask;
    entries_[i] = entry;
  }
}

}  // namespace weir::compiler
