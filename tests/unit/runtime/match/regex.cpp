// Regular expressions: what matches, and where an error stands.
#include "runtime/match/regex.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace weir::match;

TEST_CASE("a search, and flags") {
  CHECK(Regex(R"(aws-cli/[12]\.)", {}).matches("x aws-cli/2.1 y"));
  CHECK_FALSE(Regex(R"(^aws)", {}).matches("x aws"));
  CHECK_FALSE(Regex("^aws-cli", {}).matches("AWS-CLI/2.1"));
  CHECK(Regex("^aws-cli", {.ignore_case = true}).matches("AWS-CLI/2.1"));
  CHECK_FALSE(Regex("^b$", {}).matches("a\nb\nc"));
  CHECK(Regex("^b$", {.multi_line = true}).matches("a\nb\nc"));
  CHECK(Regex("^b$|x", {.multi_line = true}).matches("a\nb\nc"));
  CHECK_FALSE(Regex("a.b", {}).matches("a\nb"));
  CHECK(Regex("a.b", {.dot_all = true}).matches("a\nb"));
  CHECK(Regex("^.$", {}).matches("é"));
  CHECK(Regex("", {}).matches(""));
}

TEST_CASE("what must stand in a text that matches") {
  using Parts = std::set<std::string>;
  const auto needed = [](std::string_view expression, RegexFlags flags = {}) {
    const std::vector<std::string> parts = Regex(expression, flags).needed_parts();
    return Parts(parts.begin(), parts.end());
  };
  CHECK(needed(R"(^Login-[0-9a-f]{8,}\.xyz$)") == Parts{"login-"});
  CHECK(needed("evil|(bad)+guys|worse") == Parts{"evil", "guys", "worse"});
  CHECK(needed("TUNNEL", {.ignore_case = true}) == Parts{"tunnel"});
  CHECK(needed("abc").empty());          // too short
  CHECK(needed("evil|[a-z]+").empty());  // the other way needs nothing
  CHECK(needed("(evil)?").empty());
  CHECK(needed("prüfung-").empty());  // not ASCII
  CHECK(needed("ab(").empty());
}

TEST_CASE("what needs backtracking") {
  struct Row {
    const char* expression;
    size_t offset;
  };
  for (const Row& row : {Row{"^(?!Boto3).*Python", 1}, Row{"a(?=b)", 1}, Row{"(?<=a)b", 0},
                         Row{"x(?<!a)b", 1}, Row{R"((a)\1)", 3}, Row{R"((?P<n>a)\k<n>)", 8}, Row{"(?>a)", 0},
                         Row{"a++", 1}, Row{R"([[:alpha:]](?=x))", 11}}) {
    CAPTURE(row.expression);
    const Regex regex(row.expression, {});
    CHECK_FALSE(regex.ok());
    CHECK(regex.needs_backtracking());
    CHECK(regex.error_offset() == row.offset);
    CHECK_FALSE(regex.error().empty());
    CHECK_FALSE(regex.matches("Python"));
  }
  for (const char* expression : {R"([(?=])", R"(\(\?=a)", R"(a\\1)", R"(\Q(?=\E)", "a+?", R"([\]+]+)"}) {
    CAPTURE(expression);
    const Regex regex(expression, {});
    CHECK(regex.ok());
    CHECK_FALSE(regex.needs_backtracking());
  }
}

TEST_CASE("errors have a place") {
  struct Row {
    const char* expression;
    size_t offset;
  };
  for (const Row& row : {Row{"abc[z-a]", 4}, Row{"ab(c", 2}, Row{"a(b)c(d[(]", 5}, Row{R"(ab\y)", 2},
                         Row{"a**", 1}, Row{"(a{1000}){1000}", 2}}) {
    CAPTURE(row.expression);
    const Regex regex(row.expression, {.multi_line = true});
    CHECK_FALSE(regex.ok());
    CHECK_FALSE(regex.needs_backtracking());
    CHECK(regex.error_offset() == row.offset);
  }
}
