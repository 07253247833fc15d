// Where in a text one of a few grams of four bytes, in lower case, may begin in either case: 32 places at a
// time, by the two halves of each byte, as Hyperscan's Teddy does. It finds too much, never too little.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::compiler {

class GramFilter {
 public:
  static constexpr size_t kMost = 64;                // grams: of more, it would find too much to be worth it
  static constexpr size_t kPlaces = 32, kGram = 4;
  static constexpr size_t kShortest = kPlaces + kGram - 1;  // of a text, in bytes

  GramFilter() = default;
  // Of no use, as without any gram, when there are too many or the processor cannot do it.
  explicit GramFilter(std::vector<uint32_t> grams);
  bool is_of_use() const { return is_of_use_; }

  // Calls see(place) for those in `text`, which has at least kShortest bytes; for some twice.
  template <class See>
  void each(std::string_view text, See see) const {
    const size_t last = text.size() - kShortest;
    for (size_t at = 0;; at += kPlaces) {
      if (at > last) at = last;
      for (uint32_t bits = places(text.data() + at); bits != 0; bits &= bits - 1)
        see(at + static_cast<size_t>(__builtin_ctz(bits)));
      if (at == last) return;
    }
  }

 private:
  uint32_t places(const char* text) const;  // a bit for each of 32; kShortest bytes are read

  // By byte of a gram and by half of a byte: a bit for each of eight groups of grams that have such a half there.
  // Twice, as the processor looks them up by sixteens.
  using Halves = std::array<std::array<uint8_t, 32>, kGram>;
  alignas(32) Halves low_{}, high_{};
  bool is_of_use_ = false;
};

}  // namespace weir::compiler
