// A sink through outages, refusals and restarts: nothing lost, nothing told twice, nothing secret shown.
#include "runtime/deliver/network/network_sink.h"

#include "runtime/deliver/alert_facts.h"
#include "runtime/deliver/network/told_alerts.h"
#include "sample.h"

using namespace weir::deliver;
using namespace weir::deliver::testing;

namespace {

Sample sample_of(int number, const char* state = "final", const std::string& replaces = {}) {
  Sample sample;
  sample.id = id_of(number);
  sample.state = state;
  sample.replaces = replaces;
  return sample;
}

std::string action(const HttpRequest& request) {
  const Json json(request.body);
  return json.text("/event_action") + " " + json.text("/dedup_key").substr(30);
}

}  // namespace

TEST_CASE("sink: what is taken leaves the outbox") {
  Bench bench(slack_config());
  for (int i = 1; i <= 4; ++i) bench.add(sample_of(i));
  const Turn turn = bench.turn();
  CHECK(turn.delivered == std::vector<int64_t>{1, 2, 3, 4});
  CHECK(turn.problem == "");
  CHECK(bench.receiver->requests.size() == 4);
  CHECK_FALSE(turn.wake);
}

TEST_CASE("sink: 429 is waited for as long as it says") {
  Bench bench(slack_config());
  bench.receiver->script = {answered(429, "rate_limited", "30")};
  bench.add(sample_of(1));
  Turn turn = bench.turn();
  CHECK(turn.delivered.empty());
  CHECK(turn.problem == "answered 429: rate_limited");
  REQUIRE(turn.wake);
  CHECK(*turn.wake >= kStart + 30 * kSecond);
  bench.now = kStart + 29 * kSecond;
  CHECK(bench.turn().attempts == 0);
  bench.now = *turn.wake;
  CHECK(bench.turn().delivered == std::vector<int64_t>{1});
}

TEST_CASE("sink: down for an hour with 1,000 alerts: all arrive afterwards, in order, at the sink's pace") {
  Bench bench(slack_config());
  const std::vector<HttpAnswer> failures = {answered(503),
                                            lost(HttpAnswer::Kind::not_sent, "connection refused"),
                                            lost(HttpAnswer::Kind::unclear, "timed out"),
                                            lost(HttpAnswer::Kind::not_sent, "certificate has expired")};
  size_t attempts = 0;
  for (int minute = 0; minute < 60; ++minute) {
    for (int i = 0; i < 17 && bench.next_row <= 1'000; ++i) bench.add(sample_of(int(bench.next_row)));
    bench.receiver->otherwise = failures[size_t(minute) % failures.size()];
    bench.run(kMinute);
    attempts = bench.receiver->requests.size();
  }
  CHECK(bench.outbox.size() == 1'000);
  CHECK(attempts < 120);  // growing pauses
  REQUIRE(bench.troubles.size() == 1);
  CHECK(bench.troubles[0].kind == SinkTrouble::Kind::unreachable);
  bench.receiver->otherwise = answered(200);
  bench.receiver->requests.clear();
  std::vector<std::string> got;
  for (int minute = 0; minute < 30 && !bench.outbox.empty(); ++minute) {
    const size_t before = bench.receiver->requests.size();
    bench.run(kMinute);
    CHECK(bench.receiver->requests.size() - before <= 66);  // 60 a minute and a burst of 5
  }
  CHECK(bench.outbox.empty());
  REQUIRE(bench.receiver->requests.size() == 1'000);
  for (int i = 0; i < 1'000; ++i)
    CHECK(bench.receiver->requests[size_t(i)].body.find(id_of(i + 1)) != std::string::npos);
  CHECK(bench.works);
}

TEST_CASE("sink: a refusal is retried slowly, told once, and drops nothing") {
  for (const int status : {401, 403, 404, 410}) {
    Bench bench(webhook_config());
    bench.receiver->otherwise = answered(status, "no");
    for (int i = 1; i <= 20; ++i) bench.add(sample_of(i));
    bench.run(120 * kMinute);
    CHECK(bench.outbox.size() == 20);
    CHECK(bench.set_aside.empty());
    CHECK(bench.receiver->requests.size() >= 3);
    CHECK(bench.receiver->requests.size() <= 12);
    REQUIRE(bench.troubles.size() == 1);
    CHECK(bench.troubles[0].kind == SinkTrouble::Kind::refused);
    CHECK(bench.troubles[0].text == fmt::format("answered {}: no", status));
    bench.receiver->otherwise = answered(204);
    bench.run(120 * kMinute);
    CHECK(bench.outbox.empty());
    CHECK(bench.troubles.size() == 1);
    CHECK(bench.works);
  }
}

TEST_CASE("sink: one that cannot be taken is set aside, the rest goes on") {
  for (const int status : {400, 413, 422}) {
    Bench bench(slack_config());
    bench.receiver->script = {answered(200), answered(status, "invalid_blocks")};
    for (int i = 1; i <= 3; ++i) bench.add(sample_of(i));
    const Turn turn = bench.turn();
    CHECK(turn.delivered == std::vector<int64_t>{1, 3});
    REQUIRE(bench.set_aside.size() == 1);
    CHECK(bench.set_aside[0].row == 2);
    CHECK(bench.set_aside[0].reason == fmt::format("answered {}: invalid_blocks", status));
  }
}

TEST_CASE("sink: a row that is no alert is set aside") {
  Bench bench(slack_config());
  bench.add(sample_of(1));
  bench.outbox[0].body = "\xff not json";
  bench.add(sample_of(2));
  CHECK(bench.turn().delivered == std::vector<int64_t>{2});
  CHECK(bench.set_aside.size() == 1);
}

TEST_CASE("sink: an ambiguous time-out at PagerDuty asks for the same incident again") {
  Bench bench(pagerduty_config());
  bench.receiver->script = {lost(HttpAnswer::Kind::unclear, "timed out"), answered(202)};
  bench.add(sample_of(1, "open"));
  bench.run(kMinute);
  REQUIRE(bench.receiver->requests.size() == 2);
  CHECK(bench.receiver->requests[0].body == bench.receiver->requests[1].body);
  CHECK(bench.outbox.empty());
}

TEST_CASE("sink: PagerDuty has one incident for an alert and those that amend it") {
  Bench bench(pagerduty_config());
  bench.add(sample_of(1, "open"));
  bench.add(sample_of(2, "amended", id_of(1)));
  bench.add(sample_of(3, "amended", id_of(2)));
  bench.add(sample_of(3, "final"));
  bench.add(sample_of(4, "open"));
  bench.add(sample_of(4, "withdrawn"));
  bench.add(sample_of(5, "final"));
  bench.run(kMinute);
  CHECK(bench.outbox.empty());
  std::vector<std::string> actions;
  for (const HttpRequest& request : bench.receiver->requests) actions.push_back(action(request));
  CHECK(actions == std::vector<std::string>{"trigger 01", "trigger 01", "trigger 01", "trigger 04",
                                            "resolve 04", "trigger 05"});
}

TEST_CASE("sink: a restart remembers which alerts were told open") {
  Bench bench(pagerduty_config());
  bench.add(sample_of(1, "open"));
  bench.add(sample_of(2, "amended", id_of(1)));
  bench.turn();
  REQUIRE(bench.position.identity != "");
  bench.start(pagerduty_config(), bench.position);
  bench.receiver->requests.clear();
  bench.add(sample_of(2, "final"));
  bench.turn();
  CHECK(bench.outbox.empty());
  CHECK(bench.receiver->requests.empty());
  bench.add(sample_of(2, "withdrawn"));
  bench.turn();
  CHECK(bench.receiver->requests.size() == 1);
}

TEST_CASE("sink: an alert that is called for again after it was withdrawn is told again") {
  for (const bool waits : {false, true}) {
    INFO("its withdrawal waits: ", waits);
    Bench bench(pagerduty_config());
    bench.add(sample_of(1, "open"));
    bench.turn();
    bench.add(sample_of(1, "withdrawn"));
    if (!waits) bench.turn();
    bench.add(sample_of(1, "final"));
    bench.run(kMinute);
    std::vector<std::string> actions;
    for (const HttpRequest& request : bench.receiver->requests)
      actions.push_back(action(request).substr(0, 7));
    CHECK(actions == std::vector<std::string>{"trigger", "resolve", "trigger"});
    CHECK(bench.outbox.empty());
  }
}

TEST_CASE("sink: an alert that is open again behind its withdrawal is known when it is final") {
  Bench bench(pagerduty_config());
  bench.add(sample_of(1, "open"));
  bench.turn();
  bench.add(sample_of(1, "withdrawn"));
  bench.add(sample_of(1, "open"));
  bench.run(kMinute);
  bench.add(sample_of(1, "final"));
  bench.run(kMinute);
  std::vector<std::string> actions;
  for (const HttpRequest& request : bench.receiver->requests) actions.push_back(action(request).substr(0, 7));
  CHECK(actions == std::vector<std::string>{"trigger", "resolve", "trigger"});
  CHECK(bench.outbox.empty());
}

TEST_CASE("sink: an open alert that was set aside is news when it is final") {
  Bench bench(pagerduty_config());
  bench.receiver->script = {answered(400, "odd")};
  bench.add(sample_of(1, "open"));
  bench.turn();
  bench.add(sample_of(1, "final"));
  bench.turn();
  REQUIRE(bench.receiver->requests.size() == 2);
  CHECK(action(bench.receiver->requests[1]) == "trigger 01");
}

TEST_CASE("sink: Slack hears of what becomes of an alert") {
  Bench bench(slack_config());
  bench.add(sample_of(1, "open"));
  bench.add(sample_of(2, "amended", id_of(1)));
  bench.add(sample_of(2, "final"));
  bench.add(sample_of(3, "open"));
  bench.add(sample_of(3, "withdrawn"));
  bench.run(kMinute);
  REQUIRE(bench.receiver->requests.size() == 5);
  const auto text = [&](size_t i) { return Json(bench.receiver->requests[i].body).text("/text"); };
  CHECK(text(0).starts_with("[HIGH] DNS"));
  CHECK(text(1).starts_with("Amended: "));
  CHECK(text(2).starts_with("Final: "));
  CHECK(text(4).starts_with("Withdrawn: "));
}

TEST_CASE("sink: final only") {
  NetworkSinkConfig config = slack_config();
  config.final_only = true;
  Bench bench(config);
  bench.add(sample_of(1, "open"));
  bench.add(sample_of(2, "amended", id_of(1)));
  bench.add(sample_of(3, "withdrawn"));
  bench.add(sample_of(2, "final"));
  bench.turn();
  CHECK(bench.outbox.empty());
  REQUIRE(bench.receiver->requests.size() == 1);
  CHECK(Json(bench.receiver->requests[0].body).text("/text").starts_with("[HIGH]"));
}

TEST_CASE("sink: groups fold, hold their rows in the outbox, and go on after a restart") {
  NetworkSinkConfig config = slack_config();
  config.routes = {folding({"rule", "key.client"}, 240 * kMinute)};
  Bench bench(config);
  for (int i = 1; i <= 50; ++i) bench.add(sample_of(i));
  bench.run(kMinute);
  CHECK(bench.receiver->requests.size() == 1);
  CHECK(bench.outbox.size() == 49);
  bench.start(config, bench.position);
  bench.run(kMinute);
  CHECK(bench.receiver->requests.size() == 1);
  bench.run(240 * kMinute);
  REQUIRE(bench.receiver->requests.size() == 2);
  CHECK(bench.outbox.empty());
  CHECK(Json(bench.receiver->requests[1].body)
            .text("/text")
            .starts_with("49 more alerts of rule=dns_tunnelling"));
}

TEST_CASE("sink: a storm is ten alerts and a summary") {
  NetworkSinkConfig config = slack_config();
  config.routes = {guarding(10)};
  Bench bench(config);
  for (int i = 1; i <= 2'000; ++i) bench.add(sample_of(i));
  bench.run(3 * kMinute);
  CHECK(bench.outbox.empty());
  REQUIRE(bench.receiver->requests.size() == 11);
  CHECK(Json(bench.receiver->requests[10].body).text("/text") ==
        "1990 alerts within a minute, told together");
}

TEST_CASE("sink: nothing secret in what it says") {
  for (NetworkSinkConfig config : {slack_config(), webhook_config(), pagerduty_config()}) {
    Bench bench(config);
    const std::string everything = "POST " + config.url + " key " + config.routing_key +
                                   (config.secrets.empty() ? "" : config.secrets[0]);
    bench.receiver->script = {answered(500, everything), lost(HttpAnswer::Kind::not_sent, everything),
                              answered(403, everything)};
    bench.add(sample_of(1));
    for (int i = 0; i < 3; ++i) {
      const Turn turn = bench.turn();
      REQUIRE(turn.problem != "");
      for (const char* secret : {"very-secret", "hidden", "0123456789abcdef", "MfKQ9r8"}) {
        CHECK(turn.problem.find(secret) == std::string::npos);
        if (turn.trouble) CHECK(turn.trouble->text.find(secret) == std::string::npos);
      }
      if (turn.wake) bench.now = *turn.wake;
    }
  }
}

TEST_CASE("sink: a secret is not shown in part either, nor a part of the address") {
  NetworkSinkConfig config = webhook_config();
  config.url = "https://alerts.example.com/in/0123456789abcdef0123?token=ABCDEFGHIJKLMNOPQRST";
  config.headers = {{"Authorization", "Bearer a-long-token"}};
  for (const std::string& echoed : {std::string("ABCDEFGHIJKLMNOPQRST"), std::string("0123456789abcdef0123"),
                                    std::string("a-long-token")}) {
    Bench bench(config);
    bench.receiver->script = {answered(403, std::string(110, '.') + echoed),
                              answered(403, "you sent " + echoed)};
    bench.add(sample_of(1));
    for (int i = 0; i < 2; ++i) {
      const Turn turn = bench.turn();
      REQUIRE(turn.problem != "");
      CHECK(turn.problem.find(echoed.substr(0, 6)) == std::string::npos);
      bench.now = turn.wake.value_or(bench.now);
    }
  }
}

TEST_CASE("sink: a clock that is set back does not silence it") {
  Bench bench(slack_config());
  bench.receiver->script = {answered(401)};
  bench.add(sample_of(1));
  CHECK(bench.turn().delivered.empty());
  bench.now -= 3600 * kSecond;
  CHECK(bench.turn().delivered == std::vector<int64_t>{1});
}

TEST_CASE("sink: what waits for its time is not due") {
  NetworkSinkConfig config = slack_config();
  config.routes = {folding({"rule"}, 60 * kMinute)};
  Bench bench(config);
  bench.add(sample_of(1));
  bench.add(sample_of(2));
  CHECK(bench.turn().due == 0);
  CHECK(bench.outbox.size() == 1);
  bench.receiver->script = {answered(503)};
  bench.now += 60 * kMinute;
  CHECK(bench.turn().due == 1);
}

TEST_CASE("sink: nothing is sent after interrupt()") {
  Bench bench(slack_config());
  bench.add(sample_of(1));
  bench.sink->interrupt();
  CHECK(bench.turn().delivered.empty());
  CHECK(bench.receiver->requests.empty());
  CHECK(bench.outbox.size() == 1);
}

TEST_CASE("sink: broken saved state is no state") {
  for (const char* saved : {"", "x", "5", "99 a", "3 abcdef", "99999999999999999999 x", "-1 x"}) {
    Bench bench(slack_config(), {saved, 0});
    bench.add(sample_of(1));
    CHECK(bench.turn().delivered.size() == 1);
  }
}

TEST_CASE("told alerts: the oldest are forgotten") {
  ToldAlerts told;
  for (int i = 0; i < 20'000; ++i) {
    told.tell(id_of(i), {id_of(i)});
    if (i % 2) told.settle(id_of(i));
  }
  CHECK(told.find(id_of(19'998)));
  CHECK_FALSE(told.find(id_of(0)));
  const std::string saved = told.save();
  CHECK(saved.size() < 5'001 * 40);
  ToldAlerts again;
  again.restore(saved);
  CHECK_FALSE(again.changed());
  CHECK(again.save() == saved);
}

TEST_CASE("sink: the first route that fits says how it is told: urgent ones alone, the rest by rule") {
  NetworkSinkConfig config = slack_config();
  Route urgent;
  urgent.levels[0] = urgent.levels[1] = urgent.levels[2] = false;
  config.routes = {urgent, folding({"rule"}, 240 * kMinute)};
  Bench bench(config);
  for (int i = 1; i <= 20; ++i) {
    Sample sample = sample_of(i);
    sample.level = i % 2 ? "high" : "low";
    bench.add(sample);
  }
  bench.run(kMinute);
  CHECK(bench.receiver->requests.size() == 11);  // ten urgent ones, and the first of the others
  CHECK(bench.outbox.size() == 9);
  bench.run(240 * kMinute);
  REQUIRE(bench.receiver->requests.size() == 12);
  CHECK(Json(bench.receiver->requests[11].body)
            .text("/text")
            .starts_with("9 more alerts of rule=dns_tunnelling"));
}

TEST_CASE("sink: a storm of one route does not fold what comes by another") {
  NetworkSinkConfig config = slack_config();
  Route urgent;
  urgent.rules = {"root_*"};
  config.routes = {urgent, guarding(5)};
  Bench bench(config);
  for (int i = 1; i <= 500; ++i) {
    Sample sample = sample_of(i);
    if (i == 400) sample.rule = "root_login";
    bench.add(sample);
  }
  bench.run(2 * kMinute);
  REQUIRE(bench.receiver->requests.size() == 7);
  CHECK(bench.receiver->requests[5].body.find("root_login") != std::string::npos);
  CHECK(Json(bench.receiver->requests[6].body).text("/text") == "494 alerts within a minute, told together");
}

TEST_CASE("sink: OCSF and what no route says anything about is never folded") {
  NetworkSinkConfig config = webhook_config();
  config.format = BodyFormat::ocsf;
  config.routes = {folding({"rule"}, 240 * kMinute)};
  Bench bench(config);
  for (int i = 1; i <= 20; ++i) bench.add(sample_of(i));
  bench.run(kMinute);
  CHECK(bench.receiver->requests.size() == 20);
}

TEST_CASE("sink: each failed attempt is noted, and a later process goes on from there") {
  Bench bench(slack_config());
  bench.receiver->otherwise = answered(503, "down");
  bench.add(sample_of(1));
  bench.run(30 * kMinute);
  REQUIRE(bench.tried.size() > 5);
  CHECK(bench.tried.back().row == 1);
  CHECK(bench.tried.back().error == "answered 503: down");
  CHECK(bench.tried.back().next_at >= bench.now);
  const int64_t next = bench.tried.back().next_at;
  bench.start(slack_config(), {});
  bench.sink->tried_before(static_cast<int64_t>(bench.tried.size()), next);
  bench.receiver->requests.clear();
  bench.turn();
  CHECK(bench.receiver->requests.empty());
  CHECK(*bench.wake == next);
  bench.now = next;
  bench.turn();
  CHECK(bench.receiver->requests.size() == 1);
  CHECK(bench.tried.back().next_at - bench.now >= 100 * kSecond);  // it does not begin with a second again
}

TEST_CASE("sink: to begin anew is to forget what it was handed, and to try at once") {
  NetworkSinkConfig config = slack_config();
  Bench bench(config);
  bench.receiver->script = {answered(400, "invalid_blocks"), answered(403)};
  for (int i = 1; i <= 3; ++i) bench.add(sample_of(i));
  bench.turn();
  CHECK(bench.set_aside.size() == 1);
  CHECK(bench.outbox.size() == 2);
  bench.outbox.push_front(row_of(1, sample_of(1), bench.now));  // somebody asked for it
  bench.receiver->requests.clear();
  bench.sink->open(bench.position);
  bench.handed = 0;
  CHECK(bench.turn().delivered == std::vector<int64_t>{1, 2, 3});
}

TEST_CASE("sink: what Weir says of itself reaches a sink that wants final ones only") {
  NetworkSinkConfig config = slack_config();
  config.final_only = true;
  Bench bench(config);
  Sample own = sample_of(1, "open");
  own.rule = "weir.sink_refused";
  bench.add(own);
  own.state = "withdrawn";
  bench.add(own);
  bench.add(sample_of(2, "open"));
  bench.turn();
  REQUIRE(bench.receiver->requests.size() == 2);
  CHECK(Json(bench.receiver->requests[1].body).text("/text").starts_with("Over: "));
}

TEST_CASE("make_sink: what cannot work is said, without secrets") {
  const auto problem = [](auto change, NetworkSinkConfig config) {
    change(config);
    MadeSink made = make_sink(config);
    CHECK((made.sink == nullptr) == (made.problem != ""));
    return made.problem;
  };
  CHECK(problem([](auto&) {}, slack_config()) == "");
  CHECK(problem([](auto&) {}, pagerduty_config()) == "");
  CHECK(problem([](auto&) {}, webhook_config()) == "");
  CHECK(problem([](auto& c) { c.url = ""; }, slack_config()) == "it needs an url");
  CHECK(problem([](auto& c) { c.url = "http://hooks.slack.com/secret"; }, slack_config()).find("secret") ==
        std::string::npos);
  CHECK(problem([](auto& c) { c.routing_key = "short"; }, pagerduty_config()).find("32") !=
        std::string::npos);
  CHECK(problem([](auto& c) { c.routing_key = "x"; }, slack_config()) != "");
  CHECK(problem([](auto& c) { c.format = BodyFormat::ocsf; }, slack_config()) != "");
  CHECK(problem([](auto& c) { c.format = BodyFormat::ocsf; }, webhook_config()) == "");
  CHECK(problem([](auto& c) { c.routes = {folding({"host"}, kMinute)}; }, slack_config()) != "");
  CHECK(problem([](auto& c) { c.routes = {folding({"rule"}, 0)}; }, slack_config()) ==
        "group_by needs repeat, for example 4h");
  CHECK(problem([](auto& c) { c.routes = {folding({}, kMinute)}; }, slack_config()) ==
        "wait and repeat need group_by");
  CHECK(problem([](auto& c) { c.secrets = {"plain"}; }, webhook_config()).find("plain") == std::string::npos);
  CHECK(problem([](auto& c) { c.pace = Pace{-1, 1}; }, webhook_config()) != "");
}
