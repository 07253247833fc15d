// Every operation of ir.def, by the interpreter: what it gives for which values.
#include <doctest/doctest.h>

#include "compiler/passes.h"
#include "tests/unit/compiler/ir_event.h"

namespace weir::test {
namespace {

using ir::Builder;
using ir::Literal;
using ir::Op;
using ir::Value;
using match::TextSet;

Literal text(const char* value) { return {.kind = Literal::Kind::text, .text = value}; }
Literal integer(int64_t value) { return {.kind = Literal::Kind::integer, .integer = value}; }

// One operation over the slots x, y and z of an event.
struct Ground {
  ir::Module module = module_of_one_source();
  Builder builder{module};
  uint32_t slots[3] = {builder.slot(0, text_slot("x")), builder.slot(0, text_slot("y")),
                       builder.slot(0, text_slot("z"))};
  Value x = builder.field(0, slots[0]), y = builder.field(0, slots[1]), z = builder.field(0, slots[2]);

  std::string eval(Value value, const Scalars& xs, const Scalars& ys = {}, const Scalars& zs = {}) {
    const match::Root root = builder.root(value);
    REQUIRE(ir::verify(module) == std::vector<std::string>());
    Event event(module.sources[0]);
    event.put(slots[0], xs).put(slots[1], ys).put(slots[2], zs);
    return Runner(module).eval(root, event);
  }
};

std::string unary(Op op, const Scalars& xs) {
  Ground ground;
  return ground.eval(ground.builder.make(op, {ground.x}), xs);
}
std::string binary(Op op, const Scalars& xs, const Scalars& ys) {
  Ground ground;
  return ground.eval(ground.builder.make(op, {ground.x, ground.y}), xs, ys);
}
std::string compare(Op op, const Scalars& xs, const Scalars& ys, match::TextRule rule = {}) {
  Ground ground;
  return ground.eval(ground.builder.compare_texts(op, ground.x, ground.y, rule), xs, ys);
}
std::string in(TextSet::How how, std::vector<std::string> needles, const Scalars& xs,
               match::TextRule rule = {}) {
  Ground ground;
  return ground.eval(ground.builder.texts(ground.x, {how, rule, std::move(needles)}), xs);
}

constexpr int64_t kMax = INT64_MAX;

TEST_CASE("texts: any value of the list, by its bytes or spelling") {
  CHECK(in(TextSet::How::equal, {"A", "b"}, {"a"}) == "true");
  CHECK(in(TextSet::How::equal, {"A", "b"}, {"c", "B"}) == "true");
  CHECK(in(TextSet::How::equal, {"A", "b"}, {"c"}) == "false");
  CHECK(in(TextSet::How::equal, {"A"}, {}) == "false");
  CHECK(in(TextSet::How::equal, {""}, {""}) == "true");
  CHECK(in(TextSet::How::equal, {""}, {null()}) == "false");
  CHECK(in(TextSet::How::equal, {"22", "true", "1.5"}, {22}) == "true");
  CHECK(in(TextSet::How::equal, {"22", "true", "1.5"}, {true}) == "true");
  CHECK(in(TextSet::How::equal, {"22", "true", "1.5"}, {1.5}) == "true");
  CHECK(in(TextSet::How::equal, {"22", "true", "1.5"}, {false}) == "false");
  CHECK(in(TextSet::How::equal, {"1.50"}, {Scalar(RT_REAL, "1.50")}) == "true");
  CHECK(in(TextSet::How::contains, {"2026"}, {time("2026-01-01T00:00:00Z", 1767225600)}) == "true");
  CHECK(in(TextSet::How::contains, {""}, {object("{}"), empty_array(), null()}) == "false");
  CHECK(in(TextSet::How::equal, {"A"}, {"a"}, {.cased = true}) == "false");
  CHECK(in(TextSet::How::below, {"example.com."}, {"WWW.Example.com"}, {.domain = true}) == "true");
  CHECK(in(TextSet::How::below, {"example.com"}, {"notexample.com"}, {.domain = true}) == "false");
}

TEST_CASE("pattern, regex, networks, numbers") {
  Ground ground;
  const Value pattern = ground.builder.pattern(ground.x, {.text = "a*?c", .wildcards = {1, 2}, .rule = {}});
  CHECK(ground.eval(pattern, {"abbC"}) == "true");
  CHECK(ground.eval(pattern, {"ac", 5}) == "false");
  const Value regex = ground.builder.regex(ground.x, {.expression = "com$", .flags = {}, .domain = true});
  CHECK(ground.eval(regex, {"x.com."}) == "true");
  CHECK(ground.eval(regex, {"x.com.."}) == "false");
  const Value networks = ground.builder.networks(
      ground.x, {*match::parse_network("10.0.0.0/8"), *match::parse_network("10.1.0.0/16"),
                 *match::parse_network("2001:db8::/32")});
  CHECK(ground.eval(networks, {"10.255.255.255"}) == "true");
  CHECK(ground.eval(networks, {"11.0.0.0"}) == "false");
  CHECK(ground.eval(networks, {"::ffff:10.1.2.3"}) == "true");
  CHECK(ground.eval(networks, {"2001:DB8::1"}) == "true");
  CHECK(ground.eval(networks, {"AWS Internal", null()}) == "false");
  CHECK(ground.eval(ground.builder.networks(ground.x, {*match::parse_network("::/0")}), {"10.0.0.1"}) ==
        "false");
  const Value numbers = ground.builder.numbers(ground.x, {9007199254740992.0, 22, -0.0, 1.5});
  CHECK(ground.eval(numbers, {22}) == "true");
  CHECK(ground.eval(numbers, {22.0}) == "true");
  CHECK(ground.eval(numbers, {0}) == "true");
  CHECK(ground.eval(numbers, {1.5}) == "true");
  CHECK(ground.eval(numbers, {int64_t{9007199254740992}}) == "true");
  CHECK(ground.eval(numbers, {int64_t{9007199254740993}}) == "false");
  CHECK(ground.eval(numbers, {"22", 2}) == "false");
}

TEST_CASE("is_true, is_false, is_null, exists") {
  CHECK(unary(Op::is_true, {"true", true}) == "true");
  CHECK(unary(Op::is_true, {"true", 1}) == "false");
  CHECK(unary(Op::is_false, {false}) == "true");
  CHECK(unary(Op::is_false, {}) == "false");
  CHECK(unary(Op::is_null, {}) == "true");
  CHECK(unary(Op::is_null, {null()}) == "true");
  CHECK(unary(Op::is_null, {empty_array()}) == "true");
  CHECK(unary(Op::is_null, {""}) == "false");
  CHECK(unary(Op::is_null, {object("{}")}) == "false");
  CHECK(unary(Op::exists, {}) == "false");
  CHECK(unary(Op::exists, {null()}) == "true");
  CHECK(unary(Op::exists, {empty_array()}) == "true");
}

TEST_CASE("less and less_equal compare exactly, and only what can be compared") {
  CHECK(binary(Op::less, {1}, {2}) == "true");
  CHECK(binary(Op::less, {2}, {2}) == "false");
  CHECK(binary(Op::less_equal, {2}, {2.0}) == "true");
  CHECK(binary(Op::less, {int64_t{9007199254740992}}, {int64_t{9007199254740993}}) == "true");
  CHECK(binary(Op::less, {9007199254740992.0}, {int64_t{9007199254740993}}) == "true");
  CHECK(binary(Op::less_equal, {int64_t{9007199254740993}}, {9007199254740992.0}) == "false");
  CHECK(binary(Op::less, {kMax}, {9223372036854775808.0}) == "true");
  CHECK(binary(Op::less, {1.5}, {2}) == "true");
  CHECK(binary(Op::less, {-1}, {-0.5}) == "true");
  CHECK(binary(Op::less, {-0.5}, {-1}) == "false");
  CHECK(binary(Op::less, {5, 1}, {2}) == "true");
  CHECK(binary(Op::less, {1}, {}) == "false");
  CHECK(binary(Op::less, {"1"}, {2}) == "false");
  CHECK(binary(Op::less, {null()}, {2}) == "false");
  CHECK(binary(Op::less, {span(1)}, {2}) == "false");
  CHECK(binary(Op::less, {span(1)}, {span(2)}) == "true");
  CHECK(binary(Op::less, {time("a", 1)}, {time("b", 2)}) == "true");
  CHECK(binary(Op::less_equal, {time("a", 1)}, {2}) == "false");
}

TEST_CASE("same, same_address, holds_*") {
  CHECK(compare(Op::same, {"A"}, {"a"}) == "true");
  CHECK(compare(Op::same, {"A"}, {"a"}, {.cased = true}) == "false");
  CHECK(compare(Op::same, {"a."}, {"A"}, {.domain = true}) == "true");
  CHECK(compare(Op::same, {1}, {1.0}) == "true");
  CHECK(compare(Op::same, {1}, {"1"}) == "false");
  CHECK(compare(Op::same, {true, 1}, {true}) == "true");
  CHECK(compare(Op::same, {true}, {false}) == "false");
  CHECK(compare(Op::same, {null()}, {null()}) == "false");
  CHECK(compare(Op::same, {}, {}) == "false");
  CHECK(compare(Op::same, {time("x", 1)}, {time("y", 1)}) == "true");
  CHECK(compare(Op::same, {span(1)}, {1}) == "false");
  CHECK(compare(Op::same, {object("{}")}, {object("{}")}) == "false");
  CHECK(binary(Op::same_address, {"::ffff:10.0.0.1"}, {"10.0.0.1"}) == "true");
  CHECK(binary(Op::same_address, {"2001:db8:0::1"}, {"2001:DB8::1"}) == "true");
  CHECK(binary(Op::same_address, {"AWS Internal"}, {"aws internal"}) == "true");
  CHECK(binary(Op::same_address, {"10.0.0.1"}, {"10.0.0.2"}) == "false");
  CHECK(compare(Op::holds_part, {"hello"}, {"x", "ELL"}) == "true");
  CHECK(compare(Op::holds_part, {"hello"}, {"ELL"}, {.cased = true}) == "false");
  CHECK(compare(Op::holds_start, {"hello"}, {"he"}) == "true");
  CHECK(compare(Op::holds_start, {"hello"}, {"lo"}) == "false");
  CHECK(compare(Op::holds_end, {"hello"}, {"lo"}) == "true");
  CHECK(compare(Op::holds_end, {12345}, {45}) == "true");
  CHECK(compare(Op::holds_below, {"a.b.c."}, {"B.c"}) == "true");
  CHECK(compare(Op::holds_below, {"ab.c"}, {"b.c"}) == "false");
}

TEST_CASE("conditions") {
  Ground ground;
  Builder& build = ground.builder;
  const Value x = build.make(Op::is_true, {ground.x}), y = build.make(Op::is_true, {ground.y});
  const Value z = build.make(Op::is_true, {ground.z});
  const auto eval = [&](Value value, bool a, bool b, bool c) { return ground.eval(value, {a}, {b}, {c}); };
  CHECK(eval(build.make(Op::always, {}), false, false, false) == "true");
  CHECK(eval(build.make(Op::never, {}), true, true, true) == "false");
  CHECK(eval(build.make(Op::both, {x, y, z}), true, true, true) == "true");
  CHECK(eval(build.make(Op::both, {x, y, z}), true, true, false) == "false");
  CHECK(eval(build.make(Op::both, {}), false, false, false) == "true");
  CHECK(eval(build.make(Op::either, {x, y, z}), false, false, true) == "true");
  CHECK(eval(build.make(Op::either, {x, y, z}), false, false, false) == "false");
  CHECK(eval(build.make(Op::either, {}), true, true, true) == "false");
  CHECK(eval(build.make(Op::negate, {x}), false, true, true) == "true");
  CHECK(eval(build.at_least(2, {x, y, z}), true, false, true) == "true");
  CHECK(eval(build.at_least(2, {x, y, z}), false, false, true) == "false");
  CHECK(eval(build.at_least(0, {x}), false, false, false) == "true");

  const match::Root before = build.root(build.before(100));
  Event early(ground.module.sources[0]), late(ground.module.sources[0]);
  early.at(99);
  late.at(100);
  Runner runner(ground.module);
  CHECK(runner.eval(before, early) == "true");
  CHECK(runner.eval(before, late) == "false");
}

TEST_CASE("functions leave out what they have no result for") {
  CHECK(unary(Op::length, {"héé", null(), 12345, object("{}")}) == "3, 5");
  CHECK(unary(Op::length, {}) == "");
  CHECK(unary(Op::lower, {"ÄB"}) == "\"äb\"");
  CHECK(unary(Op::entropy, {"ab"}) == "real 1");
  CHECK(unary(Op::digit_ratio, {"a1"}) == "real 0.5");
  CHECK(unary(Op::is_base64, {"SGVsbG8gV29ybGQ0Nw==", "x"}) == "true, false");
  CHECK(unary(Op::is_base32, {"JBSWY3DPEBLW64TMMQ======"}) == "true");
  CHECK(unary(Op::is_hex, {"00ff00ff00ff00ff", "zz"}) == "true, false");
  CHECK(unary(Op::labels, {"a.b.c."}) == "3");
  CHECK(unary(Op::longest_label, {"a.bbb.c"}) == "\"bbb\"");
  CHECK(unary(Op::public_suffix, {"www.example.co.uk"}) == "\"co.uk\"");
  CHECK(unary(Op::registered_domain, {"WWW.Example.co.uk."}) == "\"Example.co.uk\"");
  CHECK(unary(Op::registered_domain, {"co.uk"}) == "");
  CHECK(unary(Op::subdomain, {"a.b.example.com"}) == "\"a.b\"");
  CHECK(unary(Op::is_private, {"10.0.0.1", "8.8.8.8", "host"}) == "true, false");
  CHECK(unary(Op::ip_version, {"10.0.0.1", "::1", "host"}) == "4, 6");
  CHECK(unary(Op::as_number, {"22", "-1.5", "1e3", "0x10", "", "1.", "inf", " 1", 7, true}) ==
        "22, real -1.5, real 1000, 7");
  CHECK(unary(Op::as_number, {"9223372036854775808", "1e999"}) == "real 9.223372036854776e+18");
  CHECK(unary(Op::count_values, {"a", null(), 1, empty_array()}) == "2");
  CHECK(unary(Op::count_values, {empty_array()}) == "0");
  CHECK(unary(Op::count_values, {}) == "");
  CHECK(unary(Op::count_values, {null()}) == "");
}

TEST_CASE("functions with arguments") {
  Ground ground;
  Builder& build = ground.builder;
  const Value first = build.make(Op::label, {ground.x, build.literal(integer(0))});
  CHECK(ground.eval(first, {"a.b.c", "d"}) == "\"a\", \"d\"");
  const Value last = build.make(Op::part, {ground.x, build.literal(text("/")), build.literal(integer(-1))});
  CHECK(ground.eval(last, {"arn:x/y/z", 12}) == "\"z\", \"12\"");
  CHECK(ground.eval(build.make(Op::part, {ground.x, build.literal(text("")), build.literal(integer(0))}),
                    {"a"}) == "");
  CHECK(ground.eval(build.make(Op::label, {ground.x, ground.y}), {"a.b"}, {0, 1, "0"}) == "\"a\", \"b\"");
}

TEST_CASE("json_text unescapes once") {
  CHECK(unary(Op::json_text, {object(R"({"d":"{\"Effect\":\"Allow\",\"x\":\"\\n\"}"})")}) ==
        R"("{"d":"{"Effect":"Allow","x":"\n"}"}")");
  CHECK(unary(Op::json_text, {object(R"(["\u00e9\uD83D\uDE00\ud800x\/\t"])")}) ==
        "\"[\"\u00e9\U0001F600\uFFFDx/\t\"]\"");
  CHECK(unary(Op::json_text, {object("\"\\"), object("\\u12"), "a\\n", 5, true, null()}) ==
        "\"\"\\\", \"\\u12\", \"a\\n\", \"5\", \"true\"");
}

TEST_CASE("json_text takes out white space, in JSON inside texts, too") {
  CHECK(unary(Op::json_text, {object(R"({"d":"{ \"Principal\" : \"* \",\n\t\"x\": [1, 2] }"})")}) ==
        R"("{"d":"{"Principal":"* ","x":[1,2]}"}")");
  CHECK(unary(Op::json_text, {"{ \"a\\\" b\" : 1 }", "[ no, json ]", "{ }"}) ==
        R"("{"a\" b":1}", "[ no, json ]", "{}")");
}

TEST_CASE("parts of times") {
  const Scalars times = {time("2026-08-02T23:59:30Z", 1785715170)};
  CHECK(unary(Op::minute, times) == "59");
  CHECK(unary(Op::hour, times) == "23");
  CHECK(unary(Op::day, times) == "2");
  CHECK(unary(Op::weekday, times) == "7");
  CHECK(unary(Op::week, times) == "31");
  CHECK(unary(Op::month, times) == "8");
  CHECK(unary(Op::year, times) == "2026");
  CHECK(unary(Op::year, {"2026-08-02T23:59:30Z", "soon", 5}) == "2026");
}

TEST_CASE("arithmetic is total") {
  CHECK(binary(Op::add, {1}, {2, 3}) == "3, 4");
  CHECK(binary(Op::add, {kMax}, {1}) == "real 9.223372036854776e+18");
  CHECK(binary(Op::add, {1}, {0.5}) == "real 1.5");
  CHECK(binary(Op::add, {span(1)}, {span(2)}) == "span 3");
  CHECK(binary(Op::add, {span(1)}, {2}) == "");
  CHECK(binary(Op::add, {"1"}, {2}) == "");
  CHECK(binary(Op::add, {1e308}, {1e308}) == "");
  CHECK(binary(Op::add, {span(kMax)}, {span(1)}) == "");
  CHECK(binary(Op::subtract, {1}, {2}) == "-1");
  CHECK(binary(Op::subtract, {INT64_MIN}, {1}) == "real -9.223372036854776e+18");
  CHECK(binary(Op::subtract, {time("", 5)}, {time("", 3)}) == "span 2000000");
  CHECK(binary(Op::subtract, {time("", 5)}, {span(1'000'000)}) == "time 4000000 1970-01-01T00:00:04Z");
  CHECK(binary(Op::multiply, {3}, {4}) == "12");
  CHECK(binary(Op::multiply, {kMax}, {2}) == "real 1.8446744073709552e+19");
  CHECK(binary(Op::multiply, {2}, {span(5)}) == "span 10");
  CHECK(binary(Op::multiply, {span(5)}, {0.5}) == "span 2");
  CHECK(binary(Op::multiply, {span(5)}, {1e300}) == "");
  CHECK(binary(Op::multiply, {span(5)}, {span(5)}) == "");
  CHECK(binary(Op::divide, {1}, {2}) == "real 0.5");
  CHECK(binary(Op::divide, {4}, {2}) == "real 2");
  CHECK(binary(Op::divide, {1}, {0, 0.0}) == "");
  CHECK(binary(Op::divide, {span(6)}, {span(3)}) == "real 2");
  CHECK(binary(Op::divide, {INT64_MIN}, {-1}) == "real 9.223372036854776e+18");
}

TEST_CASE("coalesce and choose") {
  Ground ground;
  const Value first = ground.builder.make(Op::coalesce, {ground.x, ground.y, ground.z});
  CHECK(ground.eval(first, {"a", "b"}, {"c"}) == "\"a\", \"b\"");
  CHECK(ground.eval(first, {null()}, {empty_array()}, {"c"}) == "\"c\"");
  CHECK(ground.eval(first, {}, {}, {null()}) == "");
  CHECK(ground.eval(first, {null(), "a"}) == "null, \"a\"");
  const Value chosen =
      ground.builder.make(Op::choose, {ground.builder.make(Op::is_true, {ground.x}), ground.y, ground.z});
  CHECK(ground.eval(chosen, {true}, {"y"}, {"z"}) == "\"y\"");
  CHECK(ground.eval(chosen, {}, {"y"}, {"z"}) == "\"z\"");
}

TEST_CASE("lookup: the longest network or domain wins, and the first of equal ones") {
  Ground ground;
  ir::Table nets{.name = "nets", .networks = true};
  nets.by_network = {{*match::parse_network("10.0.0.0/8"), text("wide")},
                     {*match::parse_network("10.1.0.0/16"), text("narrow")},
                     {*match::parse_network("10.1.0.0/16"), text("again")},
                     {*match::parse_network("2001:db8::/32"), integer(6)}};
  const Value by_net = ground.builder.table(ground.x, nets);
  CHECK(ground.eval(by_net, {"10.1.2.3", "10.2.0.0", "11.0.0.1", "2001:db8::9", "?"}) ==
        "\"narrow\", \"wide\", 6");
  ir::Table names{.name = "names"};
  names.by_domain = {{"example.com", text("short")}, {"b.example.com", text("long")}};
  const Value by_name = ground.builder.table(ground.x, names);
  CHECK(ground.eval(by_name, {"A.B.Example.com.", "example.com", "xexample.com", "com", null()}) ==
        "\"long\", \"short\"");
}

TEST_CASE("combinations are capped") {
  Scalars many(300, Scalar(1)), last(300, Scalar(1));
  last.back() = Scalar(2);
  Ground ground;
  const Value sums = ground.builder.make(Op::add, {ground.x, ground.y});
  CHECK(ground.eval(ground.builder.make(Op::count_values, {sums}), many, many) == "65536");
  Scalars two(2, Scalar(1));
  CHECK(ground.eval(ground.builder.make(Op::count_values, {sums}), many, two) == "600");
  CHECK(binary(Op::less, many, last) == "true");
  Scalars last_of_all(300, Scalar(1));
  last_of_all.back() = Scalar(0);
  CHECK(binary(Op::less, last_of_all, many) ==
        "false");  // the only pairs that would do come after the 65,536th
}

// An event with answers[] and, below each, parts[].
struct Arrays {
  ir::Module module = module_of_one_source();
  Builder build{module};
  uint32_t answers = build.axis(0, {.parent = 0, .path = path({"answers"})});
  uint32_t parts = build.axis(0, {.parent = answers, .path = path({"parts"})});
  uint32_t type = build.slot(0, text_slot("type", answers)), part = build.slot(0, text_slot("part", parts));
  uint32_t name = build.slot(0, text_slot("name"));

  Event event() {
    Event event(module.sources[0]);
    event.put_axis(answers, {3}).put_axis(parts, {2, 0, 1});
    event.put_elements(type, {{"A"}, {"TXT"}, {}}).put_elements(part, {{"p", "q"}, {"TXT"}, {"n"}});
    event.put(name, {"n"});
    return event;
  }
  Value is(Value of, const char* needle) { return build.texts(of, {TextSet::How::equal, {}, {needle}}); }
};

TEST_CASE("elements of arrays") {
  Arrays arrays;
  Builder& build = arrays.build;
  const uint32_t answers = arrays.answers, parts = arrays.parts;
  const Value type = build.field(0, arrays.type), part = build.field(0, arrays.part),
              name = build.field(0, arrays.name);
  const Value spread_type = build.on_axis(Op::spread, 0, parts, {type});
  const Value spread_name =
      build.on_axis(Op::spread, 0, parts, {build.on_axis(Op::spread, 0, answers, {name})});
  const Value always = build.make(Op::always, {});
  std::vector<std::pair<match::Root, std::string>> expected;
  const auto expect = [&](Value value, const char* result) {
    expected.emplace_back(build.root(value), result);
  };

  expect(build.on_axis(Op::any_element, 0, answers, {arrays.is(type, "TXT")}), "true");
  expect(build.on_axis(Op::any_element, 0, answers, {arrays.is(type, "MX")}), "false");
  expect(build.on_axis(Op::all_elements, 0, answers, {build.make(Op::exists, {type})}), "false");
  expect(build.on_axis(Op::all_elements, 0, answers, {always}), "true");
  expect(build.on_axis(Op::count_elements, 0, answers, {build.make(Op::exists, {type})}), "2");
  expect(build.on_axis(Op::gather, 0, answers, {type, always}), "\"A\", \"TXT\"");
  expect(build.on_axis(Op::gather, 0, answers, {type, build.make(Op::negate, {arrays.is(type, "A")})}),
         "\"TXT\"");
  const Value own_parts = build.on_axis(Op::gather, 0, parts, {part, always});
  expect(build.on_axis(Op::gather, 0, answers, {own_parts, build.make(Op::is_null, {type})}), "\"n\"");
  expect(
      build.on_axis(Op::gather, 0, answers, {build.on_axis(Op::count_elements, 0, parts, {always}), always}),
      "2, 0, 1");
  const Value typed_parts = build.on_axis(Op::gather, 0, parts, {spread_type, always});
  expect(build.on_axis(Op::gather, 0, answers, {typed_parts, always}), "\"A\", \"A\"");
  const Value same = build.compare_texts(Op::same, part, spread_name, {});
  expect(build.on_axis(Op::any_element, 0, answers, {build.on_axis(Op::any_element, 0, parts, {same})}),
         "true");
  const Value is_a = build.on_axis(Op::spread_condition, 0, parts, {arrays.is(type, "A")});
  expect(build.on_axis(Op::count_elements, 0, answers, {build.on_axis(Op::any_element, 0, parts, {is_a})}),
         "1");
  const Value labelled = build.make(Op::coalesce, {type, build.literal(text("none"))});
  expect(build.on_axis(Op::gather, 0, answers, {labelled, always}), "\"A\", \"TXT\", \"none\"");

  REQUIRE(ir::verify(arrays.module) == std::vector<std::string>());
  Runner runner(arrays.module);
  Event event = arrays.event(), nothing(arrays.module.sources[0]);
  for (const auto& [root, result] : expected) CHECK(runner.eval(root, event) == result);
  CHECK(runner.eval(expected[0].first, nothing) == "false");
  CHECK(runner.eval(expected[3].first, nothing) == "false");  // there is no element
  CHECK(runner.eval(expected[4].first, nothing) == "0");
  CHECK(runner.eval(expected[5].first, nothing) == "");
}

TEST_CASE("a scratch forgets the event before") {
  Ground ground;
  const match::Root root = ground.builder.root(ground.builder.make(Op::lower, {ground.x}));
  Runner runner(ground.module);
  for (const char* name : {"A", "B", "C"}) {
    Event event(ground.module.sources[0]);
    event.put(ground.slots[0], {name});
    const std::string expected = std::string("\"") + static_cast<char>(name[0] | 0x20) + "\"";
    CHECK(runner.eval(root, event) == expected);
    CHECK(runner.eval(root, event) == expected);
  }
}

}  // namespace
}  // namespace weir::test
