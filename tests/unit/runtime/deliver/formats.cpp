// What Slack, PagerDuty and webhooks are sent: their rules and limits, whatever the event says.
#include "runtime/deliver/alert_facts.h"
#include "runtime/deliver/network/ocsf.h"
#include "runtime/deliver/network/pagerduty.h"
#include "runtime/deliver/network/slack.h"
#include "runtime/deliver/network/webhook.h"
#include "runtime/deliver/own_alert.h"
#include "runtime/match/document.h"
#include "sample.h"

using namespace weir::deliver;
using namespace weir::deliver::testing;

namespace {

Message message_of(const Sample& sample, Message::Kind kind = Message::Kind::alert) {
  Message message;
  message.kind = kind;
  message.rows = {1};
  message.id = sample.id;
  message.state = sample.state;
  message.incident = sample.id;
  message.body = sample.line();
  message.first_at = kStart;
  return message;
}

Message digest_of(Message::Kind kind, int rules, int alerts) {
  Message message;
  message.kind = kind;
  message.group = "key.client=<10.0.0.5>";
  for (int i = 0; i < rules; ++i)
    message.digest.by_rule[fmt::format("rule_{:03}", i)] = {fmt::format("Rule <{}> & so on", i),
                                                            uint8_t(i % 5), 2};
  message.digest.alerts = static_cast<uint64_t>(alerts);
  message.digest.level = 4;
  message.digest.first_id = id_of(7);
  message.digest.from = message.digest.to = "2026-01-01T00:00:00Z";
  message.digest.last_message = "the last";
  return message;
}

// Every text of a Slack message within its limit, all `<` ours, and no more than 50 blocks.
void check_slack(const std::string& body) {
  const Json json(body);
  CHECK(body.size() < 13'000);
  size_t blocks = 0, bytes = 0;
  const auto texts = [&](auto&& self, simdjson::dom::element element, std::string_view type) -> void {
    if (element.is_array()) {
      for (auto item : weir::match::as_array(element)) self(self, item, type);
    } else if (element.is_object()) {
      std::string_view mine;
      if (element["type"].get(mine) == simdjson::SUCCESS) {
        blocks += mine == "section" || mine == "header" || mine == "context";
        type = mine == "mrkdwn" || mine == "plain_text" ? type : mine;
        simdjson::dom::array fields;
        if (mine == "section" && element["fields"].get(fields) == simdjson::SUCCESS)
          CHECK(fields.size() <= 10);
      }
      for (auto member : weir::match::as_object(element)) self(self, member.value, type);
    } else if (element.is_string()) {
      const std::string_view text = weir::match::as_text(element);
      bytes += text.size();
      CHECK(text.size() <= (type == "header" ? 150u : 3'000u));
      CHECK(text.size() > 0);
    }
  };
  texts(texts, json.root(), "");
  CHECK(blocks <= 50);
  CHECK(bytes < 12'000);
}

}  // namespace

TEST_CASE("slack: an alert's title, colour, message, facts and link") {
  const auto writer = slack_writer("https://hooks.slack.com/services/T/B/x");
  const HttpRequest request = *writer->write(message_of({}), kStart);
  CHECK(request.url == "https://hooks.slack.com/services/T/B/x");
  check_slack(request.body);
  const Json json(request.body);
  CHECK(json.text("/blocks/0/text/text") == "[HIGH] DNS tunnelling");
  CHECK(json.text("/blocks/1/text/text") == "10.0.0.5 asked for 100 names");
  CHECK(json.text("/attachments/0/color") == "#fb5607");
  CHECK(json.text("/attachments/0/blocks/0/fields/0/text") == "*client*\n10.0.0.5");
  CHECK(request.body.find("<https://example.com/why|reference>") != std::string::npos);
  CHECK(request.body.find("00000000000000000000000000000001") != std::string::npos);
}

TEST_CASE("slack: what an attacker writes stays text") {
  Sample sample;
  sample.message = "<!channel> <https://evil.example|click> & \"x\"\n*[CRITICAL]*\t\x01";
  sample.client = "<@U1>";
  sample.references = {"https://example.com/a|b>", "javascript:alert(1)", "https://ok.example/?a=1&b=2"};
  const std::string body = slack_writer("https://h.example/x")->write(message_of(sample), kStart)->body;
  check_slack(body);
  const Json json(body);
  CHECK(json.text("/blocks/1/text/text") ==
        "&lt;!channel&gt; &lt;https://evil.example|click&gt; &amp; \"x\" *[CRITICAL]* ");
  CHECK(json.text("/attachments/0/blocks/0/fields/0/text") == "*client*\n&lt;@U1&gt;");
  CHECK(body.find("<!channel") == std::string::npos);
  CHECK(body.find("javascript") == std::string::npos);
  CHECK(body.find("<https://ok.example/?a=1&amp;b=2|reference>") != std::string::npos);
}

TEST_CASE("slack: limits hold for the largest of alerts") {
  Sample sample;
  sample.message = sample.title = sample.client = std::string(100'000, '&');
  sample.references = std::vector<std::string>(20, "https://example.com/" + std::string(270, '&'));
  check_slack(slack_writer("https://h.example/x")->write(message_of(sample), kStart)->body);
  sample.message = "";
  for (int i = 0; i < 5'000; ++i) sample.message += "日本語";
  sample.title = sample.message;
  check_slack(slack_writer("https://h.example/x")->write(message_of(sample), kStart)->body);
  check_slack(slack_writer("https://h.example/x")
                  ->write(digest_of(Message::Kind::storm, 500, 100'000), kStart)
                  ->body);
}

TEST_CASE("slack: text is never cut inside a character or an entity") {
  CHECK(slack_text("abc", 3) == "abc");
  CHECK(slack_text("abcd", 6) == "abcd");
  CHECK(slack_text("&&&", 10) == "&amp;…");
  CHECK(slack_text("ééééé", 8) == "éé…");
  for (size_t bytes = 4; bytes < 40; ++bytes) {
    const std::string text = slack_text("<é&日本語>ab&&&<<<", bytes);
    CHECK(text.size() <= bytes);
    size_t at = 0;
    while ((at = text.find('&', at)) != std::string::npos) {
      const bool whole = text.compare(at, 5, "&amp;") == 0 || text.compare(at, 4, "&lt;") == 0 ||
                         text.compare(at, 4, "&gt;") == 0;
      CHECK_MESSAGE(whole, text);
      ++at;
    }
  }
}

TEST_CASE("slack: updates say what happened") {
  const auto writer = slack_writer("https://h.example/x");
  for (const auto& [state, word] :
       std::vector<std::pair<const char*, const char*>>{{"amended", "*Amended: [HIGH] DNS tunnelling*"},
                                                        {"withdrawn", "*Withdrawn: [HIGH] DNS tunnelling*"},
                                                        {"final", "*Final: [HIGH] DNS tunnelling*"}}) {
    Sample sample;
    sample.state = state;
    const std::string body = writer->write(message_of(sample, Message::Kind::update), kStart)->body;
    check_slack(body);
    CHECK(Json(body).text("/blocks/0/text/text").starts_with(word));
  }
}

TEST_CASE("slack: a digest counts by rule, the most severe first") {
  Message message = digest_of(Message::Kind::repeats, 3, 6);
  const std::string body = slack_writer("https://h.example/x")->write(message, kStart)->body;
  check_slack(body);
  const Json json(body);
  CHECK(json.text("/blocks/0/text/text") == "6 more alerts of key.client=&lt;10.0.0.5&gt;");
  CHECK(json.text("/attachments/0/color") == "#d00000");
  CHECK(json.text("/attachments/0/blocks/0/text/text")
            .starts_with("2 × Rule &lt;2&gt; &amp; so on (medium)\n2 × Rule &lt;1"));
}

TEST_CASE("pagerduty: a trigger has what the API asks for") {
  const auto writer = pagerduty_writer("0123456789abcdef0123456789abcdef");
  const HttpRequest request = *writer->write(message_of({}), kStart);
  CHECK(request.url == "https://events.pagerduty.com/v2/enqueue");
  const Json json(request.body);
  CHECK(json.text("/routing_key") == "0123456789abcdef0123456789abcdef");
  CHECK(json.text("/event_action") == "trigger");
  CHECK(json.text("/dedup_key") == id_of(1));
  CHECK(json.text("/payload/summary") == "DNS tunnelling: 10.0.0.5 asked for 100 names");
  CHECK(json.text("/payload/source") == "111122223333");
  CHECK(json.text("/payload/severity") == "error");
  CHECK(json.text("/payload/timestamp") == "2026-01-01T00:08:15Z");
  CHECK(json.text("/payload/custom_details/event/query_name") == "x.example.com");
  CHECK(json.text("/links/0/href") == "https://example.com/why");
}

TEST_CASE("pagerduty: levels are severities") {
  for (const auto& [level, severity] :
       std::vector<std::pair<const char*, const char*>>{{"informational", "info"},
                                                        {"low", "info"},
                                                        {"medium", "warning"},
                                                        {"high", "error"},
                                                        {"critical", "critical"}}) {
    Sample sample;
    sample.level = level;
    CHECK(Json(pagerduty_writer("k")->write(message_of(sample), kStart)->body).text("/payload/severity") ==
          severity);
  }
}

TEST_CASE("pagerduty: an event stays below 512 KB and its summary below 1,024") {
  Sample sample;
  sample.message = std::string(5'000, 'm');
  sample.event = R"({"eventName":"X","blob":")" + std::string(2'000'000, 'x') + R"("})";
  sample.references = std::vector<std::string>(3'000, "https://example.com/" + std::string(300, 'r'));
  const std::string body = pagerduty_writer("k")->write(message_of(sample), kStart)->body;
  CHECK(body.size() < 512'000);
  const Json json(body);
  CHECK(json.text("/payload/summary").size() <= 1'024);
  CHECK_FALSE(json.has("/payload/custom_details/event"));
  CHECK(json.text("/payload/custom_details/id") == id_of(1));
  CHECK(json.text("/payload/custom_details/left_out/0") == "event");
}

TEST_CASE("pagerduty: withdrawn resolves, final of what was told says nothing") {
  Sample sample;
  sample.state = "withdrawn";
  Message message = message_of(sample, Message::Kind::update);
  message.incident = id_of(9);
  const Json json(pagerduty_writer("k")->write(message, kStart)->body);
  CHECK(json.text("/event_action") == "resolve");
  CHECK(json.text("/dedup_key") == id_of(9));
  CHECK_FALSE(json.has("/payload"));
  sample.state = "final";
  CHECK_FALSE(pagerduty_writer("k")->write(message_of(sample, Message::Kind::update), kStart));
  CHECK(pagerduty_writer("k")->write(message_of(sample), kStart));
}

TEST_CASE("pagerduty: a 400 about the key is the sink's fault, not the event's") {
  const auto writer = pagerduty_writer("k");
  CHECK(writer->judge(answered(400, R"({"errors":["Length of 'routing_key' is incorrect"]})"), 0).verdict ==
        Verdict::refused);
  CHECK(writer->judge(answered(400, R"({"errors":["Invalid routing key"]})"), 0).verdict == Verdict::refused);
  CHECK(writer->judge(answered(400, R"({"errors":["'summary' is missing"]})"), 0).verdict ==
        Verdict::undeliverable);
  CHECK(writer->judge(answered(202), 0).verdict == Verdict::delivered);
}

TEST_CASE("webhook: signed as Standard Webhooks' own example") {
  // The vector of the specification's libraries.
  CHECK(webhook_signature({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                          1614265330,
                          R"({"test": 2432232314})") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST_CASE("webhook: id, time and one signature a secret") {
  NetworkSinkConfig config = webhook_config();
  config.secrets.push_back("whsec_" + std::string(40, 'A'));
  config.headers = {{"Authorization", "Bearer hidden"}};
  const auto writer = webhook_writer({config.url, config.secrets, config.headers, BodyFormat::weir});
  const Message message = message_of({});
  const HttpRequest first = *writer->write(message, kStart),
                    again = *writer->write(message, kStart + kMinute);
  const auto header = [](const HttpRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers)
      if (key == name) return value;
    return std::string("(none)");
  };
  CHECK(first.body == message.body);
  CHECK(header(first, "webhook-id") == id_of(1) + "-final");
  CHECK(header(again, "webhook-id") == header(first, "webhook-id"));
  CHECK(header(first, "webhook-timestamp") == "1767225600");
  CHECK(header(first, "Authorization") == "Bearer hidden");
  const std::string signature = header(first, "webhook-signature");
  CHECK(signature == webhook_signature(config.secrets, id_of(1) + "-final", 1767225600, message.body));
  CHECK(std::count(signature.begin(), signature.end(), ' ') == 1);
}

TEST_CASE("webhook: secrets and headers that cannot be are refused without being shown") {
  for (const std::string secret : {"abcdef", "whsec_", "whsec_!!!", "whsec_c2hvcnQ="}) {
    const std::string problem = problem_of_webhook({"https://x.example", {secret}, {}, BodyFormat::weir});
    CHECK_MESSAGE(problem != "", secret);
    CHECK(problem.find(secret) == (secret == "whsec_" ? problem.find("whsec_") : std::string::npos));
  }
  CHECK(problem_of_webhook({"https://x.example", {}, {{"X-A", "v\r\nX-B: 1"}}, BodyFormat::weir}) ==
        "the value of header X-A must be one line");
  CHECK(problem_of_webhook({"https://x.example", {}, {{"X A", "v"}}, BodyFormat::weir}) != "");
  CHECK(problem_of_webhook({"https://x.example", {}, {{"X-A", "v"}}, BodyFormat::weir}) == "");
}

TEST_CASE("digests: PagerDuty's and a webhook's") {
  const Message storm = digest_of(Message::Kind::storm, 80, 160);
  const Json event(pagerduty_writer("k")->write(storm, kStart)->body);
  CHECK(event.text("/payload/summary") == "160 alerts within a minute, told together");
  CHECK(event.text("/payload/severity") == "critical");
  CHECK(event.text("/dedup_key") == "digest-" + id_of(7));
  CHECK(event.size("/payload/custom_details/rules") == 51);
  const Json hook(
      webhook_writer({"https://x.example", {}, {}, BodyFormat::weir})->write(storm, kStart)->body);
  CHECK(hook.text("/digest") == "storm");
  CHECK(hook.number("/alerts") == 160);
  CHECK(hook.number("/rules/0/alerts") == 2);
}

namespace {

// The attributes that schema 1.8.0 requires of a Detection Finding and of the objects that we use in it.
void check_ocsf(const Json& json) {
  for (const char* number :
       {"/activity_id", "/category_uid", "/class_uid", "/type_uid", "/severity_id", "/time", "/status_id"})
    CHECK_MESSAGE(json.number(number) != INT64_MIN, number);
  CHECK(json.number("/class_uid") == 2004);
  CHECK(json.number("/category_uid") == 2);
  CHECK(json.number("/type_uid") == 200400 + json.number("/activity_id"));
  CHECK(json.text("/metadata/version") == "1.8.0");
  CHECK(json.text("/metadata/product/name") == "Weir");
  CHECK(json.text("/metadata/product/vendor_name") == "Weir");
  CHECK(json.has("/finding_info/uid"));
  CHECK(json.has("/finding_info/title"));
  CHECK(json.number("/finding_info/analytic/type_id") == 1);
  CHECK(json.size("/evidences") == 1);
  const bool artefact =
      json.has("/evidences/0/api") || json.has("/evidences/0/query") || json.has("/evidences/0/data");
  CHECK(artefact);
  if (json.has("/evidences/0/api")) CHECK(json.has("/evidences/0/api/operation"));
  if (json.has("/evidences/0/query")) CHECK(json.has("/evidences/0/query/hostname"));
  if (json.has("/cloud")) {
    CHECK(json.text("/cloud/provider") == "AWS");
    CHECK(json.text("/metadata/profiles/0") == "cloud");
  }
  simdjson::dom::array attacks;
  if (json.root().at_pointer("/finding_info/attacks").get(attacks) == simdjson::SUCCESS)
    for (auto attack : attacks) {
      const bool some =
          attack["tactic"].error() == simdjson::SUCCESS || attack["technique"].error() == simdjson::SUCCESS;
      CHECK(some);
    }
}

}  // namespace

TEST_CASE("ocsf: a finding of a DNS alert") {
  const Sample sample;
  const std::string line = sample.line();
  const Json json(ocsf_finding(*read_alert(line), "open", false, sample.id, kStart));
  check_ocsf(json);
  CHECK(json.number("/activity_id") == 1);
  CHECK(json.number("/severity_id") == 4);
  CHECK(json.number("/time") == 1767225600000);
  CHECK(json.number("/start_time") == 1767225600000);
  CHECK(json.text("/cloud/account/uid") == "111122223333");
  CHECK(json.text("/cloud/region") == "eu-west-1");
  CHECK(json.text("/finding_info/attacks/0/tactic/uid") == "TA0010");
  CHECK(json.text("/finding_info/attacks/1/technique/uid") == "T1048");
  CHECK(json.text("/finding_info/attacks/1/sub_technique/uid") == "T1048.003");
  CHECK(json.text("/evidences/0/query/hostname") == "x.example.com");
  CHECK(json.text("/evidences/0/src_endpoint/ip") == "10.0.0.5");
  CHECK(json.text("/evidences/0/data/query_type") == "TXT");
}

TEST_CASE("ocsf: a finding of an API call, amended and withdrawn") {
  Sample sample;
  sample.event =
      R"({"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","awsRegion":"us-east-1",)"
      R"("sourceIPAddress":"cloudformation.amazonaws.com","recipientAccountId":"444455556666",)"
      R"("userIdentity":{"type":"IAMUser","userName":"kim","arn":"arn:aws:iam::1:user/kim","principalId":"AIDA"}})";
  const std::string line = sample.line();
  const AlertFacts facts = *read_alert(line);
  const Json update(ocsf_finding(facts, "amended", true, id_of(2), kStart));
  check_ocsf(update);
  CHECK(update.number("/activity_id") == 2);
  CHECK(update.text("/finding_info/uid") == id_of(2));
  CHECK(update.text("/finding_info/uid_alt") == id_of(1));
  CHECK(update.text("/evidences/0/api/service/name") == "cloudtrail.amazonaws.com");
  CHECK(update.text("/evidences/0/actor/user/name") == "kim");
  CHECK(update.text("/evidences/0/src_endpoint/svc_name") == "cloudformation.amazonaws.com");
  const Json close(ocsf_finding(facts, "withdrawn", true, id_of(2), kStart));
  check_ocsf(close);
  CHECK(close.number("/activity_id") == 3);
  CHECK(close.number("/status_id") == 4);
}

TEST_CASE("ocsf: an alert about an empty event") {
  Sample sample;
  sample.event = "{}";
  const std::string line = sample.line();
  const Json json(ocsf_finding(*read_alert(line), "final", false, sample.id, kStart));
  check_ocsf(json);
  CHECK_FALSE(json.has("/cloud"));
}

TEST_CASE("alert facts: what is no alert is none") {
  for (const char* line : {"", "{}", "[]", "null", "{\"id\":\"1\"}",
                           "{\"id\":\"1\",\"rule\":\"r\",\"level\":\"odd\"}", "{\"id\":"})
    CHECK_FALSE_MESSAGE(read_alert(line), line);
  const std::string line = test_alert(kStart);
  const std::optional<AlertFacts> facts = read_alert(line);
  REQUIRE(facts);
  CHECK(facts->time == "2026-01-01T00:00:00Z");
  Json json(line);
}

TEST_CASE("alert facts: any prefix, and any byte changed, is read or refused") {
  const std::string line = Sample().line();
  for (size_t size = 0; size < line.size(); ++size) CHECK_FALSE(read_alert(line.substr(0, size)));
  for (size_t at = 0; at < line.size(); ++at)
    for (const char c : {'"', '\\', '{', ']', '\0', '\xff'}) {
      std::string changed = line;
      changed[at] = c;
      if (const std::optional<AlertFacts> facts = read_alert(changed))
        CHECK(ocsf_finding(*facts, "open", false, facts->id, kStart).size() > 0);
    }
}

TEST_CASE("alert facts: groups") {
  Sample sample;
  sample.client = "10.0.0.5\nrule=other";
  const std::string line = sample.line();
  const AlertFacts facts = *read_alert(line);
  CHECK(group_of(facts, {"rule", "key.client", "account", "fields.x"}) ==
        "rule=dns_tunnelling, key.client=10.0.0.5 rule=other, account=111122223333, fields.x=");
  CHECK(group_of(facts, {}) == "");
  CHECK(problem_of_group_by({"rule", "key", "key.client", "fields.a"}) == "");
  CHECK(problem_of_group_by({"host"}).find("not host") != std::string::npos);
  CHECK(problem_of_group_by({"key."}) != "");
}
