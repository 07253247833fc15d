// Whatever the bytes are: an answer, soon, and without falling over.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "dsl/limits.h"
#include "dsl/parse.h"

using namespace weir::dsl;

namespace {

struct Parsed {
  SourceMap sources;
  Diagnostics diagnostics;
  File file;
  explicit Parsed(std::string text) {
    const SourceId id = sources.add("rules/my.weir", std::move(text));
    file = parse(sources, id, diagnostics);
  }
  size_t count(Code code) const {
    size_t n = 0;
    for (const Diagnostic& d : diagnostics.list()) n += d.code == code;
    return n;
  }
};

std::string repeated(const std::string& unit, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += unit;
  return all;
}

std::string let(const std::string& value) { return "rule r {\n  let x = " + value + "\n  title: \"t\"\n}\n"; }

}  // namespace

TEST_CASE("64 brackets are read, 65 are E112, in every construct that nests") {
  const auto nested = [](const std::string& before, const std::string& open, const std::string& in,
                         const std::string& close, const std::string& after, size_t times) {
    return Parsed(before + repeated(open, times) + in + repeated(close, times) + after);
  };
  struct Shape {
    std::string before, open, in, close, after;
  };
  const std::string detection = "rule r {\n  detection {\n    s ";
  const Shape shapes[] = {
      {"rule r {\n  let x = ", "(", "1", ")", "\n}\n"},
      {"rule r {\n  let x = ", "f(", "y", ")", "\n}\n"},
      {"rule r {\n  detection {\n    condition: ", "(", "a", ")", "\n  }\n}\n"},
      {"rule r {\n  detection {\n    condition: ", "not ", "a", "", "\n  }\n}\n"},
      {"rule r {\n  correlation {\n    condition: ", "(", "a then b", ")", "\n  }\n}\n"},
      {"rule r {\n  correlation {\n    condition: ", "1 of [", "a", "]", "\n  }\n}\n"},
      {detection + "{ ", "a { ", "b: 1", " }", " }\n  }\n}\n"},
      {"rule r {\n  custom {\"a\": ", "[", "1", "]", "}\n}\n"},
      {"rule r {\n  custom ", "{\"a\": ", "1", "}", "\n}\n"},
  };
  for (const Shape& shape : shapes) {
    CAPTURE(shape.open);
    const size_t around = shape.before.ends_with("{ ") || shape.before.ends_with("\"a\": ") ? 1 : 0;
    const Parsed fits =
        nested(shape.before, shape.open, shape.in, shape.close, shape.after, kMaxNesting - around);
    CHECK(fits.diagnostics.empty());
    for (size_t times : {size_t(kMaxNesting + 1 - around), size_t(10'000)}) {
      const Parsed deep = nested(shape.before, shape.open, shape.in, shape.close, shape.after, times);
      CHECK(deep.count(Code::E112) == 1);
      CHECK(deep.diagnostics.list().size() == 1);
      REQUIRE(deep.file.declarations.size() == 1);
      CHECK(std::get<Rule>(deep.file.declarations[0]).broken);
    }
  }
}

TEST_CASE("a long sum nests, too") {
  CHECK(Parsed(let("1" + repeated(" + 1", kMaxNesting))).diagnostics.empty());
  const Parsed parsed(let("1" + repeated(" + 1", 100'000)));
  CHECK(parsed.count(Code::E112) == 1);
  CHECK(parsed.diagnostics.list().size() == 1);
}

TEST_CASE("a great many of one sign") {
  for (const std::string sign :
       {"[", "{", "(", "}",    "\"",    "'",          "`",   "\"\"\"", "-",  "#",    "\\",
        ";", "a", "1", "not ", "rule ", "\nrule r {", "a: ", "| ",     "//", "\xE2", "\x01"}) {
    CAPTURE(sign);
    const std::string much = repeated(sign, (1u << 16) / sign.size());
    for (const std::string& text :
         {much, "rule r {\n  title: " + much, "rule r {\n  detection {\n    s { x: " + much,
          "rule r {\n  test \"t\" {\n    event { \"a\": " + much}) {
      const Parsed parsed(text);
      CHECK(parsed.diagnostics.list().size() <= 2 * kMaxReportedPerFile + 2);
    }
  }
}

TEST_CASE("many mistakes end the reading") {
  const Parsed parsed("rule r {\n  detection {\n" + repeated("    s { x = 1 }\n", 5000) + "  }\n}\n");
  CHECK(parsed.diagnostics.error_count() == kMaxReportedPerFile);
  const auto& last = parsed.diagnostics.list().back().footers;
  REQUIRE(!last.empty());
  CHECK(last.back().text == "the rest of this file is not read: these are 200 mistakes");
}

TEST_CASE("NUL bytes and bytes that are not UTF-8") {
  Parsed nul(std::string("rule r {\n  title: \"a\0b\"\n}\n", 25));
  CHECK(nul.diagnostics.empty());
  CHECK(Parsed(std::string("\0\0\0", 3)).diagnostics.error_count() == 1);

  const Parsed bad(
      "rule a {\n  title: \"\xFF\"\n}\nrule b {\n  title: \"fine\"\n}\nrule c {\n  title: \"\xC3\"\n}\n");
  CHECK(bad.count(Code::E111) == 1);
  CHECK(bad.diagnostics.list().size() == 1);
  REQUIRE(bad.file.declarations.size() == 3);
  CHECK(std::get<Rule>(bad.file.declarations[0]).broken);
  CHECK_FALSE(std::get<Rule>(bad.file.declarations[1]).broken);
  CHECK(std::get<Rule>(bad.file.declarations[2]).broken);
}

TEST_CASE("characters that change direction are seen in texts, comments and names") {
  const Parsed parsed(
      "rule a {\n  title: \"curl\u202Egpj.exe\"\n}\n# \u2066 hidden\nrule b {\n  title: \"fine\"\n}\n");
  CHECK(parsed.count(Code::E108) == 2);
  const Diagnostic& d = parsed.diagnostics.list()[0];
  CHECK(d.title == "a character that changes the direction of text");
  CHECK(d.primary.text == "U+202E RIGHT-TO-LEFT OVERRIDE, shown here by its name");
  REQUIRE(d.fix);
  CHECK(d.fix->edits[0].replacement == "\\u{202E}");
  CHECK(std::get<Rule>(parsed.file.declarations[0]).broken);
  CHECK_FALSE(std::get<Rule>(parsed.file.declarations[1]).broken);
}

TEST_CASE("random cuts of a rule never fall over") {
  const std::string whole =
      "edition 1\nrule r {\n  title: \"t\" # c\n  level: critical, low where s\n  let x = part(a.b[0], '/', "
      "-1) * 2\n"
      "  params { n: 10; w: 1h30m }\n  detection {\n    s|all [\"a\", 'b']\n    t on r { answers[any] { T: "
      "\"X\" }; "
      "length(q)|gte: $n }\n    u [ { a: 1 } { b: null } ]\n    condition: (s or not 1 of t*) and u\n  }\n"
      "  correlation {\n    group_by: [a, b.c]\n    timespan: $w tumbling closed\n    condition: count(where "
      "s) / "
      "count() >= 40% and 2 of [a, b]\n  }\n  suppress: 1h by [a]\n  message: \"\"\"\n    {a}\n  \"\"\"\n  "
      "custom "
      "{\"a\": [1.5e3, \"\\ud800\", null]}\n  test \"t\" {\n    at 5m arrives 6m every 1s times 3 event on r "
      "{ "
      "\"a\": true }\n    expect 1 alert at 5m from r { message: \"x\" }\n    expect no alert\n  }\n}\n"
      "list l: ip -> string from \"f\"\nselection z on r { a: 1 }\ntune r, s_* { reason: \"x\" exempt e { a: "
      "1 } }\n"
      "tune list l { add: [\"a\"] }\nschema y { time: t field a[].b string open = lower(c) [\"x\"] \"d\" }\n";
  REQUIRE(Parsed(whole).diagnostics.empty());
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::string text = whole;
    for (int cuts = 1 + int(random() % 3); cuts > 0; --cuts) {
      const size_t at = random() % text.size();
      if (random() % 2)
        text.erase(at, random() % 12);
      else
        text.insert(at, whole.substr(random() % whole.size(), random() % 12));
      if (text.empty()) text = "x";
    }
    const Parsed parsed(text);
    CHECK(parsed.diagnostics.list().size() < 40);
  }
}
