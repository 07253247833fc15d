// The masks of the AVX-512 way are those of simdjson's first stage; see "Parsing Gigabytes of JSON per Second", Langdale
// and Lemire, 2019.
#include "runtime/match/tokens.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/match/ascii.h"

#if defined(__x86_64__)
#include <immintrin.h>
// gcc 12 warns of what its own intrinsics leave undefined on purpose (gcc bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace weir::match {
namespace {

constexpr size_t kBlock = 64;
constexpr size_t kFirstRoom = 64u << 10;

// What is read next mostly lies behind this text. Where nothing is, nothing happens.
inline void prefetch(const char* at, size_t ahead) {
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(at) + ahead));
}

char kind_of(char byte) { return byte >= '0' && byte <= '9' ? '0' : byte; }

}  // namespace

bool Tokens::make_room(size_t bytes) {
  if (bytes <= room_) return true;
  size_t room = std::max(room_, kFirstRoom);
  while (room < bytes) room *= 2;
  if (kernel_ == Kernel::simdjson) {
    constexpr size_t kDepth = 1;  // of what the first stage knows nothing
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(room, kDepth, stage_) != simdjson::SUCCESS)
      return false;
  } else {
    own_places_ = std::make_unique_for_overwrite<uint32_t[]>(room + kBlock);
  }
  kinds_ = std::make_unique_for_overwrite<char[]>(room + kBlock + kKindPadding);
  room_ = room;
  return true;
}

bool Tokens::find(std::string_view text) {
  if (text.empty() || !make_room(text.size())) return false;
  const bool is_found = kernel_ == Kernel::avx512 ? find_by_avx512(text) : find_by_simdjson(text);
  if (is_found) std::memset(kinds_.get() + count_, 0, kKindPadding);
  return is_found;
}

bool Tokens::find_by_simdjson(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  if (stage_->stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return false;
  places_ = stage_->structural_indexes.get();
  count_ = stage_->n_structural_indexes;
  for (size_t at = 0; at < text.size(); at += kBlock) prefetch(text.data() + at, text.size());
  char* const kinds = kinds_.get();
  const uint32_t* const places = places_;
  const uint32_t count = count_;
  for (uint32_t token = 0; token < count; ++token) kinds[token] = text[places[token]];
  for (uint32_t token = 0; token < count; ++token) kinds[token] = kind_of(kinds[token]);
  const Bytes seen = look_over(text);
  is_ascii_ = seen.ascii;
  first_escape_ = seen.first_escape != nullptr ? seen.first_escape : text.data() + text.size();
  last_escape_ = seen.first_escape != nullptr ? seen.last_escape : text.data();
  return true;
}

#if defined(__x86_64__)

namespace {

#define WEIR_AVX512 \
  __attribute__((   \
      target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx2,pclmul,bmi,bmi2,lzcnt,popcnt")))

// Bit n: whether the number of bits up to it, itself included, is odd.
WEIR_AVX512 inline uint64_t parity(uint64_t bits) {
  const __m128i low = _mm_set_epi64x(0, static_cast<int64_t>(bits));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(low, _mm_set1_epi8(-1), 0)));
}

// The bytes behind an odd number of backslashes. `odd` carries over to the next block.
WEIR_AVX512 inline uint64_t escaped(uint64_t backslashes, uint64_t& odd) {
  constexpr uint64_t kEven = 0x5555555555555555u;
  backslashes &= ~odd;
  const uint64_t follows = backslashes << 1 | odd;
  const uint64_t odd_starts = backslashes & ~kEven & ~follows;
  uint64_t even_sequences;
  odd = __builtin_add_overflow(odd_starts, backslashes, &even_sequences) ? 1 : 0;
  return (kEven ^ even_sequences << 1) & follows;
}

WEIR_AVX512 inline uint64_t equal(__m512i bytes, char byte) {
  return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte));
}

// `{}[]:,`; of control characters, anything.
WEIR_AVX512 inline uint64_t punctuation(__m512i bytes) {
  // By the lower half of a byte: what it is, 0x20 ORed to it.
  const __m512i table = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
  const __m512i folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
  return _mm512_cmpeq_epi8_mask(folded, _mm512_shuffle_epi8(table, bytes));
}

alignas(kBlock) constexpr std::array<uint8_t, kBlock> kIota = [] {
  std::array<uint8_t, kBlock> iota{};
  for (size_t i = 0; i < kBlock; ++i) iota[i] = static_cast<uint8_t>(i);
  return iota;
}();

WEIR_AVX512 inline void write_sixteen(__m128i within, uint32_t base, uint32_t* places) {
  _mm512_storeu_si512(places, _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(base)), _mm512_cvtepu8_epi32(within)));
}

// Digits made alike.
WEIR_AVX512 inline __m512i kinds_of(__m512i bytes) {
  const __m512i zero = _mm512_set1_epi8('0');
  return _mm512_mask_mov_epi8(
      bytes, _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, zero), _mm512_set1_epi8(10)), zero);
}

// The tokens of a block; there is room for 64. Returns how many. Hardly ever are they more than 16: short
// stores seldom lie in two lines of the cache.
WEIR_AVX512 inline uint32_t write(uint64_t tokens, __m512i bytes, uint32_t base, uint32_t* places, char* kinds) {
  const __m512i first = _mm512_maskz_compress_epi8(tokens, bytes);
  const __m512i within = _mm512_maskz_compress_epi8(tokens, _mm512_load_si512(kIota.data()));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(kinds), _mm512_castsi512_si128(first));
  write_sixteen(_mm512_castsi512_si128(within), base, places);
  const auto count = static_cast<uint32_t>(_mm_popcnt_u64(tokens));
  if (count > 16) [[unlikely]] {
    _mm512_storeu_si512(kinds, first);
    write_sixteen(_mm512_extracti32x4_epi32(within, 1), base, places + 16);
    write_sixteen(_mm512_extracti32x4_epi32(within, 2), base, places + 32);
    write_sixteen(_mm512_extracti32x4_epi32(within, 3), base, places + 48);
  }
  return count;
}

struct Pass {
  uint32_t count;          // of tokens
  bool is_odd;             // a control character (of white space, too) is there, or what is not ASCII
  bool is_ascii, is_good;  // of an odd text, not known without kOdd
  const char *first_escape, *last_escape;
};

template <bool kOdd>
WEIR_AVX512 Pass pass(std::string_view text, uint32_t* places, char* kinds) {
  constexpr size_t kAhead = 4096;  // two records of a common log
  const char* const bytes = text.data();
  const char *first_escape = bytes + text.size(), *last_escape = bytes;
  uint64_t in_text_before = 0, odd = 0, scalar_before = 0, bad = 0;
  // As signed bytes: the lowest, which are those that are not ASCII, then the control characters.
  const __m512i space = _mm512_set1_epi8(' ');
  __m512i lowest = space, high = _mm512_setzero_si512();
  uint32_t count = 0;
  for (size_t at = 0; at < text.size(); at += kBlock) {
    prefetch(bytes + at, kAhead);
    const size_t left = text.size() - at;
    const __m512i block = left >= kBlock
                              ? _mm512_loadu_si512(bytes + at)
                              : _mm512_mask_loadu_epi8(space, (uint64_t{1} << left) - 1, bytes + at);

    uint64_t quotes = equal(block, '"');
    const uint64_t backslashes = equal(block, '\\');
    if ((backslashes | odd) != 0) [[unlikely]] {
      if (backslashes != 0) {
        first_escape = std::min(first_escape, bytes + at + __builtin_ctzll(backslashes));
        last_escape = bytes + at + (63 - __builtin_clzll(backslashes));
      }
      quotes &= ~escaped(backslashes, odd);
    }
    const uint64_t in_text = parity(quotes) ^ in_text_before;  // with the quote that opens
    in_text_before = uint64_t{0} - (in_text >> 63);

    const uint64_t blanks = _mm512_cmple_epu8_mask(block, space);
    lowest = _mm512_min_epi8(lowest, block);
    if constexpr (kOdd) {
      const uint64_t controls = _mm512_cmplt_epu8_mask(block, space);
      if (controls != 0)
        bad |= controls & (in_text | ~(equal(block, '\t') | equal(block, '\n') | equal(block, '\r')));
      high = _mm512_or_si512(high, block);
    }

    const uint64_t marks = punctuation(block);
    const uint64_t scalars = ~(marks | blanks), plain = scalars & ~quotes;
    const uint64_t begin = scalars & ~(plain << 1 | scalar_before);
    scalar_before = plain >> 63;
    count += write((marks | begin) & ~(in_text ^ quotes), block, static_cast<uint32_t>(at), places + count, kinds + count);
  }
  // All at once: blocks have few tokens each.
  for (size_t block = 0; block < count; block += kBlock)
    _mm512_storeu_si512(kinds + block, kinds_of(_mm512_loadu_si512(kinds + block)));
  places[count] = static_cast<uint32_t>(text.size());
  const bool is_odd = _mm512_cmplt_epi8_mask(lowest, space) != 0, is_ascii = _mm512_movepi8_mask(high) == 0;
  return {count, is_odd, is_ascii, bad == 0 && in_text_before == 0, first_escape, last_escape};
}

}  // namespace

// Most texts are ASCII in one line, which is seen at their end for next to nothing. Others get a second pass,
// which looks closer; it is the only one behind another such text.
WEIR_AVX512 bool Tokens::find_by_avx512(std::string_view text) {
  uint32_t* const places = own_places_.get();
  char* const kinds = kinds_.get();
  Pass found;
  if (!is_odd_) found = pass<false>(text, places, kinds);
  if (is_odd_ || found.is_odd) found = pass<true>(text, places, kinds);
  places_ = places;
  count_ = found.count;
  is_odd_ = found.is_odd;
  is_ascii_ = found.is_ascii;
  first_escape_ = found.first_escape;
  last_escape_ = found.last_escape;
  return found.is_good && count_ != 0 && (is_ascii_ || simdjson::validate_utf8(text));
}

#undef WEIR_AVX512

bool Tokens::runs_here(Kernel kernel) {
  static const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
                           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("pclmul") &&
                           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  return kernel == Kernel::simdjson || wide;
}

#else

bool Tokens::find_by_avx512(std::string_view) { return false; }
bool Tokens::runs_here(Kernel kernel) { return kernel == Kernel::simdjson; }

#endif

}  // namespace weir::match
