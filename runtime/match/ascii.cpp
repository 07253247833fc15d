// Sixteen bytes at a time with SSE2, which every x86-64 has, and thirty-two where the search gains by it.
#include "runtime/match/ascii.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace weir::match {
namespace {

#if defined(__x86_64__)

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

constexpr size_t kBlock = 16;

// Up to 16 bytes, zeros behind them, without a call: overlapping loads of a fixed size.
__m128i load_short(const char* data, size_t size) {
  uint64_t low = 0, high = 0;
  if (size >= 8) {
    std::memcpy(&low, data, 8);
    if (size > 8) {
      std::memcpy(&high, data + size - 8, 8);
      high >>= 8 * (kBlock - size);
    }
  } else if (size >= 4) {
    uint32_t first, last;
    std::memcpy(&first, data, 4);
    std::memcpy(&last, data + size - 4, 4);
    low = first | static_cast<uint64_t>(last) << 8 * (size - 4);
  } else if (size > 0) {
    low = static_cast<uint8_t>(data[0]) | static_cast<uint64_t>(static_cast<uint8_t>(data[size / 2])) << 8 * (size / 2) |
          static_cast<uint64_t>(static_cast<uint8_t>(data[size - 1])) << 8 * (size - 1);
  }
  return _mm_set_epi64x(static_cast<int64_t>(high), static_cast<int64_t>(low));
}

__m128i load(const char* data) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data)); }

// Bytes from 0x80 on are below 'A' as signed ones, and stay.
__m128i folded_block(__m128i bytes) {
  const __m128i capital = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)),
                                        _mm_cmpgt_epi8(_mm_set1_epi8('Z' + 1), bytes));
  return _mm_or_si128(bytes, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
}

bool same_blocks(__m128i a, __m128i b) { return _mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) == 0xffff; }

// A letter of the part is met by itself and by its capital, which differ in one bit; anything else by itself.
struct Ends {
  explicit Ends(std::string_view folded)
      : first(folded.front()),
        last(folded.back()),
        first_bit(is_letter(first) ? 0x20 : 0),
        last_bit(is_letter(last) ? 0x20 : 0) {}
  char first, last, first_bit, last_bit;
};

bool found_at(const char* at, std::string_view folded) {
  return folded.size() <= 2 || same_folded(at + 1, folded.data() + 1, folded.size() - 2);
}

// Places where the part may begin, 16 at a time, by its first and its last byte.
uint32_t candidates(__m128i firsts, __m128i lasts, const Ends& ends) {
  const __m128i first = _mm_cmpeq_epi8(_mm_or_si128(firsts, _mm_set1_epi8(ends.first_bit)), _mm_set1_epi8(ends.first));
  const __m128i last = _mm_cmpeq_epi8(_mm_or_si128(lasts, _mm_set1_epi8(ends.last_bit)), _mm_set1_epi8(ends.last));
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_and_si128(first, last)));
}

bool any_found(uint32_t candidates, const char* at, std::string_view folded) {
  for (; candidates != 0; candidates &= candidates - 1) {
    if (found_at(at + __builtin_ctz(candidates), folded)) return true;
  }
  return false;
}

bool contains_by_16(const char* data, size_t places, std::string_view folded, const Ends& ends) {
  const size_t to_last = folded.size() - 1;
  if (places < kBlock) {
    const uint32_t all = candidates(load_short(data, places), load_short(data + to_last, places), ends);
    return any_found(all & ((1u << places) - 1), data, folded);
  }
  for (size_t at = 0;; at += kBlock) {
    if (at + kBlock > places) at = places - kBlock;
    if (any_found(candidates(load(data + at), load(data + at + to_last), ends), data + at, folded)) return true;
    if (at + kBlock == places) return false;
  }
}

__attribute__((target("avx2"))) bool contains_by_32(const char* data, size_t places, std::string_view folded,
                                                     const Ends& ends) {
  constexpr size_t kWide = 32;
  const size_t to_last = folded.size() - 1;
  const __m256i first = _mm256_set1_epi8(ends.first), last = _mm256_set1_epi8(ends.last);
  const __m256i first_bit = _mm256_set1_epi8(ends.first_bit), last_bit = _mm256_set1_epi8(ends.last_bit);
  for (size_t at = 0;; at += kWide) {
    if (at + kWide > places) at = places - kWide;
    const __m256i firsts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at));
    const __m256i lasts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at + to_last));
    const __m256i both = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_or_si256(firsts, first_bit), first),
                                          _mm256_cmpeq_epi8(_mm256_or_si256(lasts, last_bit), last));
    const uint32_t found = static_cast<uint32_t>(_mm256_movemask_epi8(both));
    if (found != 0 && any_found(found, data + at, folded)) return true;
    if (at + kWide == places) return false;
  }
}

const bool kWideSearch = __builtin_cpu_supports("avx2");

void note_escapes(uint32_t escapes, const char* at, Bytes& bytes) {
  if (bytes.first_escape == nullptr) bytes.first_escape = at + __builtin_ctz(escapes);
  bytes.last_escape = at + (31 - __builtin_clz(escapes));
}

__attribute__((target("avx2"))) Bytes look_over_by_64(std::string_view text) {
  constexpr size_t kWide = 64;
  Bytes bytes;
  __m256i all = _mm256_setzero_si256();
  const __m256i escape = _mm256_set1_epi8('\\');
  for (size_t at = 0;; at += kWide) {
    if (at + kWide > text.size()) at = text.size() - kWide;
    const char* const from = text.data() + at;
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 32));
    all = _mm256_or_si256(all, _mm256_or_si256(first, second));
    const __m256i in_first = _mm256_cmpeq_epi8(first, escape), in_second = _mm256_cmpeq_epi8(second, escape);
    if (!_mm256_testz_si256(_mm256_or_si256(in_first, in_second), _mm256_set1_epi8(-1))) {
      const auto low = static_cast<uint32_t>(_mm256_movemask_epi8(in_first));
      const auto high = static_cast<uint32_t>(_mm256_movemask_epi8(in_second));
      if (low != 0) note_escapes(low, from, bytes);
      if (high != 0) note_escapes(high, from + 32, bytes);
    }
    if (at + kWide == text.size()) break;
  }
  bytes.ascii = _mm256_movemask_epi8(all) == 0;
  return bytes;
}

#else

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

#endif

}  // namespace

Bytes look_over(std::string_view text) noexcept {
#if defined(__x86_64__)
  if (text.size() >= 64 && kWideSearch) return look_over_by_64(text);
#endif
  Bytes bytes;
  unsigned char high = 0;
  for (const char& c : text) {
    high |= static_cast<unsigned char>(c);
    if (c != '\\') continue;
    if (bytes.first_escape == nullptr) bytes.first_escape = &c;
    bytes.last_escape = &c;
  }
  bytes.ascii = high < 0x80;
  return bytes;
}

#if defined(__x86_64__)

bool same_folded(const char* data, const char* folded, size_t size) noexcept {
  if (size < kBlock) return same_blocks(folded_block(load_short(data, size)), load_short(folded, size));
  for (size_t at = 0;; at += kBlock) {
    if (at + kBlock > size) at = size - kBlock;
    if (!same_blocks(folded_block(load(data + at)), load(folded + at))) return false;
    if (at + kBlock == size) return true;
  }
}

bool contains_folded(std::string_view text, std::string_view folded) noexcept {
  if (folded.empty()) return true;
  if (text.size() < folded.size()) return false;
  const size_t places = text.size() - folded.size() + 1;
  const Ends ends(folded);
  if (places >= 32 && kWideSearch) return contains_by_32(text.data(), places, folded, ends);
  return contains_by_16(text.data(), places, folded, ends);
}

#else

bool same_folded(const char* data, const char* folded, size_t size) noexcept {
  for (size_t i = 0; i < size; ++i) {
    if (lower_case(data[i]) != folded[i]) return false;
  }
  return true;
}

bool contains_folded(std::string_view text, std::string_view folded) noexcept {
  for (size_t at = 0; at + folded.size() <= text.size(); ++at) {
    if (same_folded(text.data() + at, folded.data(), folded.size())) return true;
  }
  return false;
}

#endif

bool contains_exactly(std::string_view text, std::string_view part) noexcept {
  return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

}  // namespace weir::match
