// The record of an alert, and how values are printed in it.
#include <doctest/doctest.h>

#include <limits>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/value_text.h"

namespace weir::correlate {
namespace {

rt_value text(std::string_view bytes, rt_kind kind = RT_TEXT) {
  rt_value value = {};
  value.data = bytes.data();
  value.size = static_cast<uint32_t>(bytes.size());
  value.kind = static_cast<uint8_t>(kind);
  return value;
}
rt_value integer(int64_t number, rt_kind kind = RT_INT) {
  rt_value value = {};
  value.integer = number;
  value.kind = static_cast<uint8_t>(kind);
  return value;
}
rt_value real(double number) {
  rt_value value = {};
  value.real = number;
  value.kind = RT_REAL;
  return value;
}
rt_value time(int64_t number, std::string_view spelling) {
  rt_value value = text(spelling, RT_TIME);
  value.integer = number;
  return value;
}

std::string printed(rt_value value) {
  std::string out;
  append_text(value, out);
  return out;
}
std::string json(std::vector<rt_value> values) {
  return json_of({values.data(), static_cast<uint32_t>(values.size())});
}
std::string identity(std::vector<rt_value> values, match::Identity by = match::Identity::exact) {
  std::string out;
  append_identity({values.data(), static_cast<uint32_t>(values.size())}, by, out);
  return out;
}

TEST_CASE("values as text") {
  CHECK(printed(text("a\"b")) == "a\"b");
  CHECK(printed(integer(-5)) == "-5");
  CHECK(printed(real(0.5)) == "0.5");
  CHECK(printed(real(38.0)) == "38");
  CHECK(printed(integer(0, RT_TRUE)) == "true");
  CHECK(printed(integer(0, RT_FALSE)) == "false");
  CHECK(printed(integer(0, RT_NULL)) == "null");
  CHECK(printed(time(0, "1970-01-01T01:00:00+01:00")) == "1970-01-01T01:00:00+01:00");
  CHECK(printed(integer(0, RT_TIME)) == "1970-01-01T00:00:00Z");
  CHECK(printed(integer(5'400'000'000, RT_SPAN)) == "1h30m");
  CHECK(printed(text("{\"a\":1}", RT_OBJECT)) == "{\"a\":1}");
  CHECK(printed(integer(0, RT_OBJECT)) == "{}");
  CHECK(printed(integer(0, RT_ARRAY)) == "[]");
}

TEST_CASE("domains and addresses are the same by what they name") {
  using match::Identity;
  CHECK(identity({text("A.Example.com.")}, Identity::domain) == identity({text("a.example.COM")}, Identity::domain));
  CHECK(identity({text("A.Example.com.")}) != identity({text("a.example.com")}));
  CHECK(identity({text("2001:DB8:0:0::1")}, Identity::address) == identity({text("2001:db8::1")}, Identity::address));
  CHECK(identity({text("10.0.0.1")}, Identity::address) != identity({text("10.0.0.2")}, Identity::address));
  CHECK(identity({text("AWS Internal")}, Identity::address) != identity({text("aws internal")}, Identity::address));
}

TEST_CASE("values as JSON") {
  CHECK(json({}) == "null");
  CHECK(json({text("a")}) == "\"a\"");
  CHECK(json({text("a"), integer(2), real(2.5), integer(0, RT_TRUE)}) == "[\"a\",2,2.5,true]");
  CHECK(json({text("{\"a\":1}", RT_OBJECT)}) == "{\"a\":1}");
  CHECK(json({integer(60'000'000, RT_SPAN)}) == "\"1m\"");
  CHECK(json({real(std::numeric_limits<double>::infinity())}) == "null");
  CHECK(json({text(std::string_view("\"\\\n\r\t\0\x1f\xc3\xa9", 9))}) ==
        "\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\xc3\xa9\"");
}

TEST_CASE("the same value, and others") {
  CHECK(identity({integer(5)}) == identity({real(5.0)}));
  CHECK(identity({integer(5)}) != identity({text("5")}));
  CHECK(identity({real(5.5)}) != identity({integer(5)}));
  CHECK(identity({text("ab"), text("c")}) != identity({text("a"), text("bc")}));
  CHECK(identity({text("ab")}) != identity({text("a"), text("b")}));
  CHECK(identity({}) != identity({text("")}));
  CHECK(identity({time(0, "1970-01-01T00:00:00Z")}) == identity({time(0, "1970-01-01T01:00:00+01:00")}));
}

TEST_CASE("the whole record") {
  match::Program program;
  program.rules.resize(1);
  match::RuleInfo& rule = program.rules[0];
  rule.name = "r";
  rule.title = "A \"title\"";
  Alert alert;
  alert.id = "00";
  alert.order = {1767226095'000'000, "resolver", "x"};
  alert.level = 3;
  alert.message = "m";
  alert.event = "{\"a\":1}";
  alert.where = "never printed";
  CHECK(
      to_json(program, alert) ==
      R"({"id":"00","state":"final","replaces":null,"time":"2026-01-01T00:08:15Z","rule":"r","rule_id":null,)"
      R"("version":1,"status":null,"title":"A \"title\"","level":"high","message":"m","mitre":[],"tags":[],)"
      R"("author":null,"source":"resolver","key":{},"window":{"from":"2026-01-01T00:08:15Z",)"
      R"("to":"2026-01-01T00:08:15Z","events":1},"values":{},"approx":false,"learning":false,"held_back":0,)"
      R"("fields":{},"event":{"a":1},"steps":{},"description":null,"response":null,"falsepositives":[],)"
      R"("references":[]})");
  rule.id = "7a1d";
  rule.mitre = {"TA0010", "T1048"};
  alert.key = {{"client", "\"10.0.0.5\""}, {"parent", "null"}};
  alert.fields = {{"n\"", "[1,2]"}};
  alert.held_back = 7;
  alert.replaces = "ff";
  std::string json = to_json(program, alert);
  for (const char* part :
       {R"("rule_id":"7a1d")", R"("mitre":["TA0010","T1048"])", R"("replaces":"ff")",
        R"("key":{"client":"10.0.0.5","parent":null})", R"("fields":{"n\"":[1,2]})", R"("held_back":7)"}) {
    CAPTURE(part);
    CHECK(json.find(part) != std::string::npos);
  }
}

}  // namespace
}  // namespace weir::correlate
