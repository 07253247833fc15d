// Addresses, heads, secrets, text of answers.
#include "runtime/http/message.h"

#include <doctest/doctest.h>

namespace weir::http {
namespace {

TEST_CASE("addresses") {
  std::string problem;
  const auto four = parse_address("127.0.0.1:9180", problem);
  REQUIRE(four);
  CHECK(four->host == "127.0.0.1");
  CHECK(four->port == 9180);
  CHECK(is_loopback(*four));
  const auto six = parse_address("[::1]:0", problem);
  REQUIRE(six);
  CHECK(six->host == "::1");
  CHECK(is_loopback(*six));
  CHECK(parse_address("localhost:1", problem)->host == "127.0.0.1");
  CHECK_FALSE(is_loopback(*parse_address("0.0.0.0:443", problem)));
  for (const char* wrong : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "::1:80",
                            "[::1]", "[127.0.0.1]:1", "example.com:80", "127.0.0.1:-1", "127.0.0.1:1 "}) {
    CAPTURE(wrong);
    problem.clear();
    CHECK_FALSE(parse_address(wrong, problem));
    CHECK_FALSE(problem.empty());
  }
}

TEST_CASE("a field is found in whatever case, the first of its name") {
  Head head;
  head.fields = {{"X-One", "1"}, {"x-two", "2"}, {"X-Two", "3"}};
  CHECK(head.find("X-ONE") == "1");
  CHECK(head.find("X-Two") == "2");
  CHECK(head.find("X-Tw").empty());
}

TEST_CASE("secrets") {
  const std::vector<std::string> keys = {"old", "new"};
  CHECK(is_one_of("old", keys));
  CHECK(is_one_of("new", keys));
  for (const char* wrong : {"", "ol", "oldd", "OLD", "o"}) CHECK_FALSE(is_one_of(wrong, keys));
  CHECK_FALSE(is_one_of("", {}));
}

TEST_CASE("text of answers") {
  CHECK(json_text("a\"b\\c\nd") == "\"a\\\"b\\\\c\\u000ad\"");
  const Answer answer = plain_answer(503, "later");
  CHECK(answer.status == 503);
  CHECK(answer.body == "later\n");
  REQUIRE(answer.fields.size() == 1);
  CHECK(answer.fields[0].name == "Retry-After");
}

}  // namespace
}  // namespace weir::http
