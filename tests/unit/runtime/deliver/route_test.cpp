// Which sinks hear of an alert.
#include "runtime/deliver/route.h"

#include <doctest/doctest.h>

using namespace weir;
using deliver::Route;

namespace {

std::vector<std::string> told(std::vector<Route> routes, uint8_t level, const char* event = "{}") {
  match::Program program;
  program.rules.resize(1);
  program.rules[0].name = "dns_tunnel";
  program.rules[0].tags = {"dns"};
  correlate::Alert alert;
  alert.level = level;
  alert.event = event;
  return deliver::Routing(std::move(routes), {"pager", "chat"}).sinks_of(program, alert);
}

Route to(std::vector<std::string> sinks) {
  Route route;
  route.to = std::move(sinks);
  return route;
}

const std::vector<std::string> kNobody, kPager{"pager"}, kBoth{"pager", "chat"};

}  // namespace

TEST_CASE("without routes every sink; with routes those of all that fit, each once") {
  CHECK(told({}, 0) == kBoth);
  CHECK(told({to({"pager"})}, 0) == kPager);
  CHECK(told({to({"chat", "pager"}), to({"pager"})}, 0) == kBoth);
}

TEST_CASE("a route asks for level, rule, tag and account, all of them") {
  Route route = to({"pager"});
  route.levels[0] = route.levels[1] = false;
  CHECK(told({route}, 1) == kNobody);
  CHECK(told({route}, 2) == kPager);
  route.rules = {"s3_*", "dns_*"};
  CHECK(told({route}, 2) == kPager);
  route.rules = {"s3_*"};
  CHECK(told({route}, 2) == kNobody);
  route.rules = {};
  route.tags = {"iam"};
  CHECK(told({route}, 2) == kNobody);
  route.tags = {"iam", "dns"};
  CHECK(told({route}, 2) == kPager);
  route.accounts = {"111122223333"};
  CHECK(told({route}, 2) == kNobody);
  CHECK(told({route}, 2, R"({"recipientAccountId":"111122223333"})") == kPager);
  CHECK(told({route}, 2, R"({"account_id":"111122223333"})") == kPager);
  CHECK(told({route}, 2, R"({"userIdentity":{"accountId":"111122223333"}})") == kPager);
  CHECK(told({route}, 2, R"({"userIdentity":{"accountId":"111122223333"},"recipientAccountId":"4"})") ==
        kNobody);
  route.accounts = {"1111*3333"};
  CHECK(told({route}, 2, R"({"account_id":"111122223333"})") == kPager);
  CHECK(told({route}, 2, R"({"account_id":"211122223333"})") == kNobody);
}
