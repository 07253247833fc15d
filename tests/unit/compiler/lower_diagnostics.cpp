// What the lowering says of rules: each mistake one error, of the right code, at the right words.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/compile.h"

namespace {

using namespace weir;

// "E201 `query_nam`", … of a rule whose detection is `detection`; W805 left out.
std::vector<std::string> said(const std::string& source, const std::string& detection,
                              const std::string& rest = "", const std::string& more = "") {
  std::string text = "rule r {\n  title: \"t\" level: low source: " + source + "\n  detection { " +
                     detection + " }\n" + rest + "\n}\n" + more;
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts({{"r.weir", text}}, diagnostics);
  compiler::check(*project, diagnostics);
  std::vector<std::string> out;
  for (const dsl::Diagnostic& each : diagnostics.list()) {
    if (each.code == dsl::Code::W805) continue;
    out.push_back(std::string(dsl::info(each.code).name) + " " +
                  std::string(project->sources.text(each.primary.span)));
  }
  return out;
}

using Said = std::vector<std::string>;

std::vector<std::string> item(const std::string& source, const std::string& item) {
  return said(source, "s { " + item + " } condition: s");
}

}  // namespace

TEST_CASE("what is right is not complained of") {
  CHECK(item("resolver",
             "query_name|domain: [\"a.com\", \"b.com\"]; srcport|gte: 53; answers[all].Rdata|cidr: "
             "\"10.0.0.0/8\"")
            .empty());
  CHECK(item("cloudtrail", "requestParameters.a.b[0].c: [22, true, \"x\"]; userIdentity { type: \"Root\" }")
            .empty());
  CHECK(item("cloudtrail", "errorCode: null; resources|exists: true; eventTime|gt: 2026-01-01").empty());
}

TEST_CASE("fields, names and modifiers that do not exist") {
  CHECK(item("resolver", "query_nam: \"a\"") == Said{"E201 query_nam"});
  CHECK(item("cloudtrail", "eventName: ConsoleLogin") == Said{"E207 ConsoleLogin"});
  CHECK(item("resolver", "answers { Typ: \"A\" }") == Said{"E201 Typ"});
  CHECK(item("resolver", "query_name: $nothing") == Said{"E205 $nothing"});
  CHECK(item("resolver", "query_name|startwith: \"a\"") == Said{"E206 startwith"});
  CHECK(item("resolver", "lenght(query_name)|gt: 3") == Said{"E210 lenght"});
  CHECK(said("resolver", "s { srcport: 1 } condition: s and not filter") == Said{"E203 filter"});
  CHECK(said("resolver", "s { srcport: 1 } condition: s and not 1 of f_*") == Said{"E204 f_*"});
  CHECK(said("[resolver, public_dns]", "s { rcode: \"NXDOMAIN\" } condition: s") == Said{"E212 rcode"});
  CHECK(said("resolver", "client { srcport: 1 } condition: client") == Said{"E211 client"});
}

TEST_CASE("types") {
  CHECK(item("cloudtrail", "recipientAccountId: 012345678901") == Said{"E301 012345678901"});
  CHECK(item("resolver", "srcport: \"53\"") == Said{"E301 \"53\""});
  CHECK(item("resolver", "srcaddr: \"10.0.0.0/8\"") == Said{"E301 \"10.0.0.0/8\""});
  CHECK(item("resolver", "srcaddr|cidr: \"10.9.9.7/28\"") == Said{"E306 \"10.9.9.7/28\""});
  CHECK(item("resolver", "query_name|gt: 60") == Said{"E302 |gt"});
  CHECK(item("resolver", "query_name[any]: \"a\"") == Said{"E302 [any]"});
  CHECK(item("resolver", "srcport: 10m") == Said{"E405 10m"});
  CHECK(item("resolver", "answers: \"x\"") == Said{"E314 answers"});
  CHECK(item("resolver", "query_name: [\"a\", null]") == Said{"E309 null"});
  CHECK(item("resolver", "rcode: \"NXDOMIAN\"") == Said{"E303 \"NXDOMIAN\""});
  CHECK(item("resolver", "query_type: \"TXTT\"") == Said{"W303 \"TXTT\""});
  CHECK(item("resolver", "query_type: [\"WKS\", \"MB\", \"KEY\"]").empty());
  CHECK(item("resolver", "query_name|domain: \"*.a.com\"") == Said{"E310 \"*.a.com\""});
  CHECK(item("resolver", "query_name|contains|startswith: \"a\"") == Said{"E310 startswith"});
  CHECK(item("cloudtrail", "userAgent|re: '^(?!a)b'") == Said{"E305 (?!"});
  CHECK(item("cloudtrail", "userAgent|base64: \"a*\"") == Said{"E310 \"a*\""});
}

TEST_CASE("what can never hold") {
  CHECK(item("cloudtrail", "eventName: \"A\"; eventName|startswith: \"B\"") == Said{"E307 \"B\""});
  CHECK(item("cloudtrail", "eventName: [\"A\", \"BC\"]; eventName|startswith: \"B\"").empty());
  CHECK(item("resolver", "srcport|gt: 5; srcport|lt: 5") == Said{"E307 5"});
  CHECK(item("resolver", "srcport|gte: 5; srcport|lte: 5").empty());
  CHECK(item("resolver", "length(longest_label(query_name))|gt: 63") == Said{"E308 63"});
  CHECK(item("resolver", "hour(query_timestamp): 24") == Said{"E308 24"});
  // Of an array each item may find another element.
  CHECK(item("resolver", "answers[any].Type: \"A\"; answers[any].Type: \"TXT\"").empty());
}

TEST_CASE("lints") {
  CHECK(item("resolver", "query_name|endswith: \"evil.com\"") == Said{"W801 |endswith"});
  CHECK(item("resolver", "query_name|endswith: \".evil.com\"").empty());
  CHECK(item("cloudtrail", "userAgent|contains: \"responseElements.accessKey.userName\"") ==
        Said{"W802 \"responseElements.accessKey.userName\""});
  CHECK(item("cloudtrail", "eventSource: \"route53.amazonaws.com\"").empty());
  CHECK(item("resolver", "answers.Type: \"TXT\"; answers.Rdata|contains: \"x\"") ==
        Said{"W803 answers.Rdata"});
  CHECK(item("cloudtrail", "userAgent: \"*\"") == Said{"W809 \"*\""});
  CHECK(item("cloudtrail", "userAgent: '*'").empty());
  CHECK(item("resolver", "rcode|contains: \"NXDOMAIN\"") == Said{"W810 contains"});
  CHECK(item("resolver", "query_type|contains: \"A\"").empty());  // AAAA holds an A, too
  CHECK(said("resolver", "a { srcport: 1 } b { srcport: 2 } c { srcport: 3 } condition: a or b and c") ==
        Said{"W804 b and c"});
  CHECK(said("resolver", "a { srcport: 1 } b { srcport: 2 } condition: a") == Said{"W213 b"});
}

TEST_CASE("correlations") {
  auto correlated = [](const std::string& correlation) {
    return said("resolver", "bad { rcode: \"NXDOMAIN\" } ok { rcode: \"NOERROR\" } condition: bad or ok",
                "correlation { group_by: [client] " + correlation + " }");
  };
  CHECK(correlated("timespan: 1m condition: count(where bad) / count() >= 40%").empty());
  CHECK(correlated("timespan: 1m condition: bad then ok").empty());
  CHECK(correlated("timespan: 1m condition: count(bad) > 3") == Said{"E210 count(bad)"});
  CHECK(correlated("timespan: 1m condition: count() > 10m") == Said{"E405 10m"});
  CHECK(correlated("timespan: 1m condition: avg(query_name) > 3") == Said{"E409 query_name"});
  CHECK(correlated("timespan: 1m condition: new(query_name)") == Said{"E403 new(query_name)"});
  CHECK(correlated("timespan: 1m condition: count() > 3 and bad then ok") == Said{"E410 bad"});
  CHECK(correlated("timespan: 1m condition: count() < 3") == Said{"W411 count() < 3"});
  CHECK(correlated("timespan: 1m condition: distinct(srcaddr) >= 65000") == Said{"E404 65000"});
  CHECK(correlated("timespan: 1d warmup: 1d condition: count() > baseline(count(), 1h)") == Said{"E408 1h"});
  CHECK(item("resolver", "count()|gte: 10") == Said{"E401 count()"});
}

TEST_CASE("exemptions") {
  std::string rule = "s { rcode: \"NXDOMAIN\"; query_type: \"A\" } condition: s";
  auto exempted = [&](const std::string& map) {
    return said("resolver", rule, "", "tune r { reason: \"why\" exempt x { " + map + " } }\n");
  };
  CHECK(exempted("query_name: \"a.com\"").empty());
  CHECK(exempted("rcode: \"REFUSED\"") == Said{"E504 \"REFUSED\""});
  CHECK(exempted("rcode: \"NXDOMAIN\"") == Said{"W506 rcode: \"NXDOMAIN\""});
}

TEST_CASE("a rule with an error is left out; the others stay") {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts(
      {{"r.weir",
        "rule a { title: \"t\" level: low source: resolver detection { s { nope: 1 } condition: s } }\n"
        "rule b { title: \"t\" level: low source: resolver detection { s { srcport: 1 } condition: s } }\n"}},
      diagnostics);
  ir::Module module = compiler::lower(*project, {}, diagnostics, nullptr);
  REQUIRE(module.rules.size() == 1);
  CHECK(module.rules[0].name == "b");
}

TEST_CASE("names of the shipped pack are said to be there") {
  auto help = [](const std::string& rule, const std::string& more = "") {
    dsl::Diagnostics diagnostics;
    auto project = compiler::load_texts({{"r.weir", rule + more}}, diagnostics);
    compiler::check(*project, diagnostics);
    for (const dsl::Diagnostic& each : diagnostics.list())
      for (const dsl::Footer& footer : each.footers)
        if (footer.text.find("add `shipped`") != std::string::npos) return footer.text;
    return std::string();
  };
  const std::string head = "rule r { title: \"t\" level: low source: cloudtrail detection { ";
  CHECK(help(head + "s { eventName: \"X\" } condition: s and not call_failed } }") ==
        "`call_failed` is in the shipped pack: add `shipped` to the paths");
  CHECK(help(head + "s { eventName: $monero_pools } condition: s } }") ==
        "`monero_pools` is in the shipped pack: add `shipped` to the paths");
  CHECK(help(head + "s { eventName: $monero } condition: s and call_fail } }") == "");
}

TEST_CASE("all of them pins what one of them pins") {
  CHECK(said("cloudtrail",
             "s { eventSource: \"route53.amazonaws.com\"; eventName: \"ChangeResourceRecordSets\" } "
             "w { requestParameters.changes.x: \"a\" } condition: all of them") == Said{"E202 changes.x"});
}

TEST_CASE("what is meant is said") {
  CHECK(item("resolver", "firewall_rule_action: \"BLOCKED\"") == Said{"W303 \"BLOCKED\""});
  CHECK(item("resolver", "transport: \"TLS\"").empty());
  CHECK(item("public_dns", "edns_client_subnet: \"-\"") == Said{"E303 \"-\""});
  CHECK(item("resolver", "query_name: \"-\"").empty());
}

TEST_CASE("a rule that rests on a list with errors is left out") {
  dsl::Diagnostics diagnostics;
  auto project = compiler::load_texts(
      {{"r.weir",
        "list gone: ip from \"gone.txt\"\n"
        "rule r { title: \"t\" level: low source: resolver\n"
        "  detection { q { query_type: \"A\" } t { srcaddr: $gone } condition: q and not t } }\n"}},
      diagnostics);
  CHECK(compiler::lower(*project, {}, diagnostics, nullptr).rules.empty());
}
