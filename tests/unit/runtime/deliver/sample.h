// Alerts to send, a receiver that is a script, and a clock that stands still: for the tests of sinks.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/deliver/network/http.h"
#include "runtime/deliver/network/make_sink.h"
#include "runtime/match/json_object.h"

namespace weir::deliver::testing {

inline constexpr int64_t kSecond = 1'000'000;
inline constexpr int64_t kMinute = 60 * kSecond;
inline constexpr int64_t kStart = 1'767'225'600 * kSecond;  // 2026-01-01T00:00:00Z

// A whole document, or the test fails.
class Json {
 public:
  explicit Json(const std::string& text) {
    const auto read = parser_.parse(text);
    CHECK_MESSAGE(read.error() == simdjson::SUCCESS, "not JSON: ", text.substr(0, 400));
    if (read.error() == simdjson::SUCCESS) root_ = read.value_unsafe();
  }
  bool has(const char* pointer) const { return root_.at_pointer(pointer).error() == simdjson::SUCCESS; }
  std::string text(const char* pointer) const {
    std::string_view value;
    if (root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return "(none)";
    return std::string(value);
  }
  int64_t number(const char* pointer) const {
    int64_t value = 0;
    if (root_.at_pointer(pointer).get(value) != simdjson::SUCCESS) return INT64_MIN;
    return value;
  }
  size_t size(const char* pointer) const {
    simdjson::dom::array array;
    if (root_.at_pointer(pointer).get(array) != simdjson::SUCCESS) return SIZE_MAX;
    return array.size();
  }
  simdjson::dom::element root() const { return root_; }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

struct Sample {
  std::string
      id = "00000000000000000000000000000001",
      state = "final", replaces, rule = "dns_tunnelling", title = "DNS tunnelling", level = "high",
      message = "10.0.0.5 asked for 100 names", client = "10.0.0.5",
      event =
          R"({"query_name":"x.example.com","query_type":"TXT","srcaddr":"10.0.0.5","account_id":"111122223333","region":"eu-west-1"})";
  std::vector<std::string> references = {"https://example.com/why"};

  std::string line() const {
    match::JsonObject key, window, alert;
    key.text("client", client);
    window.text("from", "2026-01-01T00:00:00Z");
    window.text("to", "2026-01-01T00:08:15Z");
    window.number("events", 100);
    alert.text("id", id);
    alert.text("state", state);
    alert.text_or_null("replaces", replaces);
    alert.text("time", "2026-01-01T00:08:15Z");
    alert.text("rule", rule);
    alert.text("rule_id", "7a1d");
    alert.number("version", 3);
    alert.text("status", "stable");
    alert.text("title", title);
    alert.text("level", level);
    alert.text("message", message);
    alert.texts("mitre", {"TA0010", "T1048.003"});
    alert.texts("tags", {"dns"});
    alert.raw("author", "null");
    alert.text("source", "resolver");
    alert.raw("key", key.done());
    alert.raw("window", window.done());
    alert.raw("values", R"j({"distinct(sub)":100})j");
    alert.raw("approx", "false");
    alert.raw("learning", "false");
    alert.number("held_back", 0);
    alert.raw("fields", "{}");
    alert.raw("event", event);
    alert.raw("steps", "{}");
    alert.text("description", "Many names below one domain.");
    alert.text("response", "Look at the sample names.");
    alert.texts("falsepositives", {});
    alert.texts("references", references);
    return alert.done();
  }
};

inline std::string id_of(int number) { return fmt::format("{:032x}", number); }

inline store::OutboxRow row_of(int64_t row, const Sample& sample, int64_t at = kStart) {
  store::OutboxRow out;
  out.row = row;
  out.id = sample.id;
  out.state = sample.state;
  out.body = sample.line();
  out.first_at = at;
  return out;
}

inline HttpAnswer answered(int status, std::string body = {}, std::string retry_after = {}) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.retry_after = std::move(retry_after);
  return answer;
}
inline HttpAnswer lost(HttpAnswer::Kind kind, std::string problem) {
  HttpAnswer answer;
  answer.kind = kind;
  answer.problem = std::move(problem);
  return answer;
}

// What was asked, and what is answered: the script, then 200 for ever.
struct Receiver {
  std::vector<HttpRequest> requests;
  std::deque<HttpAnswer> script;
  HttpAnswer otherwise = answered(200, "ok");
};

class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(std::shared_ptr<Receiver> receiver) : receiver_(std::move(receiver)) {}
  HttpAnswer post(const HttpRequest& request) override {
    receiver_->requests.push_back(request);
    if (receiver_->script.empty()) return receiver_->otherwise;
    HttpAnswer answer = receiver_->script.front();
    receiver_->script.pop_front();
    return answer;
  }

 private:
  std::shared_ptr<Receiver> receiver_;
};

// A sink, its receiver, and an outbox in memory that does what a process would do with the sink's turns.
struct Bench {
  explicit Bench(NetworkSinkConfig config, store::SinkPosition position = {}) {
    start(std::move(config), position);
  }

  void start(NetworkSinkConfig config, const store::SinkPosition& position) {
    MadeSink made = make_sink(config, {std::make_unique<ScriptedTransport>(receiver), [this] { return now; },
                                       [this] { return random; }});
    REQUIRE_MESSAGE(made.sink, made.problem);
    sink = std::move(made.sink);
    sink->open(position);
    handed = 0;
  }

  void add(const Sample& sample) { outbox.push_back(row_of(next_row++, sample, now)); }

  Turn turn() {
    std::vector<store::OutboxRow> fresh;
    const size_t room = sink->room();
    for (const store::OutboxRow& row : outbox)
      if (row.row > handed && fresh.size() < room) fresh.push_back(row);
    if (!fresh.empty()) handed = fresh.back().row;
    Turn turn = sink->turn(std::move(fresh));
    for (const int64_t row : turn.delivered) remove(row);
    for (const SetAside& aside : turn.set_aside) {
      remove(aside.row);
      set_aside.push_back(aside);
    }
    if (turn.position) position = *turn.position;
    if (turn.tried) tried.push_back(*turn.tried);
    if (turn.works) works = true;
    if (turn.trouble) {
      troubles.push_back(*turn.trouble);
      works = false;
    }
    wake = turn.wake;
    return turn;
  }

  // Turns for so long, the clock going from one moment of waking to the next.
  void run(int64_t span) {
    const int64_t end = now + span;
    for (;;) {
      turn();
      const bool more = !outbox.empty() && handed < outbox.back().row && sink->room() > 0;
      if (more) continue;
      if (!wake || *wake > end) break;
      now = std::max(now, *wake);
    }
    now = end;
  }

  void remove(int64_t row) {
    const size_t before = outbox.size();
    std::erase_if(outbox, [&](const store::OutboxRow& other) { return other.row == row; });
    CHECK_MESSAGE(outbox.size() + 1 == before, "row ", row, " left the outbox twice");
  }

  std::shared_ptr<Receiver> receiver = std::make_shared<Receiver>();
  std::unique_ptr<PacedSink> sink;
  int64_t now = kStart, next_row = 1, handed = 0;
  double random = 0.5;
  std::deque<store::OutboxRow> outbox;
  std::vector<SetAside> set_aside;
  std::vector<SinkTrouble> troubles;
  std::vector<store::Tried> tried;
  bool works = false;  // since the last trouble
  store::SinkPosition position;
  std::optional<int64_t> wake;
};

// A route that everything takes.
inline Route folding(std::vector<std::string> by, int64_t repeat, int64_t wait = 0) {
  Route route;
  route.grouping = {std::move(by), wait, repeat, std::nullopt};
  return route;
}
inline Route guarding(uint64_t storm_per_minute) {
  Route route;
  route.grouping.storm_per_minute = storm_per_minute;
  return route;
}

inline NetworkSinkConfig slack_config() {
  NetworkSinkConfig config;
  config.type = SinkType::slack;
  config.url = "https://hooks.slack.com/services/T000/B000/very-secret";
  return config;
}
inline NetworkSinkConfig pagerduty_config() {
  NetworkSinkConfig config;
  config.type = SinkType::pagerduty;
  config.routing_key = "0123456789abcdef0123456789abcdef";
  return config;
}
inline NetworkSinkConfig webhook_config() {
  NetworkSinkConfig config;
  config.type = SinkType::webhook;
  config.url = "https://alerts.example.com/in?token=hidden";
  config.secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  return config;
}

}  // namespace weir::deliver::testing
