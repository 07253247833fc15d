// What correlations become that a dump does not show: the shape of their state, its size, and who is let in.
#include <doctest/doctest.h>

#include <string>

#include "compiler/compile.h"

namespace {

using namespace weir;

struct Parts {  // of a rule, each to be changed alone
  std::string
      title = "t",
      source = "resolver", more, let = "let sub = subdomain(query_name)",
      params = "params { least: 10; share: 40%; long: 20 }",
      detection =
          "txt { query_type: \"TXT\"; length(sub)|gte: $long } bad { rcode: \"NXDOMAIN\" } condition: txt",
      keys = "client", window = "10m", rest, condition = "distinct(sub) >= $least and count(where bad) >= 3",
      message = "{client}", outside;
};

std::string text_of(const Parts& p) {
  return "rule r {\n  title: \"" + p.title + "\" level: low source: " + p.source + "\n" + p.more + "\n" +
         p.let + "\n" + p.params + "\n  detection { " + p.detection + " }\n  correlation { group_by: [" +
         p.keys + "] timespan: " + p.window + " " + p.rest + " condition: " + p.condition +
         " }\n  message: \"" + p.message + "\"\n}\n" + p.outside;
}

ir::Module lowered(const std::string& text) {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"r.weir", text}}, diagnostics);
  ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  for (const dsl::Diagnostic& d : diagnostics.list())
    if (d.severity() == dsl::Severity::error)
      FAIL_CHECK(std::string(dsl::info(d.code).name) << " " << d.title);
  CHECK(ir::verify(module).empty());
  return module;
}

uint64_t shape_of_text(const std::string& text) {
  ir::Module module = lowered(text);
  REQUIRE(module.rules.size() == 1);
  REQUIRE(module.rules[0].correlation);
  return module.rules[0].correlation->shape;
}
uint64_t shape(const Parts& parts) { return shape_of_text(text_of(parts)); }

template <class Change>
bool keeps(Change change) {
  Parts parts;
  uint64_t before = shape(parts);
  change(parts);
  return shape(parts) == before;
}

}  // namespace

TEST_CASE("the shape keeps what does not change the state") {
  CHECK(keeps([](Parts& p) { p.title = "another"; }));
  CHECK(keeps([](Parts& p) { p.message = "{count()} of {client}"; }));
  CHECK(keeps([](Parts& p) { p.more = "suppress: 1h"; }));
  CHECK(keeps([](Parts& p) { p.more = "description: \"d\" version: 3"; }));
  CHECK(keeps([](Parts& p) { p.params = "params { least: 99; share: 40%; long: 20 }"; }));
  CHECK(keeps([](Parts& p) { p.condition = "distinct(sub) > 7 or count(where bad) >= 4"; }));
  CHECK(keeps([](Parts& p) { p.rest = "state: 128MiB warmup: 1d"; }));
  CHECK(keeps([](Parts& p) { p.window = "600s"; }));
  CHECK(keeps([](Parts& p) { p.let += "\nlet unused = length(query_name)"; }));
  CHECK(keeps([](Parts& p) { p.outside = "tune r { reason: \"x\" exempt e { client: \"10.0.0.1\" } }"; }));
  CHECK(keeps([](Parts& p) { p.outside = "tune r { reason: \"x\" level: high suppress: 2h }"; }));
  CHECK(keeps([](Parts& p) { p.detection += " # a comment\n"; }));
  CHECK(keeps([](Parts& p) { p.condition = "distinct( sub )>=$least\n and count(where   bad)>=3"; }));
}

TEST_CASE("the shape keeps what lists hold") {
  Parts parts;
  parts.detection = "txt { query_name|domain: $names } bad { rcode: \"NXDOMAIN\" } condition: txt";
  parts.params = "params { least: 10 }";
  parts.outside = "list names: domain { \"a.com\" }";
  uint64_t before = shape(parts);
  parts.outside = "list names: domain { \"a.com\" \"b.com\" }";
  CHECK(shape(parts) == before);
}

TEST_CASE("the shape changes with what changes the state") {
  CHECK_FALSE(keeps([](Parts& p) { p.source = "[resolver, cloudtrail]"; }));
  CHECK_FALSE(keeps([](Parts& p) {
    p.detection =
        "txt { query_type: \"A\"; length(sub)|gte: $long } bad { rcode: \"NXDOMAIN\" } condition: txt";
  }));
  CHECK_FALSE(keeps([](Parts& p) {
    p.detection =
        "txt { query_type: \"TXT\"; length(sub)|gte: $long } bad { rcode: \"SERVFAIL\" } condition: txt";
  }));
  CHECK_FALSE(keeps([](Parts& p) {
    p.detection =
        "txt { query_type: \"TXT\"; length(sub)|gte: $long } bad { rcode: \"NXDOMAIN\" } condition: txt or "
        "bad";
  }));
  CHECK_FALSE(keeps([](Parts& p) { p.params = "params { least: 10; share: 40%; long: 21 }"; }));
  CHECK_FALSE(keeps([](Parts& p) { p.let = "let sub = lower(subdomain(query_name))"; }));
  CHECK_FALSE(keeps([](Parts& p) { p.keys = "vpc_id"; }));
  CHECK_FALSE(keeps([](Parts& p) { p.keys = "client, vpc_id"; }));
  CHECK_FALSE(keeps([](Parts& p) { p.window = "11m"; }));
  CHECK_FALSE(keeps([](Parts& p) { p.window = "10m tumbling"; }));
  CHECK_FALSE(
      keeps([](Parts& p) { p.condition = "distinct(query_name) >= $least and count(where bad) >= 3"; }));
  CHECK_FALSE(keeps([](Parts& p) { p.condition = "distinct(sub) >= $least and count() >= 3"; }));
  CHECK_FALSE(keeps([](Parts& p) { p.condition = "distinct(sub) >= $least"; }));
}

TEST_CASE("the shape of steps and of `new`") {
  Parts steps;
  steps.detection =
      "txt { query_type: \"TXT\"; length(sub)|gte: $long } bad { rcode: \"NXDOMAIN\" } condition: txt or bad";
  auto of = [&](const std::string& condition) {
    steps.condition = condition;
    return shape(steps);
  };
  CHECK(of("txt then bad") == of("(txt then bad)"));
  CHECK(of("txt then bad") != of("bad then txt"));
  CHECK(of("txt then bad") != of("txt and bad"));
  CHECK(of("txt then bad") != of("txt then not bad"));
  CHECK(of("txt then bad") != of("2 txt then bad"));
  steps.rest = "warmup: 1d";
  CHECK(of("new(sub)") != of("new(query_name)"));
  CHECK(of("new(sub, query_name)") != of("new(query_name, sub)"));
}

TEST_CASE("exempted events are let in and not counted") {
  Parts parts;
  ir::Module plain = lowered(text_of(parts));
  const match::RuleOnSource& all = plain.rules.at(0).sources.at(0);
  CHECK(plain.roots.at(all.match) == plain.roots.at(all.counted));
  parts.outside = "tune r { reason: \"x\" exempt e { client: \"10.0.0.1\" } }";
  ir::Module tuned = lowered(text_of(parts));
  const match::RuleOnSource& some = tuned.rules.at(0).sources.at(0);
  CHECK(tuned.roots.at(some.match) != tuned.roots.at(some.counted));
}

// That memory is what is said here, test_bounds measures.
TEST_CASE("what a group takes") {
  const auto of = [](const std::string& condition, const std::string& message = "{client}") {
    Parts parts;
    parts.rest = "warmup: 0s";
    parts.condition = condition;
    parts.message = message;
    return compiler::rule_states(lowered(text_of(parts))).at(0);
  };
  const auto most = [&](const std::string& condition, const std::string& message = "{client}") {
    return of(condition, message).most;
  };
  CHECK(most("count() >= 2000") > most("count() >= 1000") + 2 * 8 * 1000);
  CHECK(most("count() >= 2000") < most("count() >= 1000") + 2 * 8 * 2000);
  CHECK(most("count() >= 1000000") == most("count() >= 4096"));
  CHECK(most("count() >= 100", "{count()}") == most("count() >= 4096"));
  CHECK(most("avg(length(sub)) >= 3") > most("count() >= 4096") + 16 * 4096);
  CHECK(most("count() >= 3 * baseline(count(), 100h)") > most("count() >= 3 * baseline(count(), 1h)") + 16 * 500);
  CHECK(most("distinct(sub) >= 2000") > most("distinct(sub) >= 1000") + 32 * 1000);
  CHECK(most("distinct(sub) >= 2000") < most("distinct(sub) >= 1000") + 64 * 1000);
  CHECK(most("distinct(sub) / count() >= 50%") > 40 * 16384);
  CHECK(most("distinct(sub) / count() >= 50%") < 1024 * 1024);

  const compiler::RuleState counts = of("count() >= 1000");
  CHECK(counts.least > 500);
  CHECK(counts.least < 1000);
  CHECK(counts.fit == counts.budget / counts.least);
  CHECK(counts.fit_at_worst == counts.budget / counts.most);
  const compiler::RuleState fresh = of("new(sub)");
  CHECK(fresh.of == std::string("value"));
  CHECK(fresh.most == fresh.budget);
  CHECK(fresh.least > 500);
}

TEST_CASE("whose alerts a rule may hear") {
  const auto hearer = [](const std::string& name, const std::string& item) {
    return "rule " + name + " { title: \"t\" level: low source: alert detection { s { " + item + " } condition: s } }\n";
  };
  Parts parts;
  parts.outside = hearer("named", "rule: \"r\"") + hearer("through", "rule: \"na*\"") + hearer("anyone", "level: \"high\"") +
                  hearer("evictions", "rule: \"weir.state_evicted\"") + hearer("silent", "rule: \"gone\"");
  dsl::Diagnostics diagnostics;
  const auto project = compiler::load_texts({{"r.weir", text_of(parts)}}, diagnostics);
  const ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  for (const dsl::Diagnostic& d : diagnostics.list())
    if (d.severity() == dsl::Severity::error) FAIL_CHECK(d.title);
  REQUIRE(module.rules.size() == 6);
  CHECK(!module.rules[0].hears);
  using Rules = std::vector<uint32_t>;
  CHECK(module.rules[1].hears == Rules{0});
  CHECK(module.rules[2].hears == Rules{1});
  CHECK(module.rules[3].hears == Rules{0, 1, 2, 4, 5});
  CHECK(module.rules[4].hears == Rules{0});
  CHECK(module.rules[5].hears == Rules{});
}

TEST_CASE("at most 64 selections") {
  Parts parts;
  parts.condition.clear();
  for (int i = 0; i < 65; ++i) {
    std::string name = "s" + std::to_string(i);
    parts.detection.insert(0, name + " { query_name: \"" + name + ".example\" } ");
    parts.condition += (i ? " or count(where " : "count(where ") + name + ") >= 2";
  }
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"r.weir", text_of(parts)}}, diagnostics);
  ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  CHECK(module.rules.empty());
  REQUIRE(diagnostics.error_count() == 1);
  CHECK(diagnostics.list().front().code == dsl::Code::E413);
}
