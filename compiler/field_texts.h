// Texts that are looked for in the values of one field, each for some numbers (of rules, of conditions): a
// value is looked through once, however many there are. All is ASCII, the texts in lower case.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/gram_filter.h"
#include "compiler/text_table.h"
#include "runtime/match/text.h"

namespace weir::compiler {

class FieldTexts {
 public:
  using How = match::TextSet::How;

  // A text that is looked for at a beginning, at an end or anywhere has at least so many bytes.
  static constexpr size_t kShortestPart = 4;

  void add(How how, std::string_view text, uint32_t number);
  void finish();  // after the last add
  // Sets bit n of `found` for each number n of a text that the value has in any case; exactly these.
  void note(std::string_view value, uint64_t* found) const;

 private:
  struct Bits {
    uint32_t word = 0;
    uint64_t bits = 0;
  };
  struct Numbers {
    std::vector<Bits> words;
    void add(uint32_t number);
    void set(uint64_t* found) const {
      for (const Bits& of : words) found[of.word] |= of.bits;
    }
  };

  // Whole texts → numbers.
  struct Wholes {
    TextTable texts;
    std::vector<Numbers> of;  // by number in `texts`
    uint64_t lengths = 0;     // bit n: there is one of n bytes; bit 63: of 63 or more
    void add(std::string_view text, uint32_t number);
    void note(std::string_view text, uint64_t* found) const;
  };

  // Texts that are looked for anywhere, by the four bytes of each that the fewest others have; or at the
  // beginning or the end of a value, by the four bytes there. Where all are long enough, just every `step`-th
  // place of a value is looked at: each text is known by `step` times four bytes, that follow each other. Of
  // longer values a filter finds the places, where the texts are few.
  enum class Where : uint8_t { anywhere, beginning, end };
  struct Parts {
    Where where = Where::anywhere;
    struct Part {
      std::string text;
      Numbers of;
    };
    struct Place {  // of four bytes in a part
      uint32_t part = 0, offset = 0;
      uint32_t size = 0,
               last = 0;  // of the part, and its last four bytes: most that have the others have not these
    };
    struct Gram {  // four bytes as four_of() gives them, and where they are known to stand
      uint32_t bytes = 0;
      uint32_t first = 0, count = 0;  // of places; none: free
    };
    std::vector<Part> parts;
    std::vector<Place> places;
    std::vector<Gram> grams;  // a power of two, open addressing
    std::vector<uint64_t> bitmap;
    int shift = 0;
    size_t step = 1;
    GramFilter filter;  // of anywhere: by one place of each
    std::map<std::string, uint32_t, std::less<>> known;

    void add(std::string_view text, uint32_t number);
    void finish();
    void note(std::string_view value, uint64_t* found) const;
    void note_at(std::string_view value, size_t at, uint64_t* found) const;
    size_t telling_bytes(const std::string& text, const std::map<uint32_t, uint32_t>& frequency) const;
    void know(uint32_t bytes, const std::vector<Place>& of);
    const Gram& gram(uint32_t bytes) const;  // free where nothing is known of them
  };

  Wholes wholes_;
  Wholes above_;  // names: the value is one of them, or lies below it
  // Those that are looked for anywhere, short ones and others, at a beginning and at an end; after finish()
  // only such as have any.
  std::vector<Parts> parts_ = {Parts{.where = Where::anywhere}, Parts{.where = Where::anywhere},
                               Parts{.where = Where::beginning}, Parts{.where = Where::end}};
};

}  // namespace weir::compiler
