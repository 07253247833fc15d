// Each newcomer's mistake: one error, of this code, at this place, and the text parses clean once it is
// fixed.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "dsl/parse.h"
#include "dsl/render.h"

using namespace weir::dsl;

namespace {

struct Case {
  const char* name;
  std::string text;
  Code code;
  const char* at;  // the text under the carets
};

std::string rule(const std::string& clauses) { return "rule r {\n  title: \"t\"\n" + clauses + "\n}\n"; }
std::string map(const std::string& items) {
  return rule("  detection {\n    s {\n      " + items + "\n    }\n    condition: s\n  }");
}
std::string condition(const std::string& text) {
  return rule("  detection {\n    a { x: 1 }\n    b { x: 2 }\n    condition: " + text + "\n  }");
}
std::string correlation(const std::string& text) {
  return rule("  detection { a { x: 1 } condition: a }\n  correlation {\n    " + text + "\n  }");
}
std::string test(const std::string& text) { return rule("  test \"t\" {\n    " + text + "\n  }"); }

const std::vector<Case> kMended = {
    {"= for :", map("eventName = \"A\""), Code::E114, "="},
    {"== for :", map("eventName == \"A\""), Code::E114, "=="},
    {"= in a clause", rule("  source = cloudtrail"), Code::E114, "="},
    {"detection: {", rule("  detection: { s { x: 1 } condition: s }"), Code::E114, ":"},
    {"s: {", rule("  detection { s: { x: 1 } condition: s }"), Code::E114, ":"},
    {"s: { after the condition", rule("  detection {\n    condition: s\n    s: { x: 1 }\n  }"), Code::E114,
     ":"},
    {"AND", condition("a AND b"), Code::E114, "AND"},
    {"OR", condition("a OR b"), Code::E114, "OR"},
    {"NOT", condition("NOT a"), Code::E114, "NOT"},
    {"NOT in brackets", condition("a and (NOT b)"), Code::E114, "NOT"},
    {"AND in brackets", condition("(a AND b)"), Code::E114, "AND"},
    {"&&", condition("a && b"), Code::E114, "&&"},
    {"||", condition("a || b"), Code::E114, "||"},
    {"!", condition("a and !b"), Code::E114, "!"},
    {"a YAML list", map("eventName:\n        - \"A\"\n        - \"B\""), Code::E114, "-"},
    {"a YAML list of one", map("eventName:\n        - \"A\""), Code::E114, "-"},
    {"a YAML list of bare text", map("eventName:\n        - arn:aws:x\n        - \"B\""), Code::E114, "-"},
    {"a YAML list in a clause", rule("  falsepositives:\n    - \"A\"\n    - \"B\""), Code::E114, "-"},
    {"a YAML list of groups",
     correlation("group_by:\n      - x\n      - y\n    timespan: 5m\n    condition: a"), Code::E114, "-"},
    {"or in a map", map("x: 1 or y: 2"), Code::E114, "or"},
    {"OR in a map", map("x: 1\n      OR y: 2"), Code::E114, "OR"},
    {"or between values", map("x: \"A\" or \"B\""), Code::E114, "or"},
    {"and in a map", map("x: 1 and y: 2"), Code::E114, "and"},
    {"AND in a map", map("x: 1 AND y: 2"), Code::E114, "AND"},
    {"not in a map", map("not x: 1"), Code::E114, "not"},
    {"timeframe", correlation("timeframe: 5m\n    condition: count() > 3"), Code::E105, "timeframe"},
    {"window", correlation("condition: a\n    window: 5m"), Code::E105, "window"},
    {"group-by", correlation("group-by: [x]\n    timespan: 5m\n    condition: a"), Code::E105, "group-by"},
    {"within", correlation("condition: a within 5m"), Code::E105, "within"},
    {"within, though the span is there", correlation("timespan: 5m\n    condition: a within 5m"), Code::E105,
     "within"},
    {"groups without brackets", correlation("group_by: x, y\n    timespan: 5m\n    condition: a"), Code::E114,
     ","},
    {"count() by x", correlation("timespan: 5m\n    condition: count() by x > 3"), Code::E114, "by x"},
    {"count() > 3 by x", correlation("timespan: 5m\n    condition: count() > 3 by x"), Code::E114, "by x"},
    {"gte: 3", correlation("timespan: 5m\n    condition: gte: 3"), Code::E114, "gte:"},
    {"gte: 3 as a key", correlation("timespan: 5m\n    gte: 3"), Code::E114, "gte:"},
    {"= 3", correlation("timespan: 5m\n    condition: = 3"), Code::E114, "="},
    {">= 3", correlation("timespan: 5m\n    condition: >= 3"), Code::E114, ">="},
    {"count() = 3", correlation("timespan: 5m\n    condition: count() = 3"), Code::E114, "="},
    {"| count() > 3", condition("a | count() > 3"), Code::E114, "|"},
    {"| count(x) by y > 3", condition("a | count(x) by y > 3"), Code::E114, "|"},
    {"timeframe in a detection", condition("a\n    timeframe: 5m"), Code::E105, "timeframe"},
    {"typographic quotes", map("x: \u201Ccurl\u201D"), Code::E114, "\u201C"},
    {"typographic single quotes", map("x: \u2018curl\u2019"), Code::E114, "\u2018"},
    {"// after a clause", rule("  source: x // where"), Code::E114, "//"},
    {"// in a map", map("x: 1 // one\n      y: 2"), Code::E114, "//"},
    {"// after a sum", rule("  let y = x // why"), Code::E114, "//"},
    {"- in a rule's name", "rule my-first-rule { title: \"t\" }\n", Code::E114, "my-first-rule"},
    {"- in a selection's name", rule("  detection { sel-a { x: 1 } condition: true }"), Code::E114, "sel-a"},
    {"- in a condition", condition("a and b-c"), Code::E114, "b-c"},
    {"- in a key", map("requestParameters.x-amz-id: \"a\""), Code::E114, "x-amz-id"},
    {"- in a constant", map("x: $my-list"), Code::E114, "my-list"},
    {"object with a colon", map("userIdentity: { type: \"Root\" }"), Code::E114, ":"},
    {"1 of a text", condition("1 of \"a*\""), Code::E114, "\"a*\""},
    {"[*]", map("answers[*].Rdata: 1"), Code::E114, "[*]"},
    {"[]", map("answers[].Rdata: 1"), Code::E114, "[]"},
    {": >= 22", map("port: >= 22"), Code::E114, ">="},
    {">= 22", map("port >= 22"), Code::E114, ">="},
    {"!=", map("port != 22"), Code::E114, "!="},
    {"contains", map("x contains \"a\""), Code::E114, "contains"},
    {"arithmetic", map("length(x) + 1|gte: 3"), Code::E114, "+"},
    {"a field named like a keyword", map("by: 1"), Code::E110, "by"},
    {"a field named condition", map("condition: \"x\""), Code::E110, "condition"},
    {"1day", rule("  suppress: 1day"), Code::E107, "1day"},
    {"10 minutes", correlation("timespan: 10 minutes\n    condition: a"), Code::E107, "10 minutes"},
    {"600", correlation("timespan: 600\n    condition: a"), Code::E107, "600"},
    {"10 minutes in params", rule("  params { w: 10 minutes }"), Code::E107, "10 minutes"},
    {"10 minutes in a clause", "schema s {\n  late: 10 minutes\n}\n", Code::E107, "10 minutes"},
    {"expect alert", test("expect alert"), Code::E114, "alert"},
    {"expect no alerts", test("expect no alerts"), Code::E114, "no alerts"},
    {"expect an alert", test("expect an alert"), Code::E114, "an"},
    {"a bare region", map("awsRegion: us-east-1"), Code::E114, "us-east-1"},
    {"a bare address", map("ip: 10.0.0.1"), Code::E114, "10.0.0.1"},
    {"a bare network", map("ip|cidr: 10.0.0.0/8"), Code::E114, "10.0.0.0/8"},
    {"a bare pattern", map("x: Put*"), Code::E114, "Put*"},
    {"a bare ARN in a list", map("x: [arn:aws:iam::1:root]"), Code::E114, "arn:aws:iam::1:root"},
    {"a bare title", rule("  description: Suspicious thing"), Code::E114, "Suspicious thing"},
    {"a bare id", rule("  id: 47eaa099-2cb6-416d-86dc-283cf0480ff9"), Code::E114,
     "47eaa099-2cb6-416d-86dc-283cf0480ff9"},
    {"a missing comma", map("x: [\"A\" \"B\"]"), Code::E104, "\"B\""},
    {"a missing comma between exprs", correlation("group_by: [x y]\n    timespan: 5m\n    condition: a"),
     Code::E104, "y"},
    {"an open text", map("x: \"A"), Code::E101, "\"A"},
    {"an escape", map("x|re: \"a\\d\""), Code::E103, "\\d"},
    {"a reserved name", "rule any { title: \"t\" }\n", Code::E110, "any"},
    {"a reserved selection", rule("  detection { on { x: 1 } condition: true }"), Code::E110, "on"},
    {"a quoted name", "rule \"My rule\" { title: \"t\" }\n", Code::E114, "\"My rule\""},
    {"clauses with ;", rule("  source: x; level: low"), Code::E114, ";"},
    {"selections with ,", rule("  detection { s { x: 1 }, condition: s }"), Code::E114, ","},
    {"single quotes in JSON", test("event { 'a': \"X\" }"), Code::E601, "'"},
    {"single-quoted value in JSON", test("event { \"a\": 'X' }"), Code::E601, "'"},
    {"a trailing comma in JSON", test("event { \"a\": 1, }"), Code::E601, ","},
    {"a trailing comma in an array", test("event { \"a\": [1, ] }"), Code::E601, ","},
    {"a comment in JSON", test("event { # why\n      \"a\": 1 }"), Code::E601, "# why"},
    {"a // comment in JSON", test("event { \"a\": 1 // why\n }"), Code::E601, "// why"},
    {"a bare name in JSON", test("event { a: 1 }"), Code::E601, "a"},
    {"True in JSON", test("event { \"a\": True }"), Code::E601, "True"},
    {"a missing comma in JSON", test("event { \"a\": 1 \"b\": 2 }"), Code::E601, "\"b\""},
    {"event: {", test("event: { \"a\": 1 }"), Code::E114, ":"},
    {"an unclosed detection", rule("  detection {\n    s { x: 1 }\n    condition: s\n  message: \"m\""),
     Code::E102, "message"},
    {"an unclosed selection", rule("  detection {\n    s {\n      x: 1\n    condition: s\n  }"), Code::E102,
     "condition"},
    {"an unclosed list",
     rule("  detection {\n    s {\n      x: [\"A\", \"B\"\n      y: 1\n    }\n    condition: s\n  }"),
     Code::E102, "y"},
    {"an unclosed test",
     rule("  test \"a\" {\n    event { }\n    expect no alert\n  test \"b\" {\n    event { }\n  }"),
     Code::E102, "test"},
};

std::string shown(const SourceMap& sources, const Diagnostics& diagnostics) {
  std::string all;
  for (const Diagnostic& d : diagnostics.list())
    all += std::string(info(d.code).name) + " " + d.title + " [" + std::string(sources.text(d.primary.span)) +
           "]\n";
  return all;
}

}  // namespace

TEST_CASE("a newcomer's mistake is one error with a fix that holds") {
  for (const Case& c : kMended) {
    CAPTURE(c.name);
    CAPTURE(c.text);
    SourceMap sources;
    const SourceId id = sources.add("rules/my.weir", c.text);
    Diagnostics diagnostics;
    const File file = parse(sources, id, diagnostics);
    CAPTURE(shown(sources, diagnostics));
    CHECK(diagnostics.list().size() == 1);
    if (diagnostics.list().empty()) continue;
    const Diagnostic& d = diagnostics.list()[0];
    CHECK(d.code == c.code);
    CHECK(sources.text(d.primary.span) == c.at);
    CHECK(file.declarations.size() == 1);
    CHECK(d.fix);
    if (!d.fix) continue;
    size_t applied = 0;
    const std::string fixed = apply_fixes(sources, id, diagnostics.list(), true, applied);
    CAPTURE(fixed);
    const SourceId again = sources.add("rules/fixed.weir", fixed);
    Diagnostics none;
    const File clean = parse(sources, again, none);
    CAPTURE(shown(sources, none));
    CHECK(none.empty());
    CHECK(clean.declarations.size() == 1);
  }
}
