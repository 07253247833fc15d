// What one look over the bytes of a text tells, at every size around the blocks that it is read in.
#include "runtime/match/ascii.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace weir::match;

TEST_CASE("look_over") {
  for (size_t size = 0; size < 200; ++size) {
    const std::string plain(size, 'a');
    CHECK(look_over(plain).ascii);
    CHECK(look_over(plain).first_escape == nullptr);
    for (size_t at = 0; at < size; ++at) {
      CAPTURE(size);
      CAPTURE(at);
      std::string text = plain;
      text[at] = '\x80';
      CHECK_FALSE(look_over(text).ascii);
      text[at] = '\\';
      CHECK(look_over(text).ascii);
      CHECK(look_over(text).first_escape == text.data() + at);
      CHECK(look_over(text).last_escape == text.data() + at);
      text[size / 2] = '\\';
      CHECK(look_over(text).first_escape == text.data() + std::min(at, size / 2));
      CHECK(look_over(text).last_escape == text.data() + std::max(at, size / 2));
    }
  }
}
