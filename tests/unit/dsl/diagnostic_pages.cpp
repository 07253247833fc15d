// Every code has a page that is worth reading, in the form that `weir explain` prints.
#include <doctest/doctest.h>

#include <algorithm>

#include "dsl/diagnostic.h"

using namespace weir::dsl;

TEST_CASE("every code has a page of some lines, with its fences closed") {
  for (const CodeInfo& row : all_codes()) {
    CAPTURE(row.name);
    std::string_view page = row.explanation;
    auto lines = std::count(page.begin(), page.end(), '\n');
    CHECK(lines >= 4);
    CHECK(lines <= 30);
    size_t fences = 0;
    for (size_t at = 0; (at = page.find("```", at)) != std::string_view::npos; at += 3) ++fences;
    CHECK(fences % 2 == 0);
    bool says_how_to_silence = page.find("# allow: " + std::string(row.name)) != std::string_view::npos;
    CHECK(says_how_to_silence == (row.severity == Severity::warning));
  }
}

TEST_CASE("a code is found by its name, in any case, and by nothing else") {
  CHECK(code_named("e304") == Code::E304);
  CHECK(code_named("W801") == Code::W801);
  CHECK_FALSE(code_named("E999"));
  CHECK_FALSE(code_named(""));
}
