// Many texts at once: the value is folded once, then looked up, so that a list of a thousand costs about what
// one text does.
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <bitset>
#include <cstring>
#include <ranges>

#include "runtime/match/ascii.h"
#include "runtime/match/fold.h"
#include "runtime/match/text.h"
#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

// Up to here a loop over the needles is faster than any table.
constexpr size_t kFew = 8;

struct Hash {
  size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
};

uint32_t first_two(std::string_view text) {
  return static_cast<uint8_t>(text[0]) | static_cast<uint32_t>(static_cast<uint8_t>(text[1])) << 8;
}

bool same_bytes(const char* a, const char* b, size_t size) { return std::memcmp(a, b, size) == 0; }

}  // namespace

// A list may have a million needles: each costs its bytes, where it begins, and two places of a table, half of them free.
struct TextSet::Index {
  Index(How how, const std::vector<std::string>& sorted_needles);

  std::string_view needle(size_t at) const {
    return std::string_view(bytes).substr(begins[at], begins[at + 1] - begins[at]);
  }
  size_t count() const { return begins.size() - 1; }
  bool has(std::string_view text) const { return places[place_of(text)] != kFree; }
  bool contained(std::string_view value) const;
  bool has_parent_of(std::string_view name) const;

  // Its own, because a copy of the set shares the index and may outlive the first.
  std::string bytes;            // of the needles, one after the other, sorted
  std::vector<size_t> begins;   // of each, and the end of the last
  std::vector<uint32_t> places;  // of needles, by their hash: open addressing in a power of two; not for `contains`
  std::vector<size_t> lengths;  // of the needles, each once, rising
  std::bitset<256> short_lengths;  // those that are so short
  // contains: which beginnings of two bytes there are; the needles of one stand together.
  std::bitset<1 << 16> beginnings;
  std::bitset<1 << 8> single;

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  // Where the text stands, or a free place.
  size_t place_of(std::string_view text) const {
    const size_t mask = places.size() - 1;
    size_t at = Hash{}(text) & mask;
    while (places[at] != kFree && needle(places[at]) != text) at = (at + 1) & mask;
    return at;
  }
};

TextSet::Index::Index(How how, const std::vector<std::string>& sorted_needles) {
  size_t size = 0;
  for (const std::string& one : sorted_needles) size += one.size();
  bytes.reserve(size);
  begins.reserve(sorted_needles.size() + 1);
  if (how != How::contains) places.resize(std::bit_ceil(2 * sorted_needles.size()), kFree);
  for (const std::string& one : sorted_needles) {
    begins.push_back(bytes.size());
    bytes += one;
    const auto length = std::lower_bound(lengths.begin(), lengths.end(), one.size());
    if (length == lengths.end() || *length != one.size()) lengths.insert(length, one.size());
    if (one.size() < short_lengths.size()) short_lengths.set(one.size());
    if (how == How::contains && one.size() == 1) single.set(static_cast<uint8_t>(one[0]));
    if (how == How::contains && one.size() > 1) beginnings.set(first_two(one));
  }
  begins.push_back(bytes.size());
  for (size_t at = 0; !places.empty() && at < count(); ++at) places[place_of(needle(at))] = static_cast<uint32_t>(at);
}

bool TextSet::Index::contained(std::string_view value) const {
  if (lengths.front() == 0) return true;
  for (size_t at = 0; at < value.size(); ++at) {
    if (single.test(static_cast<uint8_t>(value[at]))) return true;
    const std::string_view rest = value.substr(at);
    if (rest.size() < 2 || !beginnings.test(first_two(rest))) continue;
    const std::string_view key = rest.substr(0, 2);
    const auto all = std::views::iota(size_t{0}, count());
    const auto first = std::ranges::lower_bound(all, key, {}, [&](size_t of) { return needle(of); });
    for (auto one = first; one != all.end() && needle(*one).starts_with(key); ++one)
      if (rest.starts_with(needle(*one))) return true;
  }
  return false;
}

// The name itself, or what stands behind one of its dots. Names have few labels, lists have names of many
// lengths.
bool TextSet::Index::has_parent_of(std::string_view name) const {
  const auto may_have = [&](size_t length) {
    if (length < lengths.front() || length > lengths.back()) return false;
    return length >= short_lengths.size() || short_lengths.test(length);
  };
  if (may_have(name.size()) && has(name)) return true;
  size_t at = name.size() > lengths.back() ? name.size() - lengths.back() - 1 : 0;
  for (at = name.find('.', at); at != std::string_view::npos; at = name.find('.', at + 1))
    if (may_have(name.size() - at - 1) && has(name.substr(at + 1))) return true;
  return false;
}

TextSet::TextSet(How how, TextRule rule, std::vector<std::string> needles)
    : how_(how), rule_(rule), needles_(std::move(needles)) {
  if (how == How::below) rule_.domain = true;
  // As in text.cpp: only what is compared with the end of a name loses its final dot.
  const bool at_end = how != How::contains && how != How::starts;
  for (std::string& needle : needles_) needle = normal(needle, {rule_.cased, rule_.domain && at_end});
  std::sort(needles_.begin(), needles_.end());
  needles_.erase(std::unique(needles_.begin(), needles_.end()), needles_.end());
  if (how == How::below && !needles_.empty() && needles_.front().empty()) needles_.erase(needles_.begin());
  if (needles_.size() > kFew) index_ = std::make_shared<const Index>(how_, needles_);
}

bool TextSet::matches(std::string_view value, bool ascii) const {
  if (rule_.domain) value = without_final_dot(value);
  if (index_) {
    const Normal normal_value(value, {.cased = rule_.cased});
    return matches_index(normal_value.view());
  }
  if (rule_.cased) return matches_few(value, same_bytes, contains_exactly);
  if (ascii || is_ascii(value)) return matches_few(value, same_folded, contains_folded);
  const std::string folded = fold(value);
  return matches_few(folded, same_bytes, contains_exactly);
}

template <class Same, class Contains>
bool TextSet::matches_few(std::string_view value, Same same, Contains contains) const {
  return std::any_of(needles_.begin(), needles_.end(), [&](const std::string& needle) {
    if (needle.size() > value.size()) return false;
    const size_t left = value.size() - needle.size();
    switch (how_) {
      case How::equal:
        return left == 0 && same(value.data(), needle.data(), needle.size());
      case How::contains:
        return contains(value, needle);
      case How::starts:
        return same(value.data(), needle.data(), needle.size());
      case How::ends:
        return same(value.data() + left, needle.data(), needle.size());
      case How::below:
        return (left == 0 || value[left - 1] == '.') && same(value.data() + left, needle.data(), needle.size());
    }
    return false;
  });
}

bool TextSet::matches_index(std::string_view value) const {
  switch (how_) {
    case How::equal:
      return index_->has(value);
    case How::contains:
      return index_->contained(value);
    case How::starts:
      return std::any_of(index_->lengths.begin(), index_->lengths.end(), [&](size_t length) {
        return length <= value.size() && index_->has(value.substr(0, length));
      });
    case How::ends:
      return std::any_of(index_->lengths.begin(), index_->lengths.end(), [&](size_t length) {
        return length <= value.size() && index_->has(value.substr(value.size() - length));
      });
    case How::below:
      return index_->has_parent_of(value);
  }
  return false;
}

}  // namespace weir::match
