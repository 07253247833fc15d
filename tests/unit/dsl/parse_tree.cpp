// The shape of the tree for each construct, its spans, and what recovery keeps.
#include <doctest/doctest.h>

#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "dsl/grammar.h"
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
  const Rule& rule(size_t i = 0) const { return std::get<Rule>(file.declarations.at(i)); }
  template <class C>
  const C& clause(size_t n = 0) const {
    for (const RuleClause& clause : rule().clauses)
      if (const C* c = std::get_if<C>(&clause))
        if (n-- == 0) return *c;
    throw std::runtime_error("no such clause");
  }
  std::string_view text(Span span) const { return sources.text(span); }
};

Parsed clean(const std::string& text) {
  Parsed parsed(text);
  for (const Diagnostic& d : parsed.diagnostics.list()) MESSAGE(d.title);
  CHECK(parsed.diagnostics.empty());
  return parsed;
}
Parsed in_rule(const std::string& clauses) { return clean("rule r {\n" + clauses + "\n}\n"); }

const Text& text_of(const Meta& meta) { return std::get<Text>(meta.values.at(0).node); }
std::string title(const std::string& literal) {
  return text_of(in_rule("title: " + literal).clause<Meta>()).value;
}

}  // namespace

TEST_CASE("the grammar has no left recursion and no empty loops") {
  CHECK(tao::pegtl::analyze<grammar::File>() == 0);
  CHECK(tao::pegtl::analyze<grammar::Template>() == 0);
}

TEST_CASE("texts") {
  CHECK(title(R"("a\\b\"c\u{e9}\u{1F600}")") == "a\\b\"c\u00e9\U0001F600");
  CHECK(title(R"('a\d*')") == "a\\d*");
  CHECK(title("\"\"\"\n    One line,\n    and more.\n\n    Next \\\"x\\\".\n  \"\"\"") ==
        "One line, and more.\nNext \"x\".");
  const Parsed parsed = in_rule(R"(detection { s { a: "x*\*?y"; b: '*' } condition: s })");
  const Map& map = std::get<Map>(parsed.clause<Detection>().selections[0].body);
  const Text& plain = std::get<Text>(std::get<Item>(map.entries[0]).values[0].node);
  CHECK(plain.value == "x**?y");
  CHECK(plain.wildcards == std::vector<uint32_t>{1, 3});
  const Text& verbatim = std::get<Text>(std::get<Item>(map.entries[1]).values[0].node);
  CHECK(verbatim.quote == Quote::verbatim);
  CHECK(verbatim.wildcards.empty());
}

TEST_CASE("numbers, lengths of time, dates, constants") {
  const Parsed parsed = in_rule(
      "params { a: 40%; b: -1.5; c: 1_000; d: 1h30m; e: 2026-12-31; f: true; g: null; h: $x; i: 0123\n"
      "j: 99999999999999999999; k: [1, 2,] }");
  const std::vector<Param>& params = parsed.clause<Params>().params;
  REQUIRE(params.size() == 11);
  const auto number = [&](size_t i) { return std::get<Number>(params[i].values[0].node); };
  CHECK(number(0).value == doctest::Approx(0.4));
  CHECK(number(0).percent);
  CHECK(number(1).value == -1.5);
  CHECK(number(2).integer == 1000);
  CHECK(std::get<Duration>(params[3].values[0].node).ms == 5'400'000);
  CHECK(std::get<Date>(params[4].values[0].node).month == 12);
  CHECK(std::get<Bool>(params[5].values[0].node).value);
  CHECK(std::holds_alternative<Null>(params[6].values[0].node));
  CHECK(std::get<Const>(params[7].values[0].node).name.text == "x");
  CHECK(parsed.text(params[8].values[0].span) == "0123");
  CHECK(number(9).overflow);
  CHECK(params[10].is_list);
  CHECK(params[10].values.size() == 2);
}

TEST_CASE("a day that no calendar has") {
  const Parsed parsed("rule r {\n  date: 2026-02-30\n}\n");
  REQUIRE(parsed.diagnostics.list().size() == 1);
  CHECK(parsed.diagnostics.list()[0].title == "2026-02-30 is not a day of the calendar");
  CHECK(parsed.diagnostics.list()[0].primary.text == "2026-02 has 28 days, from 01");
  CHECK(parsed.rule().broken);
}

TEST_CASE("expressions bind as in arithmetic, from the left") {
  const Parsed parsed = in_rule("let x = a - b * (c + `d-e`.f[-1]) - g(h, 1 where s)");
  const Binary& outer = std::get<Binary>(parsed.clause<Let>().value.node);
  CHECK(outer.op == '-');
  const Binary& left = std::get<Binary>(outer.left->node);
  CHECK(parsed.text(left.span) == "a - b * (c + `d-e`.f[-1])");
  const Binary& product = std::get<Binary>(left.right->node);
  CHECK(product.op == '*');
  CHECK(product.right->parenthesised);
  CHECK(parsed.text(product.right->span) == "(c + `d-e`.f[-1])");
  const Path& path = std::get<Path>(std::get<Binary>(product.right->node).right->node);
  CHECK(path.segments[0].quoted);
  CHECK(path.segments[0].name == "d-e");
  CHECK(path.segments[1].pick == Segment::Pick::index);
  CHECK(path.segments[1].index == -1);
  const Call& call = std::get<Call>(outer.right->node);
  CHECK(call.args.size() == 2);
  CHECK(call.where->text == "s");
}

TEST_CASE("selections") {
  const Parsed parsed = in_rule(
      "detection {\n  a { answers[any] { T: \"X\" }, length(q)|gte: 3; e|re|i: 'x' }\n  b [ { x: 1 } { y: [] "
      "} ]\n"
      "  c|all on src [\"k\", 'l']\n  condition: true\n}");
  const std::vector<Selection>& s = parsed.clause<Detection>().selections;
  REQUIRE(s.size() == 3);
  const Map& map = std::get<Map>(s[0].body);
  REQUIRE(map.entries.size() == 3);
  const Block& block = *std::get<std::unique_ptr<Block>>(map.entries[0]);
  CHECK(block.path.segments[0].pick == Segment::Pick::any);
  CHECK(parsed.text(block.span) == "answers[any] { T: \"X\" }");
  const Item& call = std::get<Item>(map.entries[1]);
  CHECK(std::get<Call>(call.subject.node).name.text == "length");
  CHECK(call.modifiers[0].text == "gte");
  CHECK(parsed.text(call.span) == "length(q)|gte: 3");
  CHECK(std::get<Item>(map.entries[2]).modifiers.size() == 2);
  CHECK(std::get<std::vector<Map>>(s[1].body).size() == 2);
  CHECK(s[2].source->text == "src");
  CHECK(s[2].modifiers[0].text == "all");
  CHECK(std::get<Keywords>(s[2].body).values.size() == 2);
}

TEST_CASE("conditions") {
  const Parsed parsed = in_rule("detection { condition: a and not (b or 2 of c*) or all of them }");
  const Detection& detection = parsed.clause<Detection>();
  const Cond& any = *detection.condition;
  CHECK(any.kind == Cond::Kind::any);
  REQUIRE(any.children.size() == 2);
  CHECK(parsed.text(any.operators[0]) == "or");
  const Cond& all = any.children[0];
  CHECK(all.kind == Cond::Kind::all);
  const Cond& negation = all.children[1];
  CHECK(negation.kind == Cond::Kind::negation);
  const Cond& group = negation.children[0];
  CHECK(group.parenthesised);
  CHECK(parsed.text(group.span) == "(b or 2 of c*)");
  CHECK(group.children[1].number == 2);
  CHECK(group.children[1].name.text == "c*");
  CHECK(any.children[1].them);
  CHECK(any.children[1].count == Cond::Count::all);
  CHECK(parsed.text(detection.condition_span) == "condition: a and not (b or 2 of c*) or all of them");
}

TEST_CASE("correlations") {
  const Parsed parsed = in_rule(
      "correlation {\n group_by: x.y\n timespan: 10m tumbling closed\n warmup: $w\n state: 256MiB\n"
      " condition: count(where f) / count() >= 40% and 2 of [avg(x) > 3, new(a, b)] or 3 p then not q\n}");
  const Correlation& c = parsed.clause<Correlation>();
  CHECK(c.group_by.size() == 1);
  CHECK(std::get<Duration>(c.timespan->node).ms == 600'000);
  CHECK(c.window == Correlation::Window::tumbling_closed);
  CHECK(c.window_written);
  CHECK(c.state->bytes == int64_t(256) << 20);
  const KCond& any = *c.condition;
  CHECK(any.kind == KCond::Kind::any);
  const KCond& ratio = any.children[0].children[0];
  CHECK(ratio.kind == KCond::Kind::compare);
  CHECK(ratio.op == ">=");
  CHECK(parsed.text(ratio.left->span) == "count(where f) / count()");
  const KCond& two = any.children[0].children[1];
  CHECK(two.kind == KCond::Kind::quantifier);
  CHECK(two.children[1].kind == KCond::Kind::first_seen);
  CHECK(two.children[1].exprs.size() == 2);
  const KCond& chain = any.children[1];
  CHECK(chain.kind == KCond::Kind::then);
  CHECK(chain.children[0].number == 3);
  CHECK(chain.children[0].numbered);
  CHECK(chain.children[1].kind == KCond::Kind::negation);
}

TEST_CASE("the other clauses of a rule") {
  const Parsed parsed = in_rule(
      "level: critical, low where s\nmitre: [T1562.008, TA0005]\nsuppress: 1h by [a, b.c]\n"
      "custom {\"a\": [1.5e3, \"\\ud83d\\ude00\\ud800\", null, true], \"a\": {}}");
  const Level& level = parsed.clause<Level>();
  CHECK(level.cases[1].level.text == "low");
  CHECK(level.cases[1].where->text == "s");
  CHECK(std::get<Attack>(parsed.clause<Meta>().values[0].node).id == "T1562.008");
  CHECK(parsed.clause<Suppress>().by->size() == 2);
  const Json& json = parsed.clause<Custom>().value;
  REQUIRE(json.members.size() == 2);
  const std::vector<Json>& elements = json.members[0].value.elements;
  CHECK(elements[0].text == "1.5e3");
  CHECK(elements[1].text == "\U0001F600\uFFFD");
  CHECK(parsed.text(elements[1].span) == "\"\\ud83d\\ude00\\ud800\"");
  CHECK(json.members[1].value.kind == Json::Kind::object);
}

TEST_CASE("tests") {
  const Parsed parsed = in_rule(
      "test \"a \\\"title\\\"\" {\n params { n: 1 }\n at 5m arrives 6m every 1s times 3 event on src { "
      "\"a\": 1 }\n"
      " event { }\n expect 2 alerts at 5m from r { message: \"x\" }\n expect no alert\n}");
  const Test& test = parsed.clause<Test>();
  CHECK(test.title.value == "a \"title\"");
  REQUIRE(test.steps.size() == 5);
  const Feed& feed = std::get<Feed>(test.steps[1]);
  CHECK(feed.at->ms == 300'000);
  CHECK(feed.arrives->ms == 360'000);
  CHECK(feed.every->ms == 1000);
  CHECK(*feed.times == 3);
  CHECK(feed.source->text == "src");
  CHECK(parsed.text(feed.event.members[0].key_span) == "\"a\"");
  const Expect& expect = std::get<Expect>(test.steps[3]);
  CHECK(expect.count == 2);
  CHECK(expect.at->ms == 300'000);
  CHECK(expect.rule->text == "r");
  CHECK(expect.map->entries.size() == 1);
  CHECK(std::get<Expect>(test.steps[4]).count == 0);
}

TEST_CASE("lists, shared selections, schemas and tunings") {
  const Parsed parsed = clean(
      "edition 1\nlist a: domain { \"x\", \"y\"; \"z\" }\nlist b: ip -> string from \"f.txt\"\n"
      "selection s on src [ { a: 1 }, { b: 2 } ]\n"
      "schema y {\n time: t\n format: columns \"a b\"\n field a[].`b-c` string required open = lower(c) "
      "[\"x\"] \"d\"\n"
      " call \"svc\" \"Call\" { field p json }\n}\n"
      "tune r, x_* {\n reason: \"w\"\n exempt e on src { a: 1 }\n params { n: 2 }\n test \"t\" { event {} "
      "}\n}\n"
      "tune list a { add: [\"q\"] remove: [\"x\"] reason: \"w\" }\ntune schema y { field z int usual }\n");
  CHECK(parsed.file.edition == 1);
  REQUIRE(parsed.file.declarations.size() == 7);
  CHECK(std::get<List>(parsed.file.declarations[0]).values.size() == 3);
  const List& table = std::get<List>(parsed.file.declarations[1]);
  CHECK(table.to == TypeName::string);
  CHECK(parsed.text(table.type_span) == "ip -> string");
  CHECK(table.from->value == "f.txt");
  CHECK(std::get<SharedSelection>(parsed.file.declarations[2]).selection.source->text == "src");
  const Schema& schema = std::get<Schema>(parsed.file.declarations[3]);
  const Field& field = std::get<Field>(schema.clauses[2]);
  CHECK(field.path[0].array);
  CHECK(field.path[1].quoted);
  CHECK(field.path[1].name == "b-c");
  CHECK(field.required);
  CHECK(field.open);
  CHECK(field.derived);
  CHECK(field.known->size() == 1);
  CHECK(field.description->value == "d");
  CHECK(std::get<Format>(schema.clauses[1]).columns);
  CHECK(std::get<ApiCall>(schema.clauses[3]).fields.size() == 1);
  const Tune& rules = std::get<Tune>(parsed.file.declarations[4]);
  CHECK(rules.targets[1].text == "x_*");
  CHECK(rules.clauses.size() == 4);
  const Tune& list = std::get<Tune>(parsed.file.declarations[5]);
  CHECK(list.kind == Tune::Kind::list);
  CHECK(std::get<Amend>(list.clauses[1]).remove);
  CHECK(std::get<Tune>(parsed.file.declarations[6]).kind == Tune::Kind::schema);
}

TEST_CASE("comments, a byte-order mark and carriage returns") {
  const Parsed parsed = clean("\xEF\xBB\xBF# first\r\nrule r {\r\n  title: \"# no\" # second\r\n}\r\n#last");
  REQUIRE(parsed.file.comments.size() == 3);
  CHECK(parsed.file.comments[0].text == "# first");
  CHECK(parsed.file.comments[0].own_line);
  CHECK(parsed.file.comments[1].text == "# second");
  CHECK_FALSE(parsed.file.comments[1].own_line);
  CHECK(parsed.text(parsed.file.comments[2].span) == "#last");
  CHECK(parsed.text(parsed.rule().span).starts_with("rule r {"));
  CHECK(parsed.text(parsed.rule().span).ends_with("}"));
}

TEST_CASE("declaration words at column 1 inside a rule are what they are there") {
  const Parsed parsed = clean(
      "rule r {\ntitle: \"t\"\ndescription: \"\"\"\nrule of thumb {\n\"\"\"\ndetection {\nselection { a: 1 "
      "}\nlist { b: 1 }\n"
      "condition: selection\n}\n}\n");
  CHECK(parsed.file.declarations.size() == 1);
  CHECK(parsed.clause<Detection>().selections.size() == 2);
}

TEST_CASE("broken rules are all reported, and hide no good one") {
  const Parsed parsed(
      "rule a {\n  title: \"t\"\n  level ???\n  source: x\n}\n"
      "rule b {\n  title: \"good\"\n}\n"
      "rule c {\n  detection {\n    s { x ~ 1 }\n    t { y: 2 }\n    u { z ~ 3 }\n    condition: t\n  }\n  "
      "source: q\n}\n"
      "garbage here\n"
      "rule d {\n  title: \"good\"\n}\n");
  CHECK(parsed.diagnostics.list().size() == 4);
  REQUIRE(parsed.file.declarations.size() == 4);
  CHECK(parsed.rule(0).broken);
  CHECK(parsed.rule(0).clauses.size() == 2);
  CHECK_FALSE(parsed.rule(1).broken);
  CHECK(parsed.rule(2).broken);
  const Detection& kept = std::get<Detection>(parsed.rule(2).clauses[0]);
  CHECK(kept.selections.size() == 1);
  CHECK(kept.condition);
  CHECK(parsed.rule(2).clauses.size() == 2);
  CHECK_FALSE(parsed.rule(3).broken);
}

TEST_CASE("a missing brace is said once, at the clause that shows it") {
  const Parsed parsed(
      "rule a {\n  detection {\n    s { x: 1 }\n    condition: s\n  message: \"m\"\n}\nrule b { title: \"t\" "
      "}\n");
  REQUIRE(parsed.diagnostics.list().size() == 1);
  const Diagnostic& d = parsed.diagnostics.list()[0];
  CHECK(d.code == Code::E102);
  CHECK(d.title == "`detection {` is never closed");
  CHECK(parsed.text(d.primary.span) == "message");
  CHECK(d.primary.text == "a clause of the rule, so `}` is missing before it");
  CHECK(d.secondary[0].text == "opened here");
  CHECK(parsed.text(d.secondary[0].span) == "{");
  CHECK(parsed.file.declarations.size() == 2);

  for (const char* open : {"rule a {\n  title: \"t\"\n", "rule a {\n  detection {\n    s { x: 1\n",
                           "rule a {\n  test \"t\" {\n    event { \"a\": 1\n", "rule a {\n  fields: [a, b\n",
                           "rule a {\n  let x = (a + \n"}) {
    CAPTURE(open);
    const Parsed cut(std::string(open) + "rule b { title: \"t\" }\n");
    REQUIRE(cut.diagnostics.list().size() == 1);
    CHECK(cut.diagnostics.list()[0].code == Code::E102);
    CHECK(cut.file.declarations.size() == 2);
    const Parsed end{std::string(open)};
    REQUIRE(end.diagnostics.list().size() == 1);
    CHECK(end.diagnostics.list()[0].code == Code::E102);
  }
}

TEST_CASE("prose that is never closed swallows no rule") {
  for (const char* second : {"rule b {\n  title: \"t\"\n}\n", "rule b {\n  title: \"\"\"t\"\"\"\n}\n"}) {
    const Parsed parsed("rule a {\n  title: \"\"\"open\n  level: low\n}\n" + std::string(second));
    REQUIRE(parsed.diagnostics.list().size() == 1);
    CHECK(parsed.diagnostics.list()[0].code == Code::E101);
    REQUIRE(parsed.file.declarations.size() == 2);
    CHECK(parsed.rule(0).broken);
    CHECK_FALSE(parsed.rule(1).broken);
  }
}

TEST_CASE("a clause or key twice is E109") {
  for (const char* clauses :
       {"level: low\n  level: high", "detection { condition: true }\n  detection { condition: true }",
        "detection { condition: a condition: b }", "correlation { timespan: 5m timespan: 6m }",
        "correlation { warmup: 5m warmup: 6m }", "suppress: 1h\n  suppress: 2h",
        "params { a: 1 }\n  params { b: 1 }"}) {
    CAPTURE(clauses);
    const Parsed parsed("rule r {\n  " + std::string(clauses) + "\n}\n");
    REQUIRE(parsed.diagnostics.list().size() == 1);
    const Diagnostic& d = parsed.diagnostics.list()[0];
    CHECK(d.code == Code::E109);
    CHECK(parsed.text(d.primary.span) == parsed.text(d.secondary[0].span));
    CHECK(d.primary.span.begin > d.secondary[0].span.begin);
    CHECK(parsed.rule().broken);
  }
}

TEST_CASE("Sigma's YAML is named") {
  const Parsed parsed("title: Suspicious DNS\nlogsource:\n  product: aws\n");
  REQUIRE(parsed.diagnostics.list().size() == 1);
  const Diagnostic& d = parsed.diagnostics.list()[0];
  CHECK(d.code == Code::E106);
  CHECK(parsed.text(d.primary.span) == "title:");
  CHECK(d.footers[0].text == "`weir new rule NAME` writes a rule to start from; the words of both are much the same");
}

TEST_CASE("messages") {
  const auto message = [](const std::string& literal, auto use) {
    const Parsed parsed = in_rule("message: " + literal);
    Diagnostics diagnostics;
    const Text& text = text_of(parsed.clause<Meta>());
    use(parse_template(parsed.sources, text, diagnostics), parsed, diagnostics);
  };
  message(R"("{{x}} {a.b}: {count(where f)} {part(a, \"/\", 1)}")",
          [](const auto& made, const Parsed& parsed, const Diagnostics& d) {
            CHECK(d.empty());
            REQUIRE(made);
            REQUIRE(made->pieces.size() == 6);
            CHECK(made->pieces[0].text == "{x} ");
            CHECK(parsed.text(made->pieces[1].expr->span) == "a.b");
            CHECK(parsed.text(made->pieces[3].expr->span) == "count(where f)");
            CHECK(std::holds_alternative<Call>(made->pieces[5].expr->node));
          });
  message("\"\"\"\n    {a} and\n    {b}\n  \"\"\"",
          [](const auto& made, const Parsed& parsed, const Diagnostics&) {
            REQUIRE(made);
            CHECK(made->pieces[1].text == " and ");
            CHECK(parsed.text(made->pieces[2].expr->span) == "b");
          });
  struct Bad {
    const char* literal;
    const char* at;
    const char* fixed;
  };
  for (const Bad& bad :
       {Bad{"\"an {open brace\"", "{", "}"}, Bad{"\"an { open\"", "{", "{{"}, Bad{"\"a } brace\"", "}", "}}"},
        Bad{"\"{}\"", "}", nullptr}, Bad{"\"{a b}\"", "b", nullptr}}) {
    CAPTURE(bad.literal);
    message(bad.literal, [&](const auto& made, const Parsed& parsed, const Diagnostics& d) {
      CHECK_FALSE(made);
      REQUIRE(d.list().size() == 1);
      CHECK(parsed.text(d.list()[0].primary.span) == bad.at);
      CHECK(d.list()[0].fix.has_value() == (bad.fixed != nullptr));
      if (bad.fixed && d.list()[0].fix) CHECK(d.list()[0].fix->edits[0].replacement == bad.fixed);
    });
  }
}
