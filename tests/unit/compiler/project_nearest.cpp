// "Did you mean": what is offered for the slips that people make, and what is not.
#include <doctest/doctest.h>

#include "compiler/nearest.h"

using weir::compiler::did_you_mean;
using weir::compiler::nearest;

using Names = std::vector<std::string>;

TEST_CASE("a letter too few, too many, another, or two swapped") {
  Names fields = {"query_name", "query_type", "query_class", "rcode", "srcaddr", "srcport"};
  CHECK(nearest("query_nam", fields) == Names{"query_name"});
  CHECK(nearest("query_namee", fields).at(0) == "query_name");
  CHECK(nearest("qeury_name", fields).at(0) == "query_name");
  CHECK(nearest("srcprot", fields).at(0) == "srcport");
}

TEST_CASE("case counts for little, and beats every other slip") {
  CHECK(nearest("eventname", {"eventName", "eventNames", "eventTime"}).at(0) == "eventName");
}

TEST_CASE("the other way to write the words of a name") {
  CHECK(nearest("event_name", {"eventName", "eventSource"}).at(0) == "eventName");
  CHECK(nearest("source_ip_address", {"sourceIPAddress", "userAgent"}).at(0) == "sourceIPAddress");
}

TEST_CASE("a prefix, or a word in common") {
  CHECK(nearest("rcod", {"rcode"}) == Names{"rcode"});
  CHECK(nearest("info", {"informational", "low"}) == Names{"informational"});
  CHECK(nearest("address", {"sourceIPAddress", "userAgent"}) == Names{"sourceIPAddress"});
}

TEST_CASE("nothing is offered for a name that is like no other") {
  CHECK(nearest("zebra", {"eventName", "awsRegion", "rcode"}).empty());
  CHECK(nearest("x", {"a", "id"}).empty());
  CHECK(nearest("", {"a", "eventName"}).empty());
}

TEST_CASE("most, and each once") {
  Names near = nearest("sel_a", {"sel_b", "sel_c", "sel_d", "sel_b"}, 2);
  CHECK(near == Names{"sel_b", "sel_c"});
}

TEST_CASE("the sentence") {
  CHECK(did_you_mean({}) == "");
  CHECK(did_you_mean({"a"}) == "did you mean `a`?");
  CHECK(did_you_mean({"a", "b"}) == "did you mean `a`, or `b`?");
  CHECK(did_you_mean({"a", "b", "c"}) == "did you mean `a`, `b`, or `c`?");
}
