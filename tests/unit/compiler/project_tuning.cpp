// Tunings: what they attach to rules, and how a wrong one is told.
#include <doctest/doctest.h>

#include "runtime/match/functions.h"
#include "tests/unit/compiler/project_texts.h"

using namespace weir;
using testing::load;
using testing::rule;

namespace {

const std::string kParams = "  params { min_unique: 100; min_length: 20; window: 10m; names: [\"a\"] }";

}  // namespace

TEST_CASE("exemptions, params, level, status and off, on every rule that is named") {
  auto loaded = load(rule("dns_a", kParams) + rule("dns_b") + rule("other") +
                     "tune dns_* {\n  reason: \"noise, SEC-1\"\n  until: 2026-12-31\n  exempt scanner { "
                     "awsRegion: \"x\" }\n}\n"
                     "tune dns_a { reason: \"r\" params { min_unique: 400 } level: high status: test }\n"
                     "tune other { reason: \"r\" enabled: false suppress: 2h }\n");
  REQUIRE(loaded.said() == std::vector<std::string>{});
  const compiler::RuleEntry* a = loaded.project->rule("dns_a");
  REQUIRE(a->exemptions.size() == 1);
  CHECK(a->exemptions[0].reason == "noise, SEC-1");
  CHECK(a->exemptions[0].until->year == 2026);
  CHECK(a->exemptions[0].selection->name.text == "scanner");
  CHECK(a->params.at("min_unique").param->values.size() == 1);
  CHECK(a->level == "high");
  CHECK(a->status == "test");
  CHECK(a->tunes.size() == 2);
  CHECK(loaded.project->rule("dns_b")->exemptions.size() == 1);
  CHECK(loaded.project->rule("other")->exemptions.empty());
  CHECK_FALSE(loaded.project->rule("other")->enabled);
  CHECK(loaded.project->rule("other")->suppress);
}

TEST_CASE("exemptions add up") {
  auto loaded =
      load(rule("r") +
           "tune r { reason: \"a\" exempt x { awsRegion: \"x\" } }\n"
           "tune r { reason: \"b\" exempt y { awsRegion: \"y\" } exempt z { awsRegion: \"z\" } }\n");
  CHECK(loaded.said().empty());
  CHECK(loaded.project->rule("r")->exemptions.size() == 3);
}

TEST_CASE("E501: a tuning of nothing") {
  CHECK(load(rule("r53_domain_transferred") + "tune r53_domain_transfered { reason: \"r\" enabled: false }\n")
            .only() ==
        "E501 8:6 no rule is named `r53_domain_transfered` | not in this project | help: did you mean "
        "`r53_domain_transferred`?");
  CHECK(load("tune nothing_* { reason: \"r\" enabled: false }\n").only() ==
        "E501 1:6 no rule matches `nothing_*` | not in this project");
  CHECK(load("list pools: string { \"a\" }\ntune list pool { reason: \"r\" add: [\"b\"] }\n").only() ==
        "E501 2:11 no list is named `pool` | not in this project | help: did you mean `pools`?");
  CHECK(load("tune schema resolvr { late: 1m }\n").only() ==
        "E501 1:13 no schema is named `resolvr` | not in this project | help: did you mean `resolver`?");
}

TEST_CASE("E502: a param that the rule does not have") {
  CHECK(load(rule("r", kParams) + "tune r { reason: \"x\" params { min_uniqe: 4 } }\n").only() ==
        "E502 8:31 `r` has no param `min_uniqe` | not one of min_unique, min_length, window, names | help: "
        "did you mean "
        "`min_unique`?");
  CHECK(load(rule("r") + "tune r { reason: \"x\" params { a: 4 } }\n").only() ==
        "E502 8:31 `r` has no param `a` | nothing to set");
  // Of the rules of a glob, one must have it.
  CHECK(load(rule("r_a", kParams) + rule("r_b") + "tune r_* { reason: \"x\" params { window: 5m } }\n")
            .said()
            .empty());
  CHECK(load(rule("r_b") + "tune r_* { reason: \"x\" params { window: 5m } }\n").only() ==
        "E502 8:33 no rule of `r_*` has a param `window` | nothing to set");
}

TEST_CASE("E503: two tunings of one thing are an error, not a race") {
  auto loaded = load({{"rules/r.weir", rule("r", kParams)},
                      {"site/a.weir", "tune r {\n  reason: \"x\"\n  params { min_unique: 400 }\n}\n"},
                      {"site/b.weir", "tune r {\n  reason: \"y\"\n  params { min_unique: 250 }\n}\n"}});
  CHECK(loaded.only() ==
        "E503 3:12 two tunings set `min_unique` of r | here 250; at site/a.weir:3 it is 400 | note: tunings "
        "have no order, "
        "so neither can win");
  CHECK(loaded.pointed_at() == "min_unique: 250");
  CHECK(loaded.project->rule("r")->broken);
  CHECK(load(rule("r") + "tune r { reason: \"x\" level: low }\ntune r { reason: \"y\" level: high }\n")
            .only()
            .starts_with("E503 9:22 two tunings set `level` of r | here high; at rules/my.weir:8 it is low"));
  CHECK(load(rule("r") + "tune r { reason: \"x\" suppress: 1h }\ntune r { reason: \"y\" suppress: 2h }\n")
            .only()
            .starts_with("E503 9:22 two tunings set `suppress` of r"));
}

TEST_CASE("E505: an exemption without a reason is not applied") {
  auto loaded = load(rule("r") + "tune r {\n  exempt x { awsRegion: \"x\" }\n}\n");
  CHECK(loaded.only() ==
        "E505 8:1 an exemption needs a reason | no `reason:` | help: add `reason: \"who, why, ticket\"`; and "
        "`until: "
        "2026-12-31` if it should end");
  CHECK(loaded.pointed_at() == "tune r");
  CHECK(loaded.project->rule("r")->exemptions.empty());
  CHECK(
      load(rule("r") + "tune r { enabled: false }\n").only().starts_with("E505 8:1 a tuning needs a reason"));
  CHECK(load("list x: string { \"a\" }\ntune list x { add: [\"b\"] }\n")
            .only()
            .starts_with("E505 2:1 a tuning needs a reason"));
}

TEST_CASE("W507: only who gives a day hears that `until` has passed") {
  std::string text = rule("r") + "tune r { reason: \"x\" until: 2026-01-31 exempt x { awsRegion: \"x\" } }\n";
  CHECK(load(text).said().empty());
  CHECK(load({{"rules/my.weir", text}}, match::days_from_civil(2026, 1, 31)).said().empty());
  CHECK(load({{"rules/my.weir", text}}, match::days_from_civil(2026, 2, 2))
            .only()
            .starts_with("W507 8:29 this tuning has ended | its last day was 2 days ago"));
}

TEST_CASE("E509: a param of another type") {
  auto tuned = [&](const std::string& value) {
    return load(rule("r", kParams) + "tune r { reason: \"x\" params { " + value + " } }\n");
  };
  CHECK(tuned("window: 400").only() ==
        "E509 8:39 `window` is a length of time, and 400 is a number | not a length of time | + its default "
        "| help: a "
        "length of time has a unit: `400s`");
  CHECK(tuned("min_unique: \"4\"").only().starts_with("E509"));
  CHECK(tuned("names: \"b\"").only().starts_with("E509 8:38 `names` is a list, and \"b\" is one value"));
  CHECK(tuned("min_length: 40%").said().empty());
  CHECK(tuned("names: [\"b\", \"c\"]").said().empty());
}

TEST_CASE("E105, E109, E209, E315: clauses of a tuning") {
  CHECK(load(rule("r") + "tune r { resaon: \"x\" enabled: false reason: \"x\" }\n")
            .only()
            .starts_with(
                "E105 8:10 a tuning has no clause `resaon` | not a clause | help: did you mean `reason`?"));
  CHECK(load(rule("r") + "tune r { reason: \"x\" reason: \"y\" enabled: false }\n")
            .only()
            .starts_with("E109 8:22 `reason`"));
  CHECK(load(rule("r") + "tune r { reason: \"x\" exempt x on cloudtral { awsRegion: \"x\" } }\n")
            .only()
            .starts_with("E209"));
  CHECK(load(rule("r") + "tune r { reason: \"x\" level: hot }\n")
            .only()
            .starts_with("E315 8:29 `hot` is not a level"));
}
