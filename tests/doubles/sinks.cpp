// Each network sink against the doubles, through libcurl and TLS. Run by run.sh, which starts the doubles and
// says where they are: WEIR_DOUBLES_HTTPS and WEIR_DOUBLES_HTTP (ports), WEIR_DOUBLES_CA (a file).
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "../unit/runtime/deliver/sample.h"

using namespace weir::deliver;
using namespace weir::deliver::testing;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  REQUIRE_MESSAGE(value, name, " is not set: run tests/doubles/run.sh");
  return value;
}

std::string https(const std::string& path) {
  return "https://localhost:" + environment("WEIR_DOUBLES_HTTPS") + path;
}
std::string http(const std::string& path) {
  return "http://127.0.0.1:" + environment("WEIR_DOUBLES_HTTP") + path;
}

HttpOptions trusting(int64_t whole_ms = 5'000) { return {2'000, whole_ms, environment("WEIR_DOUBLES_CA")}; }

std::string ask(const std::string& path, const std::string& body) {
  const HttpAnswer answer = curl_transport(trusting())->post({https(path), {}, body});
  REQUIRE_MESSAGE(answer.status == 200, answer.problem);
  return answer.body;
}
void mood(const char* place, const char* name, int times = 1'000) {
  ask("/mood", fmt::format(R"({{"path":"{}","mood":"{}","times":{}}})", place, name, times));
}

int64_t real_now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

// The sink with real sending and real time; pauses as short as they come.
struct Live {
  explicit Live(NetworkSinkConfig config, HttpOptions options = trusting()) {
    ask("/report", "");
    MadeSink made = make_sink(config, {curl_transport(options), real_now, [] { return 0.0; }});
    REQUIRE_MESSAGE(made.sink, made.problem);
    sink = std::move(made.sink);
    sink->open({});
  }
  Turn turn(const std::vector<Sample>& samples = {}) {
    std::vector<weir::store::OutboxRow> rows;
    for (const Sample& sample : samples) rows.push_back(row_of(next_row++, sample, real_now()));
    Turn turn = sink->turn(std::move(rows));
    delivered += turn.delivered.size();
    for (const SetAside& aside : turn.set_aside) reasons.push_back(aside.reason);
    if (!turn.problem.empty()) problems.push_back(turn.problem);
    if (turn.trouble) troubles.push_back(turn.trouble->kind);
    return turn;
  }
  void until(size_t rows, const std::vector<Sample>& samples) {
    Turn last = turn(samples);
    for (int i = 0; i < 100 && delivered < rows; ++i) {
      if (last.wake && *last.wake > real_now())
        std::this_thread::sleep_for(
            std::chrono::microseconds(std::min<int64_t>(*last.wake - real_now(), 5 * kSecond)));
      last = turn();
    }
    CHECK(delivered == rows);
  }
  std::string report() const { return ask("/report", ""); }

  std::unique_ptr<PacedSink> sink;
  int64_t next_row = 1;
  size_t delivered = 0;
  std::vector<std::string> reasons, problems;
  std::vector<SinkTrouble::Kind> troubles;
};

NetworkSinkConfig at(NetworkSinkConfig config, const std::string& url) {
  config.url = url;
  config.pace = Pace{0, 1};
  return config;
}

Sample numbered(int number, const char* state = "final", const std::string& replaces = {}) {
  Sample sample;
  sample.id = id_of(number);
  sample.state = state;
  sample.replaces = replaces;
  return sample;
}

}  // namespace

TEST_CASE("doubles: Slack takes alerts, updates and the worst of texts") {
  Live live(at(slack_config(), https("/slack/T/B/x")));
  Sample worst = numbered(2);
  worst.message = std::string(50'000, '<') + "<!channel>";
  live.until(4, {numbered(1, "open"), worst, numbered(3, "amended", id_of(1)), numbered(3, "withdrawn")});
  const std::string text = live.report();
  const Json report(text);
  CHECK(report.number("/seen") == 4);
  CHECK_MESSAGE(report.size("/problems") == 0, text);
  CHECK(report.text("/agent").starts_with("weir/"));
}

TEST_CASE("doubles: Slack takes a digest") {
  NetworkSinkConfig config = at(slack_config(), https("/slack/T/B/x"));
  config.routes = {folding({"rule"}, kSecond)};
  Live live(config);
  live.until(30, [] {
    std::vector<Sample> samples;
    for (int i = 1; i <= 30; ++i) samples.push_back(numbered(i));
    return samples;
  }());
  const std::string text = live.report();
  CHECK_MESSAGE(Json(text).number("/seen") == 2, text);
}

TEST_CASE("doubles: a webhook's signature is good, with either secret and in both formats") {
  for (const char* secret :
       {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    for (const BodyFormat format : {BodyFormat::weir, BodyFormat::ocsf}) {
      NetworkSinkConfig config = at(webhook_config(), https("/webhook?token=hidden"));
      config.secrets = {"whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", secret};
      config.format = format;
      Live live(config);
      live.until(1, {numbered(1)});
      const std::string text = live.report();
      const Json report(text);
      CHECK_MESSAGE(report.size("/problems") == 0, text);
      CHECK(report.text("/ids/0") == id_of(1) + "-final");
    }
}

TEST_CASE("doubles: a wrong signature is refused by the double") {
  NetworkSinkConfig config = at(webhook_config(), https("/webhook"));
  config.secrets = {"whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"};
  Live live(config);
  live.turn({numbered(1)});
  CHECK(live.reasons == std::vector<std::string>{"answered 400: signature"});
}

TEST_CASE("doubles: PagerDuty's incidents") {
  Live live(at(pagerduty_config(), https("/v2/enqueue")));
  Sample large = numbered(5);
  large.event = R"({"blob":")" + std::string(3'000'000, 'x') + R"("})";
  live.until(6, {numbered(1, "open"), numbered(2, "amended", id_of(1)), numbered(2, "final"),
                 numbered(3, "open"), numbered(3, "withdrawn"), large});
  const std::string text = live.report();
  const Json report(text);
  CHECK_MESSAGE(report.size("/problems") == 0, text);
  const auto actions = [&](int id) { return report.size(("/incidents/" + id_of(id)).c_str()); };
  CHECK(actions(1) == 2);
  CHECK(actions(2) == SIZE_MAX);
  CHECK(report.text(("/incidents/" + id_of(3) + "/1").c_str()) == "resolve");
  CHECK(actions(5) == 1);
}

TEST_CASE("doubles: an unknown routing key drops nothing") {
  NetworkSinkConfig config = at(pagerduty_config(), https("/v2/enqueue"));
  config.routing_key = std::string(32, 'f');
  Live live(config);
  live.turn({numbered(1)});
  CHECK(live.reasons.empty());
  CHECK(live.troubles == std::vector<SinkTrouble::Kind>{SinkTrouble::Kind::refused});
}

TEST_CASE("doubles: PagerDuty took it and said nothing: one incident") {
  Live live(at(pagerduty_config(), https("/v2/enqueue")));
  mood("/v2", "cut", 1);
  live.until(1, {numbered(1)});
  REQUIRE(live.problems.size() >= 1);
  CHECK(live.problems[0].find("(it may have arrived)") != std::string::npos);
  const std::string text = live.report();
  const Json report(text);
  CHECK(report.size(("/incidents/" + id_of(1)).c_str()) == 2);
  CHECK(report.number("/seen") == 2);
}

TEST_CASE("doubles: 429, 500 and a hang are waited out") {
  Live live(at(slack_config(), https("/slack/T/B/x")), trusting(700));
  mood("/slack", "429", 1);
  const int64_t began = real_now();
  live.until(1, {numbered(1)});
  CHECK(real_now() - began >= kSecond);
  mood("/slack", "500", 2);
  live.until(2, {numbered(2)});
  mood("/slack", "hang", 1);
  live.until(3, {numbered(3)});
  REQUIRE(live.problems.size() == 4);
  CHECK(live.problems[0] == "answered 429: rate_limited");
  CHECK(live.problems[1] == "answered 500: rollup_error");
  CHECK(live.problems[3].find("timed out") != std::string::npos);
}

TEST_CASE("doubles: 400 sets one aside, 404 and a redirect are refusals") {
  Live live(at(slack_config(), https("/slack/T/B/x")));
  mood("/slack", "400", 1);
  live.turn({numbered(1), numbered(2)});
  CHECK(live.reasons == std::vector<std::string>{"answered 400: invalid_payload"});
  CHECK(live.delivered == 1);
  for (const char* name : {"404", "302"}) {
    Live other(at(slack_config(), https("/slack/T/B/x")));
    mood("/slack", name);
    const Turn turn = other.turn({numbered(1)});
    CHECK(turn.delivered.empty());
    CHECK(other.troubles == std::vector<SinkTrouble::Kind>{SinkTrouble::Kind::refused});
    REQUIRE(turn.wake);
    CHECK(*turn.wake > real_now() + 60 * kSecond);
    const std::string text = other.report();
    CHECK_MESSAGE(Json(text).size("/problems") == 0, "the redirect was followed: ", text);
  }
}

TEST_CASE("doubles: an answer without end is not read to its end") {
  Live live(at(slack_config(), https("/slack/T/B/x")));
  mood("/slack", "endless", 1);
  const int64_t began = real_now();
  live.turn({numbered(1)});
  CHECK(live.delivered == 1);
  CHECK(real_now() - began < 4 * kSecond);
}

TEST_CASE("doubles: TLS is verified: authority, name, and that it is TLS at all") {
  const std::string port = environment("WEIR_DOUBLES_HTTPS");
  struct Case {
    std::string url;
    HttpOptions options;
  };
  for (const Case& bad :
       {Case{https("/slack/x"), {2'000, 5'000, ""}},
        Case{"https://127.0.0.1:" + port + "/slack/x", trusting()},
        Case{"https://localhost:" + environment("WEIR_DOUBLES_HTTP") + "/slack/x", trusting()}}) {
    Live live(at(slack_config(), bad.url), bad.options);
    const Turn turn = live.turn({numbered(1)});
    CHECK(turn.delivered.empty());
    CHECK(turn.problem != "");
    MESSAGE(turn.problem);
    CHECK(turn.problem.find("may have arrived") == std::string::npos);
    CHECK(Json(live.report()).number("/seen") == 0);
  }
  const HttpAnswer plain = curl_transport()->post({http("/slack/x"), {}, R"({"text":"x","blocks":[]})"});
  CHECK(plain.status == 400);
}

TEST_CASE("doubles: nobody listens") {
  Live live(at(slack_config(), "https://localhost:9/slack/x"));
  const Turn turn = live.turn({numbered(1)});
  CHECK(turn.delivered.empty());
  CHECK(turn.problem.find("may have arrived") == std::string::npos);
}

TEST_CASE("doubles: interrupt() ends a request that hangs") {
  Live live(at(slack_config(), https("/slack/T/B/x")), trusting(20'000));
  mood("/slack", "hang", 1);
  std::thread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    live.sink->interrupt();
  });
  const int64_t began = real_now();
  const Turn turn = live.turn({numbered(1)});
  stop.join();
  CHECK(turn.delivered.empty());
  CHECK(real_now() - began < 10 * kSecond);
}
