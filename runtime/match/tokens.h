// The tokens of a JSON text: brackets, commas, colons and the beginnings of texts and other scalars, found many bytes
// at a time. simdjson's first stage finds them on any processor; on those with AVX-512 it is done here, in one pass
// that tells all the rest of what is wanted, too.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::match {

class Tokens {
 public:
  enum class Kernel : uint8_t { simdjson, avx512 };
  static bool runs_here(Kernel kernel);
  static Kernel best() { return runs_here(Kernel::avx512) ? Kernel::avx512 : Kernel::simdjson; }

  explicit Tokens(Kernel kernel = best()) : kernel_(kernel) {}

  // False when the text is not UTF-8, or a string is not closed or holds a control character; one elsewhere makes it
  // false or is a token. Only white space stands between the end of a string and the next token then. 64 readable bytes
  // follow the text.
  bool find(std::string_view text);

  uint32_t count() const { return count_; }
  // By token, in the order of the text; behind the last: the size of the text.
  const uint32_t* places() const { return places_; }
  // Their first bytes; `0` for any digit. kKindPadding zeros follow.
  const char* kinds() const { return kinds_.get(); }
  static constexpr size_t kKindPadding = 64;

  bool is_ascii() const { return is_ascii_; }
  // The first `\` of the text, and the last; it is before the first when there is none.
  const char* first_escape() const { return first_escape_; }
  const char* last_escape() const { return last_escape_; }

 private:
  bool make_room(size_t bytes);  // false: there is no memory
  bool find_by_simdjson(std::string_view text);
  bool find_by_avx512(std::string_view text);

  Kernel kernel_;
  size_t room_ = 0;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
  std::unique_ptr<uint32_t[]> own_places_;
  std::unique_ptr<char[]> kinds_;
  const uint32_t* places_ = nullptr;
  uint32_t count_ = 0;
  bool is_ascii_ = false;
  bool is_odd_ = false;  // the last text held a control character (of white space, too), or was not ASCII
  const char *first_escape_ = nullptr, *last_escape_ = nullptr;
};

}  // namespace weir::match
