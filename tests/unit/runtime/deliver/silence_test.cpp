// Which alerts a silence means, and how it is kept.
#include "runtime/deliver/silence.h"

#include <doctest/doctest.h>

#include "tests/unit/runtime/deliver/sample.h"

using namespace weir::deliver;
using weir::deliver::testing::Sample;

namespace {

Silence of(const std::vector<std::pair<std::string, std::string>>& matchers) {
  Silence out;
  for (const auto& [key, value] : matchers) CHECK(add_matcher(out, key, value) == "");
  return out;
}

bool silenced(const Silence& silence, const Sample& sample, const std::string& sink = "pager") {
  const std::string line = sample.line();
  const auto facts = read_alert(line);
  REQUIRE(facts);
  return silences(silence, *facts, sink);
}

}  // namespace

TEST_CASE("all matchers of a silence must fit, of each one value") {
  const Sample alert;
  CHECK(silenced(of({{"rule", "dns_tunnelling"}}), alert));
  CHECK(silenced(of({{"rule", "other"}, {"rule", "dns_*"}}), alert));
  CHECK_FALSE(silenced(of({{"rule", "other"}}), alert));
  CHECK(silenced(of({{"rule", "*"}, {"level", ">=high"}}), alert));
  CHECK(silenced(of({{"rule", "*"}, {"level", "low"}, {"level", "high"}}), alert));
  CHECK_FALSE(silenced(of({{"rule", "*"}, {"level", "<high"}}), alert));
  CHECK(silenced(of({{"rule", "*"}, {"account", "111122223333"}}), alert));
  CHECK_FALSE(silenced(of({{"rule", "*"}, {"account", "444455556666"}}), alert));
  CHECK(silenced(of({{"rule", "*"}, {"tag", "dns"}}), alert));
  CHECK_FALSE(silenced(of({{"rule", "*"}, {"tag", "iam"}}), alert));
  CHECK(silenced(of({{"rule", "*"}, {"group", "key.client=10.0.0.5"}}), alert));
  CHECK(silenced(of({{"rule", "*"}, {"group", "key.client=192.*"}, {"group", "key.client=10.*"}}), alert));
  CHECK_FALSE(silenced(of({{"rule", "*"}, {"group", "key.client=10.*"}, {"group", "title=Else"}}), alert));
  CHECK_FALSE(silenced(of({{"rule", "*"}, {"group", "key.nothing=10.*"}}), alert));
}

TEST_CASE("a silence that names sinks is of those alone") {
  const Sample alert;
  const Silence silence = of({{"rule", "*"}, {"to", "pager"}});
  CHECK(silenced(silence, alert, "pager"));
  CHECK_FALSE(silenced(silence, alert, "archive"));
}

TEST_CASE("what Weir says of itself is silenced by its name alone") {
  Sample alert;
  alert.rule = "weir.sink_unreachable";
  CHECK_FALSE(silenced(of({{"rule", "*"}}), alert));
  CHECK(silenced(of({{"rule", "weir.*"}}), alert));
  CHECK_FALSE(silenced(of({{"rule", "weir.*"}}), Sample()));
}

TEST_CASE("it begins at its begin and is over at its end") {
  Silence silence;
  silence.from = 10;
  silence.until = 20;
  CHECK_FALSE(silence.is_on(9));
  CHECK(silence.is_on(10));
  CHECK(silence.is_on(19));
  CHECK_FALSE(silence.is_on(20));
}

TEST_CASE("what is no matcher is said") {
  Silence silence;
  CHECK(add_matcher(silence, "level", "loud").find("`loud` is no level") != std::string::npos);
  CHECK(add_matcher(silence, "group", "host=a").find("not host") != std::string::npos);
  CHECK(add_matcher(silence, "group", "key.client") != "");
  CHECK(add_matcher(silence, "ruel", "a").find("no matcher `ruel`") != std::string::npos);
  CHECK(add_matcher(silence, "rule", "") != "");
  CHECK(add_matcher(silence, "rule", "a\nlevel low") != "");
}

TEST_CASE("a silence comes out of the store as it went in") {
  Silence silence = of({{"rule", "dns_*"}, {"rule", "b c"}, {"level", ">=high"}, {"account", "1"}, {"tag", "t"}, {"group", "key.client=a=b"}, {"to", "pager"}});
  silence.name = "7";
  silence.from = 1;
  silence.until = 2;
  silence.comment = "why";
  silence.by = "who";
  const std::optional<Silence> again = read_silence({7, matcher_lines(silence), 1, 2, "why", "who"});
  REQUIRE(again);
  CHECK(*again == silence);
  CHECK(matchers_text(silence) == "rule=dns_*,b c level=high,critical account=1 tag=t key.client=a=b to=pager");
  for (const char* broken : {"", "rule", "level high\n", "colour red\nrule a\n", "rule a\ngroup host=x\n"})
    CHECK_FALSE(read_silence({7, broken, 1, 2, "why", "who"}));
}
