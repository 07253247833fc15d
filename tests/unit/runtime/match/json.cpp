// Writing JSON strings.
#include "runtime/match/json.h"

#include <doctest/doctest.h>

#include <string>

using namespace weir::match;

TEST_CASE("strings") {
  std::string out;
  append_json_string(out, std::string_view("a\"b\\c\n\r\t\x01\0é/", 13));
  CHECK(out == R"("a\"b\\c\n\r\t\u0001\u0000é/")");
}
