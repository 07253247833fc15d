// `# allow:` comments: what they cover, and that a reason is asked for.
#include <doctest/doctest.h>

#include "tests/unit/compiler/project_texts.h"

using namespace weir;
using testing::check;
using testing::rule;

namespace {

// A rule with one W806, on line 5.
std::string with(const std::string& above_rule, const std::string& above_clause, const std::string& on_line) {
  return above_rule + rule("r", above_clause + "  mitre: [TA0006,\n    TA0003, T1098]" + on_line);
}

}  // namespace

TEST_CASE("on the line, above the clause, above the declaration") {
  REQUIRE(check(with("", "", "")).said().size() == 1);
  CHECK(
      check(rule("r", "  mitre: [TA0006, TA0003, T1098]   # allow: W806 the mapping of the alert this ports"))
          .said()
          .empty());
  CHECK(check(with("", "  # allow: W806 ported\n", "")).said().empty());
  CHECK(check(with("# allow: W806 ported\n", "", "")).said().empty());
  CHECK(check(with("# allow: W806 ported\n# and more about the rule\n", "", "")).said().empty());
  CHECK(check(with("# allow: W801, W806 ported\n", "", "")).said().empty());
}

TEST_CASE("elsewhere, of another code, or of an error: nothing is silenced") {
  CHECK(check(with("# allow: W806 too far away\n\n\n", "", "")).said().size() == 1);
  CHECK(check(with("", "", "  # allow: W806 the line below the warning")).said().size() == 1);
  CHECK(check(with("# allow: W801 other\n", "", "")).said().size() == 1);
  CHECK(check("# allow: E105 no\n" + rule("r", "  severity: low")).said().size() == 1);
}

TEST_CASE("a reason is asked for") {
  CHECK(check(with("", "  # allow: W806\n", ""))
            .only()
            .find("note: `# allow: W806` asks for a reason after the code") != std::string::npos);
}
