// One loop of shuffles; the tables are made once.
#include "compiler/gram_filter.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace weir::compiler {

GramFilter::GramFilter(std::vector<uint32_t> grams) {
#if defined(__x86_64__)
  static const bool can = __builtin_cpu_supports("avx2");
  if (!can || grams.empty() || grams.size() > kMost) return;
  // Alike ones in one group: together they let the least pass.
  std::sort(grams.begin(), grams.end());
  for (size_t i = 0; i < grams.size(); ++i) {
    const auto group = static_cast<uint8_t>(1u << i * 8 / grams.size());
    for (size_t byte = 0; byte < kGram; ++byte) {
      const uint32_t value = grams[i] >> 8 * byte & 0xff;
      for (const size_t lane : {size_t{0}, size_t{16}}) {
        low_[byte][lane + (value & 15)] |= group;
        high_[byte][lane + (value >> 4)] |= group;
        if (value >= 'a' && value <= 'z') high_[byte][lane + ((value ^ 0x20) >> 4)] |= group;
      }
    }
  }
  is_of_use_ = true;
#endif
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) uint32_t GramFilter::places(const char* text) const {
  const __m256i half = _mm256_set1_epi8(0x0f);
  __m256i groups = _mm256_set1_epi8(-1);
  for (size_t byte = 0; byte < kGram; ++byte) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + byte));
    const __m256i low = _mm256_shuffle_epi8(*reinterpret_cast<const __m256i*>(low_[byte].data()), _mm256_and_si256(bytes, half));
    const __m256i high = _mm256_shuffle_epi8(*reinterpret_cast<const __m256i*>(high_[byte].data()),
                                             _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
    groups = _mm256_and_si256(groups, _mm256_and_si256(low, high));
  }
  return ~static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256())));
}

#else

uint32_t GramFilter::places(const char*) const { return ~uint32_t{0}; }

#endif

}  // namespace weir::compiler
