// Open addressing; texts lie one behind the other.
#include "compiler/text_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::compiler {
namespace {

constexpr uint64_t kCase = 0x2020202020202020u;  // where a letter's two cases differ

template <class Word>
uint64_t word(const char* at) {
  Word bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

// Up to 8 bytes, as a number that no other text of this size has.
uint64_t short_word(const char* at, size_t size) {
  if (size >= 4) return word<uint32_t>(at) | word<uint32_t>(at + size - 4) << 32;
  if (size >= 2) return word<uint16_t>(at) | word<uint16_t>(at + size - 2) << 16;
  return size == 0 ? 0 : word<uint8_t>(at);
}

// Alike for any case. Of keys that the pack chooses, not the events: no stranger can make them collide.
uint64_t hash_of(std::string_view text) {
  constexpr uint64_t kFactor = 0x9e3779b97f4a7c15u;
  const auto mixed = [](uint64_t hash, uint64_t with) {
    hash = (hash ^ (with | kCase)) * kFactor;
    return hash ^ hash >> 32;
  };
  uint64_t hash = text.size() * kFactor;
  if (text.size() < 8) return mixed(hash, short_word(text.data(), text.size()));
  size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) hash = mixed(hash, word<uint64_t>(text.data() + at));
  return at == text.size() ? hash : mixed(hash, word<uint64_t>(text.data() + text.size() - 8));
}

// As many bytes at all three: `text` with the bits `letters` set is `key`.
bool same(const char* text, const char* key, const char* letters, size_t size) {
  if (size < 8) return (short_word(text, size) | short_word(letters, size)) == short_word(key, size);
  const auto differ = [&](size_t at) {
    return (word<uint64_t>(text + at) | word<uint64_t>(letters + at)) != word<uint64_t>(key + at);
  };
  for (size_t at = 0; at + 8 <= size; at += 8) {
    if (differ(at)) return false;
  }
  return !differ(size - 8);
}

}  // namespace

const TextTable::Entry& TextTable::entry(std::string_view text, uint64_t hash) const {
  const size_t mask = entries_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Entry& entry = entries_[i];
    if (entry.number == 0) return entry;
    if (entry.hash == hash && entry.size == text.size() &&
        same(text.data(), bytes_.data() + entry.begin, letters_.data() + entry.begin, text.size())) {
      return entry;
    }
  }
}

uint32_t TextTable::find(std::string_view text) const {
  if (count_ == 0 || text.size() > longest_) return 0;
  return entry(text, hash_of(text)).number;
}

uint32_t TextTable::add(std::string_view text) {
  if (2 * (count_ + 1) > entries_.size()) grow();
  const uint64_t hash = hash_of(text);
  Entry& found = const_cast<Entry&>(entry(text, hash));
  if (found.number != 0) return found.number;
  found = {hash, ++count_, static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(text.size())};
  bytes_ += text;
  for (const char c : text) letters_ += c >= 'a' && c <= 'z' ? '\x20' : '\0';
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
