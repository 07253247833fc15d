// The builder's sharing, verify's refusals, and what each pass makes of a module, by dumps.
#include <doctest/doctest.h>

#include <functional>

#include "compiler/passes.h"
#include "tests/unit/compiler/ir_event.h"

namespace weir::test {
namespace {

using ir::Builder;
using ir::Literal;
using ir::Op;
using ir::Value;
using match::TextSet;

struct Ground {
  ir::Module module = module_of_one_source();
  Builder build{module};

  Value field(const char* name) { return build.field(0, build.slot(0, text_slot(name))); }
  Value is(const char* name, std::vector<std::string> needles) {
    return build.texts(field(name), {TextSet::How::equal, {}, std::move(needles)});
  }
  Value number(int64_t value) { return build.literal({.kind = Literal::Kind::integer, .integer = value}); }
  Value make(Op op, std::vector<Value> operands = {}) { return build.make(op, std::move(operands)); }

  void rule(const char* name, Value match) {
    match::RuleInfo info{.name = name};
    info.sources.push_back({.source = 0, .match = build.root(match)});
    module.rules.push_back(info);
  }

  // The rule `r` after passes up to `last`, whose results must keep the laws.
  std::string after(const char* last, Value match) {
    rule("r", match);
    REQUIRE(ir::verify(module) == std::vector<std::string>());
    const ir::Module better = ir::run_passes(module, last);
    REQUIRE(ir::verify(better) == std::vector<std::string>());
    return ir::dump(better, "r");
  }
};

std::string folded(const std::function<Value(Ground&)>& make) {
  Ground ground;
  return ground.after("fold", make(ground));
}

// ---- builder and dump
// -----------------------------------------------------------------------------------------

TEST_CASE("equal instructions, slots and constants are one") {
  Ground ground;
  CHECK(ground.is("x", {"b", "A", "a"}) == ground.is("x", {"a", "B"}));
  CHECK(ground.is("x", {"a"}) != ground.is("y", {"a"}));
  CHECK(ground.number(1) == ground.number(1));
  CHECK(ground.build.literal({.kind = Literal::Kind::real, .real = 0.0}) ==
        ground.build.literal({.kind = Literal::Kind::real, .real = -0.0}));
  CHECK(ground.module.texts.size() == 2);
  CHECK(ground.module.sources[0].projection.slots.size() == 2);
  // A builder over a module that has instructions already knows them.
  Builder second(ground.module);
  CHECK(second.field(0, second.slot(0, text_slot("x"))) == ground.field("x"));
  CHECK(second.axis(0, {.parent = 0, .path = path({"a"})}) ==
        second.axis(0, {.parent = 0, .path = path({"a"})}));
}

TEST_CASE("dump shows slots by path, and of one rule only what it needs") {
  Ground ground;
  const uint32_t axis = ground.build.axis(0, {.parent = 0, .path = path({"answers"}), .or_self = false});
  const uint32_t slot =
      ground.build.slot(0, {.axis = axis, .path = path({"x-y"}), .want = match::Want::integer});
  const Value element = ground.make(Op::less, {ground.build.field(0, slot), ground.number(5)});
  ground.rule("unrelated", ground.is("other", {"z"}));
  ground.rule("r",
              ground.make(Op::both, {ground.build.on_axis(Op::any_element, 0, axis, {element}),
                                     ground.is("name", {"b", "a\"\n"}), ground.build.before(1767225600)}));
  CHECK(ir::dump(ground.module, "r") ==
        "%0 = field s.answers[].`x-y` as int\n"
        "%1 = literal 5\n"
        "%2 = less %0 %1 @s.answers[]\n"
        "%3 = any_element %2 {s.answers[]}\n"
        "%4 = field s.name\n"
        "%5 = texts %4 {equal, caseless: \"a\\\"\\x0a\", \"b\"}\n"
        "%6 = before 2026-01-01T00:00:00Z\n"
        "%7 = both %3 %5 %6\n"
        "rule r on s\n"
        "  match %7\n");
  ground.build.root(ground.number(5));
  const std::string whole = ir::dump(ground.module);
  CHECK(whole.find("rule r on s\n  match %9\nrule unrelated on s\n  match %4\nroot 2 %1\n") !=
        std::string::npos);
}

// ---- verify
// -----------------------------------------------------------------------------------------------------

std::string first_breach(const std::function<void(ir::Module&)>& spoil) {
  Ground ground;
  const uint32_t axis = ground.build.axis(0, {.parent = 0, .path = path({"a"})});
  const Value inner = ground.build.texts(ground.build.field(0, ground.build.slot(0, text_slot("e", axis))),
                                         {TextSet::How::equal, {}, {"q"}});       // %1 on the axis
  const Value element = ground.build.on_axis(Op::any_element, 0, axis, {inner});  // %2
  const Value is = ground.is("x", {"a"});                                         // %4 of %3
  ground.rule("r", ground.make(Op::both, {element, is}));                         // %5
  REQUIRE(ir::verify(ground.module) == std::vector<std::string>());
  spoil(ground.module);
  const std::vector<std::string> breaches = ir::verify(ground.module);
  return breaches.empty() ? "" : breaches[0];
}

TEST_CASE("verify refuses what breaks the laws") {
  using Module = ir::Module;
  CHECK(first_breach([](Module& m) { m.operands[m.insts[4].first] = 4; }) ==
        "%4 texts: operand %4 does not come before it");
  CHECK(first_breach([](Module& m) { m.operands[m.insts[4].first] = 2; }) ==
        "%4 texts: operand %2 is a condition");
  CHECK(first_breach([](Module& m) { m.operands[m.insts[5].first] = 3; }) ==
        "%5 both: operand %3 is no condition");
  CHECK(first_breach([](Module& m) { m.insts[4].count = 0; }) == "%4 texts: 1 operands, not 0");
  CHECK(first_breach([](Module& m) { m.insts[5].count = 99; }) == "%5 both: operands out of range");
  CHECK(first_breach([](Module& m) { m.insts[4].imm = 7; }) == "%4 texts: immediate 7 of 2");
  CHECK(first_breach([](Module& m) { m.insts[5].imm = 1; }) == "%5 both: immediate 1 of 1");
  CHECK(first_breach([](Module& m) { m.insts[3].imm = 9; }) == "%3 field: immediate 9 of 2");
  CHECK(first_breach([](Module& m) { m.insts[3].imm = 0; }) == "%3 field: not on its slot's axis");
  CHECK(first_breach([](Module& m) { m.insts[3].source = 4; }) == "%3 field: no source 4");
  CHECK(first_breach([](Module& m) { m.insts[3].axis = 4; }) == "%3 field: no axis 4");
  CHECK(first_breach([](Module& m) { m.insts[5].source = ir::kAnySource; }) ==
        "%5 both: operand %2 is about another source");
  CHECK(first_breach([](Module& m) { m.operands[m.insts[5].first] = 1; }) ==
        "%5 both: operand %1 lies on axis 1");
  CHECK(first_breach([](Module& m) { m.insts[2].imm = 0; }) ==
        "%2 any_element: the event is no axis to leave or enter");
  CHECK(first_breach([](Module& m) { m.insts[2].axis = 1; }) == "%2 any_element: axis 1 leads elsewhere");
  CHECK(first_breach([](Module& m) { m.insts[5].op = static_cast<Op>(200); }) == "%5: no such operation");
  CHECK(first_breach([](Module& m) { m.roots[0] = 77; }) == "root 0: no value %77");
  CHECK(first_breach([](Module& m) { m.roots[0] = 1; }) == "root 0: not on the event");
  CHECK(first_breach([](Module& m) { m.roots[0] = 3; }) == "rule r: match: %3 is no condition");
  CHECK(first_breach([](Module& m) { m.rules[0].sources[0].match = 5; }) == "rule r: match: no root 5");
  CHECK(first_breach([](Module& m) { m.rules[0].sources[0].source = 5; }) == "rule r: no source 5");
  CHECK(first_breach([](Module& m) { m.sources[0].projection.axes[1].parent = 1; }) ==
        "source s: axis 1 before its parent");
  CHECK(first_breach([](Module& m) { m.sources[0].projection.slots[0].axis = 8; }) ==
        "source s: slot 0 on no axis");
  CHECK(first_breach([](Module& m) { m.sources[0].id_slot = 8; }) == "source s: no slot 8 for the id");
}

TEST_CASE("verify refuses what an engine could not walk") {
  Ground ground;
  Value value = ground.is("x", {"a"});
  for (int i = 0; i < 2000; ++i) value = ground.make(Op::negate, {value});
  ground.rule("r", value);
  const std::vector<std::string> breaches = ir::verify(ground.module);
  REQUIRE(breaches.size() == 1);
  CHECK(breaches[0].find("negate: nested deeper than 1000") != std::string::npos);
}

// ---- fold
// -------------------------------------------------------------------------------------------------------

TEST_CASE("fold: constants are decided by what the interpreter says") {
  const std::string always = "%0 = always\nrule r on s\n  match %0\n",
                    never = "%0 = never\nrule r on s\n  match %0\n";
  CHECK(folded([](Ground& g) { return g.make(Op::less, {g.number(3), g.number(5)}); }) == always);
  CHECK(folded([](Ground& g) { return g.make(Op::less, {g.number(5), g.number(3)}); }) == never);
  CHECK(folded([](Ground& g) {
          const Value text = g.build.literal({.kind = Literal::Kind::text, .text = "Example.com."});
          const Value labels = g.make(Op::labels, {text});
          return g.make(Op::both, {g.build.texts(text, {TextSet::How::below, {.domain = true}, {"COM"}}),
                                   g.build.numbers(g.make(Op::add, {labels, g.number(1)}), {3}),
                                   g.build.regex(text, {.expression = "^E", .flags = {}})});
        }) == always);
  CHECK(folded([](Ground& g) { return g.make(Op::is_null, {g.build.missing()}); }) == always);
  CHECK(folded([](Ground& g) { return g.make(Op::exists, {g.make(Op::length, {g.build.missing()})}); }) ==
        never);
  CHECK(folded([](Ground& g) { return g.make(Op::less, {g.field("x"), g.build.missing()}); }) == never);
  CHECK(folded([](Ground& g) {
          return g.make(Op::exists, {g.make(Op::add, {g.field("x"), g.build.missing()})});
        }) == never);
  CHECK(folded([](Ground& g) { return g.is("x", {}); }) == never);
  CHECK(folded([](Ground& g) { return g.build.anywhere(0, {TextSet::How::contains, {}, {}}); }) == never);
}

TEST_CASE("fold: conditions become flat") {
  const std::string one = "%0 = field s.x\n%1 = texts %0 {equal, caseless: \"a\"}\nrule r on s\n  match %1\n";
  const auto a = [](Ground& g) { return g.is("x", {"a"}); };
  const auto b = [](Ground& g) { return g.is("y", {"b"}); };
  CHECK(folded([&](Ground& g) {
          return g.make(Op::both, {g.make(Op::negate, {g.make(Op::negate, {a(g)})}), g.make(Op::always)});
        }) == one);
  CHECK(folded([&](Ground& g) {
          return g.make(Op::either, {g.make(Op::both, {a(g), a(g)}), g.make(Op::never)});
        }) == one);
  CHECK(folded([&](Ground& g) {
          return g.build.at_least(2, {a(g), g.make(Op::always), g.make(Op::never)});
        }) == one);
  CHECK(
      folded([&](Ground& g) {
        return g.make(Op::both, {g.make(Op::both, {a(g), b(g)}), g.make(Op::both, {b(g), g.is("z", {"c"})})});
      }).find("both %1 %3 %5\n") != std::string::npos);
  CHECK(folded([&](Ground& g) {
          return g.make(Op::both, {a(g), b(g), g.make(Op::negate, {a(g)})});
        }) == "%0 = never\nrule r on s\n  match %0\n");
  CHECK(folded([&](Ground& g) {
          return g.make(Op::either, {g.make(Op::negate, {a(g)}), b(g), a(g)});
        }) == "%0 = always\nrule r on s\n  match %0\n");
  CHECK(folded([&](Ground& g) { return g.make(Op::both); }) == "%0 = always\nrule r on s\n  match %0\n");
  CHECK(folded([&](Ground& g) {
          return g.build.at_least(3, {a(g), b(g)});
        }) == "%0 = never\nrule r on s\n  match %0\n");
  CHECK(folded([&](Ground& g) {
          return g.build.at_least(2, {a(g), b(g)});
        }).find("both %1 %3") != std::string::npos);
}

TEST_CASE("fold: values") {
  const auto exists = [](Ground& g, Value value) { return g.make(Op::exists, {value}); };
  CHECK(folded([&](Ground& g) {
          const Value inner = g.make(Op::coalesce, {g.field("x"), g.build.missing(), g.field("x")});
          return exists(g, g.make(Op::coalesce, {inner, g.number(1), g.field("y")}));
        }) ==
        "%0 = field s.x\n%1 = literal 1\n%2 = coalesce %0 %1\n%3 = exists %2\nrule r on s\n  match %3\n");
  CHECK(folded([&](Ground& g) { return exists(g, g.make(Op::coalesce, {g.field("x")})); }) ==
        "%0 = field s.x\n%1 = coalesce %0\n%2 = exists %1\nrule r on s\n  match %2\n");
  CHECK(folded([&](Ground& g) {
          return exists(g, g.make(Op::choose, {g.make(Op::never), g.number(1), g.field("x")}));
        }) == "%0 = field s.x\n%1 = exists %0\nrule r on s\n  match %1\n");
  CHECK(
      folded([&](Ground& g) {
        const uint32_t axis = g.build.axis(0, {.parent = 0, .path = path({"a"})});
        const Value spread = g.build.on_axis(Op::spread, 0, axis, {g.number(1)});
        const Value none = g.build.on_axis(Op::count_elements, 0, axis, {g.make(Op::less, {spread, spread})});
        return g.build.numbers(none, {0});
      }) == "%0 = always\nrule r on s\n  match %0\n");
}

// ---- share, order, sweep
// ------------------------------------------------------------------------------------------

TEST_CASE("share: sets below either become one") {
  Ground ground;
  const Value x = ground.field("x");
  const auto ends = [&](std::vector<std::string> needles, bool cased = false) {
    return ground.build.texts(x, {TextSet::How::ends, {.cased = cased}, std::move(needles)});
  };
  const Value value =
      ground.make(Op::either, {ends({".b"}), ground.is("y", {"q"}), ends({".a", ".b"}), ends({".A"}, true),
                               ground.build.numbers(x, {2}), ground.build.numbers(x, {1}),
                               ground.build.networks(x, {*match::parse_network("10.0.0.0/8")}),
                               ground.build.networks(x, {*match::parse_network("9.0.0.0/8")})});
  CHECK(ground.after("share", value) ==
        "%0 = field s.x\n"
        "%1 = field s.y\n"
        "%2 = texts %1 {equal, caseless: \"q\"}\n"
        "%3 = texts %0 {ends, caseless: \".a\", \".b\"}\n"
        "%4 = texts %0 {ends, cased: \".A\"}\n"
        "%5 = numbers %0 {1, 2}\n"
        "%6 = networks %0 {9.0.0.0/8, 10.0.0.0/8}\n"
        "%7 = either %3 %2 %4 %5 %6\n"
        "rule r on s\n"
        "  match %7\n");
}

TEST_CASE("share: one set needs no either; both is left alone; long lists are not copied") {
  Ground one;
  CHECK(one.after("share", one.make(Op::either, {one.is("x", {"a"}), one.is("x", {"b"})})) ==
        "%0 = field s.x\n%1 = texts %0 {equal, caseless: \"a\", \"b\"}\nrule r on s\n  match %1\n");
  Ground both;
  CHECK(both.after("share", both.make(Op::both, {both.is("x", {"a"}), both.is("x", {"b"})}))
            .find("both %1 %2") != std::string::npos);
  Ground lists;
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back(std::to_string(i));
  const std::string dump =
      lists.after("share", lists.make(Op::either, {lists.is("x", many), lists.is("x", {"b"})}));
  CHECK(dump.find("either %1 %2") != std::string::npos);
  CHECK(dump.find("300 in all") != std::string::npos);
}

TEST_CASE("order: cheap and selective first, stable") {
  Ground ground;
  const Value regex = ground.build.regex(ground.field("x"), {.expression = "a", .flags = {}});
  const Value wide = ground.make(Op::exists, {ground.field("x")});
  const Value narrow = ground.is("x", {"a"});
  const Value twin = ground.is("y", {"b"});
  CHECK(ground.after("order", ground.make(Op::both, {regex, wide, narrow, twin})) ==
        "%0 = field s.x\n"
        "%1 = regex %0 {/a/}\n"
        "%2 = exists %0\n"
        "%3 = texts %0 {equal, caseless: \"a\"}\n"
        "%4 = field s.y\n"
        "%5 = texts %4 {equal, caseless: \"b\"}\n"
        "%6 = both %3 %5 %2 %1\n"
        "rule r on s\n"
        "  match %6\n");
  Ground either;
  const Value likely = either.make(Op::exists, {either.field("x")});
  CHECK(either.after("order", either.make(Op::either, {either.is("x", {"a"}), likely}))
            .find("either %1 %2\n") != std::string::npos);
}

TEST_CASE("sweep: nothing stays that no root reaches") {
  Ground ground;
  match::SourceInfo& source = ground.module.sources[0];
  const uint32_t unused_axis = ground.build.axis(0, {.parent = 0, .path = path({"unused"})});
  const uint32_t outer = ground.build.axis(0, {.parent = 0, .path = path({"outer"})});
  const uint32_t inner = ground.build.axis(0, {.parent = outer, .path = path({"inner"})});
  ground.build.field(0, ground.build.slot(0, text_slot("gone", unused_axis)));
  ground.is("dead", {"x"});
  source.id_slot = ground.build.slot(0, text_slot("id"));
  const Value element = ground.build.texts(ground.build.field(0, ground.build.slot(0, text_slot("e", inner))),
                                           {TextSet::How::equal, {}, {"q"}});
  const Value any = ground.build.on_axis(Op::any_element, 0, outer,
                                         {ground.build.on_axis(Op::any_element, 0, inner, {element})});
  ground.rule("r", any);

  const ir::Module swept = ir::run_passes(ground.module);
  REQUIRE(ir::verify(swept) == std::vector<std::string>());
  CHECK(ir::dump(swept) ==
        "%0 = field s.outer[].inner[].e\n"
        "%1 = texts %0 {equal, caseless: \"q\"} @s.outer[].inner[]\n"
        "%2 = any_element %1 {s.outer[].inner[]} @s.outer[]\n"
        "%3 = any_element %2 {s.outer[]}\n"
        "rule r on s\n"
        "  match %3\n");
  CHECK(swept.texts.size() == 1);
  CHECK(swept.operands.size() == 3);
  const match::Projection& projection = swept.sources[0].projection;
  CHECK(projection.axes.size() == 3);
  CHECK(projection.axes[2].parent == 1);
  REQUIRE(projection.slots.size() == 2);
  CHECK(projection.slots[0] == text_slot("id"));
  CHECK(projection.slots[1].axis == 2);
  CHECK(swept.sources[0].id_slot == 0);
}

// ---- dispatch
// -----------------------------------------------------------------------------------------------------

struct Rules : Ground {
  std::string matches(const Scalars& services, const Scalars& names, const Scalars& regions = {}) {
    const uint32_t service = build.slot(0, text_slot("service")), name = build.slot(0, text_slot("name"));
    const uint32_t region = build.slot(0, text_slot("region"));
    Event event(module.sources[0]);
    event.put(service, services).put(name, names).put(region, regions);
    const std::string found = Runner(module, ir::dispatch(module)).match(event);
    CHECK(found == Runner(module).match(event));  // as without dispatch
    return found;
  }
};

TEST_CASE("dispatch: by the constants that every match needs") {
  Rules rules;
  const auto both = [&](std::vector<Value> values) { return rules.make(Op::both, std::move(values)); };
  rules.is("region", {"eu"});
  rules.rule("pair", both({rules.is("service", {"S3"}), rules.is("name", {"Get", "Put"}),
                           rules.is("region", {"eu"})}));
  rules.rule("name_only", rules.is("name", {"put"}));
  rules.rule("service_only", rules.is("service", {"s3"}));
  rules.rule("branches",
             rules.make(Op::either, {both({rules.is("service", {"ec2"}), rules.is("name", {"run"})}),
                                     both({rules.is("service", {"iam"}), rules.is("name", {"make"})})}));
  rules.rule("generic", rules.make(Op::negate, {rules.is("name", {"put"})}));
  rules.rule("impossible", rules.make(Op::never));
  CHECK(ir::dump(rules.module, ir::dispatch(rules.module)) ==
        "s: s.name, s.service\n"
        "  any other, \"s3\" → service_only\n"
        "  \"get\", \"s3\" → pair, service_only\n"
        "  \"make\", \"ec2\" → branches\n"
        "  \"make\", \"iam\" → branches\n"
        "  \"put\", any other → name_only\n"
        "  \"put\", \"s3\" → name_only, pair, service_only\n"
        "  \"run\", \"ec2\" → branches\n"
        "  \"run\", \"iam\" → branches\n"
        "  every event → generic\n");
  CHECK(rules.matches({"s3"}, {"PUT"}, {"eu"}) == "pair name_only service_only");
  CHECK(rules.matches({"s3"}, {"GET"}, {"us"}) == "service_only generic");
  CHECK(rules.matches({"other"}, {"put"}) == "name_only");
  CHECK(rules.matches({"s3"}, {"other"}) == "service_only generic");
  CHECK(rules.matches({"ec2"}, {"make"}) == "generic");
  CHECK(rules.matches({"ec2"}, {"run"}) == "branches generic");
  CHECK(rules.matches({}, {}) == "generic");
  CHECK(rules.matches({null()}, {"put"}) == "name_only");
  CHECK(rules.matches({"ec2", "s3"}, {"x", "get", "put"}, {"eu"}) == "pair name_only service_only");
  CHECK(rules.matches({"\u017f3"}, {"x"}) == "service_only generic");  // ſ folds to s
}

TEST_CASE("dispatch: case and dots are left to the rule") {
  Rules rules;
  rules.rule("cased",
             rules.build.texts(rules.field("name"), {TextSet::How::equal, {.cased = true}, {"Put"}}));
  rules.rule("empty", rules.is("name", {"", "x"}));
  CHECK(rules.matches({}, {"Put"}) == "cased");
  CHECK(rules.matches({}, {"put"}) == "");
  CHECK(rules.matches({}, {""}) == "empty");
  Rules domains;
  domains.rule("domain",
               domains.build.texts(domains.field("name"), {TextSet::How::equal, {.domain = true}, {"a.b."}}));
  CHECK(domains.matches({}, {"A.B"}) == "domain");
  CHECK(domains.matches({}, {"A.B."}) == "domain");
  CHECK(domains.matches({}, {"A.B.."}) == "");
}

TEST_CASE("dispatch stays bounded") {
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back("v" + std::to_string(i));
  Rules rules;
  rules.rule("wide", rules.make(Op::both, {rules.is("service", many), rules.is("name", many)}));
  const ir::Dispatch dispatch = ir::dispatch(rules.module);
  CHECK(dispatch.sources[0].buckets.size() == 300);
  CHECK(rules.matches({"v7"}, {"v9"}) == "wide");
  CHECK(rules.matches({"v7"}, {"w"}) == "");
  for (int i = 0; i < 8000; ++i) many.push_back("w" + std::to_string(i));
  Rules generic;
  generic.rule("huge", generic.is("service", many));
  CHECK(ir::dispatch(generic.module).sources[0].generic == std::vector<uint32_t>{0});
}

}  // namespace
}  // namespace weir::test
