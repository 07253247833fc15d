// The clauses about a rule: which there are, which are needed, what they hold.
#include <doctest/doctest.h>

#include "tests/unit/compiler/project_texts.h"

using namespace weir;
using testing::load;
using testing::rule;

TEST_CASE("a rule with every clause is right") {
  auto loaded = load(rule("r", R"(
  id: "00a154d8-5ed8-4bcc-b5c7-19c2add9ca88" version: 2 status: stable author: "SecOps" date: 2026-01-01
  modified: 2026-02-01 license: "MIT" related: ["x"] tags: ["a.b"] mitre: [TA0003, T1098]
  description: "d" response: "r" falsepositives: "none" references: ["https://example.com"]
  fields: [awsRegion, userIdentity.arn] message: "m" building_block: true)"));
  CHECK(loaded.said() == std::vector<std::string>{});
  REQUIRE(loaded.project->rule("r"));
  CHECK_FALSE(loaded.project->rule("r")->broken);
}

TEST_CASE("E105: another tool's word gets the clause that it stands for, and its fix") {
  auto loaded = load(
      "rule r {\n  title: \"T\"\n  severity: high\n  source: cloudtrail\n"
      "  detection { s { eventName: \"X\" } condition: s }\n}\n");
  CHECK(loaded.only() ==
        "E105 3:3 a rule has no clause `severity` | not a clause | help: the clause is `level`, as in Sigma: "
        "informational, low, medium, high, critical");
  CHECK(loaded.pointed_at() == "severity");
  REQUIRE(loaded.diagnostics.list()[0].fix);
  CHECK(loaded.diagnostics.list()[0].fix->edits[0].replacement == "level");
  CHECK(loaded.project->rule("r")->broken);
}

TEST_CASE("E105: a slip is mended, and not said again as a missing clause") {
  auto loaded = load(
      "rule r {\n  titel: \"T\"\n  level: low\n  source: cloudtrail\n"
      "  detection { s { eventName: \"X\" } condition: s }\n}\n");
  CHECK(loaded.only() ==
        "E105 2:3 a rule has no clause `titel` | not a clause | help: did you mean `title`?");
}

TEST_CASE("E109: twice") {
  CHECK(load(rule("r", "  title: \"again\"")).only() ==
        "E109 5:3 `title` stands twice | the second | + the first");
}

TEST_CASE("E113: everything that is missing is said at once") {
  auto loaded = load("rule r {\n  detection { s { eventName: \"X\" } condition: s }\n}\n");
  CHECK(loaded.only().starts_with("E113 1:6 the rule `r` has no `title`, no `level` and no `source` |"));
  CHECK(load(rule("fine")).said().empty());
}

TEST_CASE("E315: a level that is none of the five") {
  auto loaded = load(
      "rule r {\n  title: \"T\"\n  level: hihg\n  source: cloudtrail\n"
      "  detection { s { eventName: \"X\" } condition: s }\n}\n");
  CHECK(loaded.only() ==
        "E315 3:10 `hihg` is not a level | not one of the five | help: did you mean `high`? | help: the "
        "levels are "
        "informational, low, medium, high, critical");
}

TEST_CASE("E209: a source that does not exist") {
  auto loaded = load(
      "rule r {\n  title: \"T\"\n  level: low\n  source: cloudtrial\n"
      "  detection { s { eventName: \"X\" } condition: s }\n}\n");
  CHECK(loaded.only() ==
        "E209 4:11 no source is named `cloudtrial` | no schema has this name | help: did you mean "
        "`cloudtrail`?");
}

TEST_CASE("E301: a value of another type") {
  CHECK(load(rule("r", "  version: \"2\"")).only() ==
        "E301 5:12 `version` is a whole number, and \"2\" is text | text | help: write it "
        "without quotes: `2`");
  CHECK(load(rule("r", "  author: kim"))
            .only()
            .starts_with("E301 5:11 `author` is text, and kim is a bare word"));
  CHECK(load(rule("r", "  status: stabel")).only().starts_with("E301 5:11 `stabel` is not a status"));
  CHECK(load(rule("r", "  message: [\"a\", \"b\"]")).only().starts_with("E301"));
}

TEST_CASE("E313: an ATT&CK id that does not exist") {
  auto loaded = load(rule("r", "  mitre: [T1098.999]"));
  CHECK(loaded.only().starts_with("E313 5:11 ATT&CK has no `T1098.999` | not in version "));
  CHECK(loaded.only().find("did you mean `T1098` (Account Manipulation)") != std::string::npos);
}

TEST_CASE("E301: Sigma's tags have ids, too") {
  CHECK(load(rule("r", "  mitre: [\"attack.t1098\"]")).only().ends_with("help: write `T1098`"));
  CHECK(load(rule("r", "  mitre: [\"attack.credential-access\"]")).only().ends_with("help: write `TA0006`"));
  CHECK(load(rule("r", "  mitre: \"attack.nothing\""))
            .only()
            .starts_with("E301 5:10 `mitre` is a list of ATT&CK ids"));
}

TEST_CASE("W806: a tactic without a technique") {
  auto loaded = load(rule("r", "  mitre: [TA0006, TA0003, T1098]"));
  CHECK(loaded.only() ==
        "W806 5:11 T1098 is not a technique of TA0006 | Credential Access | + Account Manipulation: "
        "Persistence "
        "(TA0003), Privilege Escalation (TA0004) | help: drop TA0006, or add the technique that is meant");
  CHECK_FALSE(loaded.project->rule("r")->broken);  // a warning stops nothing
}

TEST_CASE("W806: a technique without a tactic, and one that was revoked") {
  CHECK(load(rule("r", "  mitre: [TA0003, T1098, T1496]"))
            .only()
            .starts_with(
                "W806 5:26 T1496 is of none of the tactics listed | Resource Hijacking: Impact (TA0040)"));
  CHECK(load(rule("r", "  mitre: [TA0005, T1562.008]")).only() ==
        "W806 5:19 T1562.008 is no longer in ATT&CK | Disable or Modify Cloud Logs | help: write T1685.002: "
        "Disable or "
        "Modify Cloud Log, of Defense Impairment (TA0112)");
  CHECK(load(rule("r", "  mitre: [TA0011, T1071.004, TA0040, T1496]")).said().empty());
}

TEST_CASE("a broken rule is not said to lack what may be broken") {
  auto loaded = load(
      "rule r {\n  title: \"T\n  level: low\n  source: cloudtrail\n"
      "  detection { s { eventName: \"X\" } condition: s }\n}\n");
  for (const std::string& line : loaded.said()) CHECK_FALSE(line.starts_with("E113"));
}
