// Open addressing by four bytes of each text, behind a bitmap of them that stays in the cache.
#include "compiler/field_texts.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/match/ascii.h"

namespace weir::compiler {
namespace {

constexpr size_t kWidth = sizeof(uint32_t), kMostStep = 4;
constexpr size_t kMostTogether = GramFilter::kMost / 2;
static_assert(kWidth == FieldTexts::kShortestPart);

// Alike for a letter in either case (and for a few other bytes, which are told apart later).
uint32_t four_of(const char* at) {
  uint32_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes | 0x20202020u;
}
uint32_t spread(uint32_t bytes) { return bytes * 0x9e3779b1u; }
size_t place_hash(uint32_t bytes) {
  bytes *= 0x85ebca6bu;
  return bytes ^ bytes >> 15;
}

// How often a byte stands in what logs hold, roughly.
size_t commonness(char c) {
  static constexpr std::string_view kRising = "zqjxkvbywfpghmudc.-/:lrsnioate";
  if (c >= '0' && c <= '9') return kRising.size() / 2;
  const size_t at = kRising.find(c);
  return at == kRising.npos ? 0 : at;
}

void set(uint64_t* bits, uint32_t i) { bits[i / 64] |= uint64_t{1} << i % 64; }

}  // namespace

void FieldTexts::Numbers::add(uint32_t number) {
  const uint32_t word = number / 64;
  if (words.empty() || words.back().word != word) words.push_back({word});
  words.back().bits |= uint64_t{1} << number % 64;
}

void FieldTexts::Wholes::add(std::string_view text, uint32_t number) {
  const uint32_t known = texts.add(text);
  if (of.size() <= known) of.resize(known + 1);
  of[known].add(number);
  lengths |= uint64_t{1} << std::min<size_t>(text.size(), 63);
}

void FieldTexts::Wholes::note(std::string_view text, uint64_t* found) const {
  if ((lengths >> std::min<size_t>(text.size(), 63) & 1) == 0) return;
  const uint32_t known = texts.find(text);
  if (known == 0) return;
  of[known].set(found);
}

void FieldTexts::Parts::add(std::string_view text, uint32_t number) {
  const auto [it, added] = known.emplace(std::string(text), static_cast<uint32_t>(parts.size()));
  if (added) parts.push_back({it->first, {}});
  parts[it->second].of.add(number);
}

void FieldTexts::Parts::finish() {
  known.clear();
  size_t shortest = SIZE_MAX;
  std::map<uint32_t, uint32_t> frequency;
  for (const Part& part : parts) {
    shortest = std::min(shortest, part.text.size());
    for (size_t at = 0; at + kWidth <= part.text.size(); ++at) ++frequency[four_of(part.text.data() + at)];
  }
  if (where == Where::anywhere) step = std::clamp<size_t>(shortest - (kWidth - 1), 1, kMostStep);
  std::map<uint32_t, std::vector<Place>> by_gram;
  std::vector<uint32_t> one_of_each;
  for (uint32_t number = 0; number < parts.size(); ++number) {
    const std::string& text = parts[number].text;
    const size_t best = telling_bytes(text, frequency);
    const auto size = static_cast<uint32_t>(text.size());
    for (size_t at = best; at < best + step; ++at)
      by_gram[four_of(text.data() + at)].push_back(
          {number, static_cast<uint32_t>(at), size, four_of(text.data() + size - kWidth)});
    uint32_t bytes;
    std::memcpy(&bytes, text.data() + best, sizeof bytes);
    one_of_each.push_back(bytes);
  }
  int bits = 10;
  while (bits < 16 && (size_t{1} << bits) < 64 * by_gram.size()) ++bits;
  shift = 32 - bits;
  bitmap.assign((size_t{1} << bits) / 64, 0);
  grams.resize(std::bit_ceil(2 * by_gram.size() + 2));
  for (const auto& [bytes, of] : by_gram) know(bytes, of);
  if (where == Where::anywhere) filter = GramFilter(std::move(one_of_each));
}

void FieldTexts::Parts::know(uint32_t bytes, const std::vector<Place>& of) {
  set(bitmap.data(), spread(bytes) >> shift);
  const_cast<Gram&>(gram(bytes)) = {bytes, static_cast<uint32_t>(places.size()),
                                    static_cast<uint32_t>(of.size())};
  places.insert(places.end(), of.begin(), of.end());
}

const FieldTexts::Parts::Gram& FieldTexts::Parts::gram(uint32_t bytes) const {
  const size_t mask = grams.size() - 1;
  size_t i = place_hash(bytes) & mask;
  while (grams[i].count != 0 && grams[i].bytes != bytes) i = (i + 1) & mask;
  return grams[i];
}

// Those that the fewest others have; of equal ones those of rare bytes.
size_t FieldTexts::Parts::telling_bytes(const std::string& text,
                                        const std::map<uint32_t, uint32_t>& frequency) const {
  if (where != Where::anywhere) return where == Where::beginning ? 0 : text.size() - kWidth;
  const auto common = [&](size_t at) {
    std::pair<uint32_t, size_t> most;
    for (size_t i = 0; i < step; ++i) most.first += frequency.at(four_of(text.data() + at + i));
    for (size_t i = 0; i < kWidth + step - 1; ++i) most.second += commonness(text[at + i]);
    return most;
  };
  size_t best = 0;
  auto least = common(0);
  for (size_t at = 1; at + kWidth + step - 1 <= text.size(); ++at) {
    const auto found = common(at);
    if (found < least) best = at, least = found;
  }
  return best;
}

void FieldTexts::Parts::note_at(std::string_view value, size_t at, uint64_t* found) const {
  const Gram& known_gram = gram(four_of(value.data() + at));
  for (uint32_t i = known_gram.first; i < known_gram.first + known_gram.count; ++i) {
    const Place& place = places[i];
    if (place.offset > at) continue;
    const char* const begin = value.data() + at - place.offset;
    if (value.size() - (at - place.offset) < place.size || four_of(begin + place.size - kWidth) != place.last)
      continue;
    const Part& part = parts[place.part];
    if (match::same_folded(begin, part.text.data(), place.size)) part.of.set(found);
  }
}

void FieldTexts::Parts::note(std::string_view value, uint64_t* found) const {
  if (value.size() < kWidth) return;
  const uint64_t* const bits = bitmap.data();
  const size_t end = value.size() - kWidth, last = where == Where::beginning ? 0 : end, step_by = step;
  const int shift_by = shift;
  const auto may_be = [&](size_t at) {
    const uint32_t bit = spread(four_of(value.data() + at)) >> shift_by;
    return bits[bit / 64] >> bit % 64 & 1;
  };
  if (filter.is_of_use() && value.size() >= GramFilter::kShortest) {
    return filter.each(value, [&](size_t at) {
      if (may_be(at) != 0) note_at(value, at, found);
    });
  }
  size_t at = where == Where::end ? end : 0;
  // Four at once: nearly always there is none.
  for (; at + 3 * step_by <= last; at += 4 * step_by) {
    const uint64_t which = may_be(at) | may_be(at + step_by) << 1 | may_be(at + 2 * step_by) << 2 |
                           may_be(at + 3 * step_by) << 3;
    for (uint64_t left = which; left != 0; left &= left - 1)
      note_at(value, at + static_cast<size_t>(__builtin_ctzll(left)) * step_by, found);
  }
  for (; at <= last; at += step_by) {
    if (may_be(at) != 0) note_at(value, at, found);
  }
}

void FieldTexts::add(How how, std::string_view text, uint32_t number) {
  if (how == How::equal) return wholes_.add(text, number);
  if (how == How::below) return above_.add(text, number);
  const bool is_short = text.size() < kWidth + kMostStep - 1;
  parts_[how == How::contains ? (is_short ? 0 : 1) : how == How::starts ? 2 : 3].add(text, number);
}

void FieldTexts::note(std::string_view value, uint64_t* found) const {
  wholes_.note(value, found);
  if (above_.texts.size() != 0) {
    for (size_t at = 0; at < value.size(); ++at) {
      above_.note(value.substr(at), found);
      at = value.find('.', at);
      if (at == value.npos) break;
    }
  }
  for (const Parts& parts : parts_) parts.note(value, found);
}

void FieldTexts::finish() {
  // For a filter it does not matter how short they are: one look is enough.
  if (!parts_[0].parts.empty() && parts_[0].parts.size() + parts_[1].parts.size() <= kMostTogether) {
    for (Parts::Part& part : parts_[1].parts) parts_[0].parts.push_back(std::move(part));
    parts_[1].parts.clear();
  }
  std::erase_if(parts_, [](const Parts& parts) { return parts.parts.empty(); });
  for (Parts& parts : parts_) parts.finish();
}

}  // namespace weir::compiler
