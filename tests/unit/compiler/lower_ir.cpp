// What rules become: dumps of the IR before any pass.
#include <doctest/doctest.h>

#include <string>

#include "compiler/compile.h"

namespace {

using namespace weir;

std::string lowered(const std::string& source, const std::string& detection, const std::string& rest = "") {
  std::string text = "rule r {\n  title: \"t\" level: low source: " + source + "\n  detection { " +
                     detection + " condition: s }\n" + rest + "\n}\n";
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"r.weir", text}}, diagnostics);
  ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  CHECK(diagnostics.error_count() == 0);
  CHECK(ir::verify(module).empty());
  return ir::dump(ir::run_passes(std::move(module), "sweep"), "r");
}

bool has(const std::string& dump, const std::string& part) { return dump.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("texts, wildcards and domains") {
  std::string dump =
      lowered("resolver", "s { query_name|domain: [\"B.com\", \"a.com\"]; query_type: [\"A\", \"N*\"] }");
  CHECK(has(dump, "{below, caseless domain: \"a.com\", \"b.com\"}"));
  CHECK(has(dump, "{equal, caseless: \"a\"}"));
  CHECK(has(dump, "{caseless: \"N*\"}"));
}

TEST_CASE("quantifiers lie outside of values, and neq outside of quantifiers") {
  std::string dump =
      lowered("resolver", "s { answers[none].Type: \"A\"; answers[all].Rdata|cidr|neq: \"10.0.0.0/8\" }");
  CHECK(has(dump, "any_element"));
  CHECK(has(dump, "all_elements"));
  CHECK(has(dump, "negate"));
}

TEST_CASE("a block is one element; the event's fields are spread to it") {
  std::string dump = lowered("resolver", "s { answers { Type: \"TXT\"; Rdata: query_name } }");
  CHECK(has(dump, "spread"));
  CHECK(has(dump, "any_element"));
  CHECK_FALSE(has(lowered("cloudtrail", "s { userIdentity { type: \"Root\"; arn: \"x\" } }"), "element"));
}

TEST_CASE("a message names the element that matched") {
  std::string dump =
      lowered("resolver", "s { answers { Type: \"TXT\" } }", "message: \"got {answers.Rdata}\"");
  CHECK(has(dump, "gather"));
  CHECK_FALSE(
      has(lowered("resolver", "s { answers.Type: \"TXT\" }", "message: \"got {answers.Rdata}\""), "gather"));
}

TEST_CASE("a json part is compared by its text, and in order as a number") {
  std::string dump = lowered("cloudtrail", "s { requestParameters.port: 22; requestParameters.size|gt: 10 }");
  CHECK(has(dump, "{equal, caseless: \"22\"}"));
  CHECK(has(dump, "as_number"));
}

TEST_CASE("a whole number beyond 64 bits is compared digit by digit as text, and rounded as a number") {
  const std::string long_one = "123456789012345678901234567890";
  CHECK(has(lowered("cloudtrail", "s { requestParameters.id: " + long_one + " }"), "\"" + long_one + "\""));
  CHECK(has(lowered("cloudtrail", "s { requestParameters.id|gt: 100_000_000_000_000_000_000 }"), "1e+20"));
  CHECK(has(lowered("cloudtrail", "s { requestParameters.id|gt: -100000000000000000000 }"), "-1e+20"));
}

TEST_CASE("addresses are compared by value") {
  CHECK(has(lowered("resolver", "s { srcaddr: \"10.0.0.1\" }"), "networks"));
  CHECK(has(lowered("resolver", "s { srcaddr: client }"), "same_address"));
}

TEST_CASE("values are transformed when compiling") {
  std::string dump =
      lowered("cloudtrail",
              "s { userAgent|base64offset|contains: \"http://\"; userAgent|windash|contains: \" -e\" }");
  CHECK(has(dump, "{contains, cased: \"aHR0cDovL\", \"h0dHA6Ly\", \"odHRwOi8v\"}"));
  CHECK(has(dump, "\" /e\""));
}

TEST_CASE("a rule on two sources: the other one's selections never hold") {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"r.weir",
                                        "rule r { title: \"t\" level: low source: [cloudtrail, resolver]\n"
                                        "  detection { a on cloudtrail { eventName: \"X\" } b on resolver { "
                                        "query_type: \"NULL\" } condition: a or b } }\n"}},
                                      diagnostics);
  ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  CHECK(diagnostics.error_count() == 0);
  REQUIRE(module.rules.size() == 1);
  REQUIRE(module.rules[0].sources.size() == 2);
  std::string dump = ir::dump(ir::run_passes(std::move(module)), "r");
  CHECK(has(dump, "\"x\""));
  CHECK(has(dump, "\"null\""));
}

TEST_CASE("traces have a root for every item and for blocks' items") {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts(
      {{"r.weir",
        "rule r { title: \"t\" level: low source: resolver\n"
        "  detection { s { srcport: 1; answers { Type: \"A\"; Rdata: \"x\" } } condition: s } }\n"}},
      diagnostics);
  compiler::Trace trace;
  compiler::CompileOptions options;
  options.trace = true;
  ir::Module module = compiler::lower(*project, options, diagnostics, &trace);
  REQUIRE(trace.rules.size() == 1);
  REQUIRE(trace.rules[0].selections.size() == 1);
  const auto& items = trace.rules[0].selections[0].maps.at(0);
  REQUIRE(items.size() == 2);
  CHECK(items[0].text == "srcport");
  CHECK(items[0].expected == "1");
  CHECK(items[1].kind == compiler::TracedItem::Kind::block);
  CHECK(items[1].children.size() == 2);
  CHECK(ir::verify(module).empty());
}

TEST_CASE("an item that compares with a list without values is traced as one that cannot hold") {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts(
      {{"r.weir",
        "list own: string { }\n"
        "rule r { title: \"t\" level: low source: cloudtrail\n"
        "  detection { s { userAgent: $own; eventName: \"X\" } condition: s } }\n"}},
      diagnostics);
  compiler::Trace trace;
  compiler::CompileOptions options;
  options.trace = true;
  compiler::lower(*project, options, diagnostics, &trace);
  REQUIRE(trace.rules.size() == 1);
  const auto& items = trace.rules[0].selections.at(0).maps.at(0);
  REQUIRE(items.size() == 2);
  CHECK(items[0].never);
  CHECK_FALSE(items[1].never);
}

TEST_CASE("a rule that hears only alerts is for the windows, with no correlation of its own") {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"r.weir",
                                        "rule r { title: \"t\" level: low source: alert\n"
                                        "  detection { s { rule: \"x\" } condition: s } }\n"}},
                                      diagnostics);
  ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  REQUIRE(module.rules.size() == 1);
  CHECK(module.rules[0].has_correlation);
  CHECK(module.rules[0].correlation == nullptr);
}
