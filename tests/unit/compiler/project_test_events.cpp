// The events of inline tests: the least valid event, what a test lays over it, and what is wrong with one.
#include <doctest/doctest.h>

#include "compiler/test_events.h"
#include "tests/unit/compiler/project_texts.h"

using namespace weir;
using compiler::TestEvent;
using testing::check;
using testing::rule;

namespace {

const std::string kGate = R"(schema gate {
  time: at
  id: no
  field at time required
  field no string usual
  field door.name string required ["A", "B"]
  field door.open bool usual
  field from ip required
  field host domain usual
  field weight float usual
  field tags[] string usual
  field parts[].kind string usual
  field extra string
  field kind string = door.name
}
)";

struct Gate {
  testing::Loaded loaded;
  const compiler::SchemaInfo& schema;
  explicit Gate(const std::string& event)
      : loaded(testing::load(
            kGate +
            "rule r { title: \"T\" level: low source: gate detection { s { extra: \"x\" } condition: s }\n"
            "  test \"t\" { event " +
            event + " expect no alert } }\n")),
        schema(loaded.project->schemas.at("gate")) {}
  const dsl::Json& written() const {
    for (const dsl::RuleClause& clause : loaded.project->rule("r")->rule->clauses)
      if (const auto* test = std::get_if<dsl::Test>(&clause))
        return std::get<dsl::Feed>(test->steps[0]).event;
    throw "no event";
  }
  std::string event(const TestEvent& event) const { return compiler::test_event(schema, written(), event); }
};

}  // namespace

TEST_CASE("the least valid event has the required and the usual fields, of their types") {
  Gate gate("{}");
  CHECK(
      compiler::usual_event(gate.schema) ==
      R"({"at":"2026-01-01T00:00:00Z","no":"00000000-0000-4000-8000-000000000000","door":{"name":"A","open":false},)"
      R"("from":"10.0.0.1","host":"example.com","weight":1.0,"tags":["text"],"parts":[{"kind":"text"}]})");
}

TEST_CASE("the least valid CloudTrail and Resolver events") {
  auto loaded = testing::load("list x: string { \"a\" }\n");
  std::string cloudtrail = compiler::usual_event(loaded.project->schemas.at("cloudtrail"));
  CHECK(cloudtrail.find(R"("eventSource":"ec2.amazonaws.com")") != std::string::npos);
  CHECK(cloudtrail.find(R"("awsRegion":"us-east-1")") != std::string::npos);
  CHECK(cloudtrail.find("userIdentity") == std::string::npos);
  std::string resolver = compiler::usual_event(loaded.project->schemas.at("resolver"));
  CHECK(resolver.find(R"("rcode":"NOERROR")") != std::string::npos);
  CHECK(resolver.find(R"("query_type":"A")") != std::string::npos);
  CHECK(resolver.find("answers") == std::string::npos);
}

TEST_CASE("the test's values win, objects go together, arrays do not") {
  Gate gate(R"({"door": {"open": true, "more": {"x": 1}}, "tags": [], "host": null, "extra": "e\"\\"})");
  std::string event = gate.event({});
  CHECK(event.find(R"("door":{"name":"A","open":true,"more":{"x":1}})") != std::string::npos);
  CHECK(event.find(R"("tags":[])") != std::string::npos);
  CHECK(event.find(R"("host":null)") != std::string::npos);
  CHECK(event.find(R"("extra":"e\"\\")") != std::string::npos);
}

TEST_CASE("time is the event's, unless the test writes one; ids differ, unless it writes one") {
  TestEvent later{compiler::kTestStart + 90'500'000, 0, 7};
  CHECK(Gate("{}").event(later).find(R"("at":"2026-01-01T00:01:30.5Z")") != std::string::npos);
  CHECK(Gate("{}").event(later).find("-000000000007") != std::string::npos);
  std::string own = Gate(R"({"at": "2020-01-01T00:00:00Z", "no": "e1"})").event(later);
  CHECK(own.find(R"("at":"2020-01-01T00:00:00Z","no":"e1")") != std::string::npos);
}

TEST_CASE("{i} is the repetition, {hash} is fresh and the same in every run") {
  Gate gate(R"({"extra": "{i}-{hash}-{hash}-{x}", "door": {"name": "A{i}"}})");
  std::string first = gate.event({compiler::kTestStart, 0, 0});
  std::string second = gate.event({compiler::kTestStart, 1, 1});
  CHECK(first == gate.event({compiler::kTestStart, 0, 0}));
  CHECK(second.find(R"("name":"A1")") != std::string::npos);
  size_t at = first.find("\"extra\":\"0-") + 11;
  std::string one = first.substr(at, 16), two = first.substr(at + 17, 16);
  CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(one != two);
  CHECK(first.substr(at + 33, 5) == "-{x}\"");
  CHECK(second.find(one) == std::string::npos);
}

TEST_CASE("a key that is written twice stays twice") {
  CHECK(Gate(R"({"extra": "a", "extra": "b"})").event({}).find(R"("extra":"a","extra":"b")") !=
        std::string::npos);
}

namespace {

testing::Loaded with_event(const std::string& event) {
  return check(rule("r", "  test \"t\" {\n    event " + event + "\n    expect no alert\n  }"));
}

}  // namespace

TEST_CASE("E602: a field that the schema does not have") {
  CHECK(with_event(R"({ "eventname": "X" })").only() ==
        "E602 6:13 cloudtrail has no field `eventname` | a test event is checked like a rule | help: did you "
        "mean "
        "\"eventName\"? JSON names mind case");
  CHECK(with_event(R"({ "userIdentity": {"arm": "X"} })").only() ==
        "E602 6:30 cloudtrail has no field `userIdentity.arm` | a test event is checked like a rule | help: "
        "did you mean "
        "\"arn\"?");
  CHECK(with_event(R"({ "userIdentity.arn": "X" })")
            .only()
            .ends_with(R"(help: objects lie in each other: `"userIdentity": {"arn": ...}`)"));
  CHECK(with_event(R"({ "principal": "X" })")
            .only()
            .starts_with("E602 6:13 `principal` is computed from other fields"));
  CHECK(with_event(R"({ "resources": [{"ARN": "a"}, {"arn": "b"}] })")
            .only()
            .starts_with("E602 6:42 cloudtrail has no field `resources.arn`"));
}

TEST_CASE("W605: a value that is not of its field's type") {
  auto queried = [](const std::string& feed) {
    return check("rule r { title: \"T\" level: low source: resolver detection { s { rcode: \"NOERROR\" } condition: s }\n"
                 "  test \"t\" { " + feed + " expect 1 alert } }\n");
  };
  CHECK(queried(R"(event { "srcaddr": "10.0.997.9" })").only().starts_with("W605 2:33 `srcaddr` is an address"));
  CHECK(queried(R"(at 0s every 1s times 257 event { "srcaddr": "10.0.0.{i}" })").only().find("10.0.0.256") !=
        std::string::npos);
  CHECK(queried(R"(at 0s every 1s times 256 event { "srcaddr": "10.0.0.{i}" })").said().empty());
  CHECK(queried(R"(event { "srcaddr": "::{hash}", "srcport": "text" })").said().empty());
  CHECK(queried(R"(event { "query_timestamp": "noon" })").only().starts_with("W605"));
  CHECK(queried(R"(event { "query_timestamp": "1767225600" })").said().empty());
}

TEST_CASE("what the schema leaves open may hold anything, but for slips in a call's parameters") {
  CHECK(with_event(R"({ "requestParameters": {"any": {"thing": [1]}}, "errorCode": null })").said().empty());
  std::string call =
      R"("eventSource": "kms.amazonaws.com", "eventName": "ScheduleKeyDeletion", )";
  CHECK(with_event("{ " + call + R"("requestParameters": {"keyId": "1", "unheardOf": 1} })")
            .said()
            .empty());
  CHECK(with_event("{ " + call + R"("requestParameters": {"keyIdd": "1"} })")
            .only()
            .starts_with("W202 "));
}

TEST_CASE("W603, and names and params that a test uses") {
  CHECK(check(rule("r", "  test \"t\" { event {} }")).only() ==
        "W603 5:8 this test expects nothing | so it can never fail | help: add `expect 1 alert`, or `expect "
        "no alert`");
  CHECK(check(rule("r", "  test \"t\" { event on resolvr {} expect no alert }")).only().starts_with("E209"));
  CHECK(check(rule("r", "  test \"t\" { event {} expect 1 alert from rr }")).only() ==
        "E501 5:43 no rule is named `rr` | not in this project");
  CHECK(check(rule("r", "  params { n: 5 }\n  test \"t\" { params { m: 1 } event {} expect no alert }"))
            .only()
            .starts_with("E502"));
  CHECK(check(rule("r", "  params { n: 5 }\n  test \"t\" { params { n: 1h } event {} expect no alert }"))
            .only()
            .starts_with("E509"));
}
