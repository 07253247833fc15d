// See pagerduty.h. An event of more than 512 KB is refused, so the record is left out of one that would be.
#include "runtime/deliver/network/pagerduty.h"

#include <algorithm>

#include "runtime/deliver/alert_facts.h"
#include "runtime/ingest/json_walk.h"
#include "runtime/match/json_object.h"

namespace weir::deliver {
namespace {

using match::JsonArray;
using match::JsonObject;

constexpr size_t kMostEvent = 500'000;
constexpr size_t kMostDetail = 10'000;  // bytes of one member of a shortened alert
constexpr size_t kMostSummary = 1'024, kMostKey = 255, kMostSource = 255, kMostLinks = 5, kRules = 50,
                 kMostNames = 50;

const char* severity_of(uint8_t level) {
  constexpr const char* kSeverities[] = {"info", "info", "warning", "error", "critical"};
  return kSeverities[std::min<size_t>(level, 4)];
}

// The alert without its record and whatever else is large, which is named.
std::string without_record(std::string_view line) {
  JsonObject out;
  std::vector<std::string> left_out;
  size_t size = 0;
  for (ingest::Members member(line); member.next();) {
    const bool fits = member.value.size() <= kMostDetail && size + member.value.size() <= kMostEvent / 2;
    if (fits && member.key != "event" && member.key != "steps") {
      size += member.value.size();
      out.raw(member.key, member.value);
    } else if (left_out.size() < kMostNames) {
      left_out.push_back(shortened(member.key, 100));
    }
  }
  out.texts("left_out", left_out);
  return out.done();
}

std::string links_of(const AlertFacts& facts) {
  JsonArray links;
  size_t count = 0;
  for (const std::string& reference : facts.references) {
    if (!(reference.starts_with("https://") || reference.starts_with("http://")) || count == kMostLinks)
      continue;
    ++count;
    JsonObject link;
    link.text("href", shortened(reference, 2'000));
    link.text("text", "Reference of the rule");
    links.raw(link.done());
  }
  return links.done();
}

class PagerDuty final : public Writer {
 public:
  PagerDuty(std::string routing_key, std::string url) : key_(std::move(routing_key)), url_(std::move(url)) {}

  std::optional<HttpRequest> write(const Message& message, int64_t) const override {
    HttpRequest request{url_, {{"Content-Type", "application/json"}}, {}};
    if (message.kind == Message::Kind::repeats || message.kind == Message::Kind::storm) {
      if (message.digest.alerts == 0) return std::nullopt;
      request.body = digest_json(message);
      return request;
    }
    // Somebody may have resolved the incident since it was opened: a second trigger would page again.
    if (message.kind == Message::Kind::update && message.state == "final") return std::nullopt;
    if (message.state == "withdrawn") {
      request.body = event("resolve", message.incident).done();
      return request;
    }
    const std::optional<AlertFacts> facts = read_alert(message.body);
    if (!facts) return std::nullopt;
    request.body = trigger_json(*facts, message.incident, message.body);
    if (request.body.size() > kMostEvent)
      request.body = trigger_json(*facts, message.incident, without_record(message.body));
    return request;
  }

  // A resolve that was folded away would leave its incident open.
  bool updates_must_go() const override { return true; }

  // It answers 400 to a routing key that it does not know, too; that is not this event's fault.
  Judgement judge(const HttpAnswer& answer, int64_t now) const override {
    Judgement judgement = deliver::judge(answer, now);
    const bool about_key = answer.body.find("routing_key") != std::string::npos ||
                           answer.body.find("outing key") != std::string::npos;
    if (judgement.verdict == Verdict::undeliverable && about_key) judgement.verdict = Verdict::refused;
    return judgement;
  }

  std::vector<std::string> secrets() const override { return {key_}; }

 private:
  JsonObject event(std::string_view action, std::string_view dedup_key) const {
    JsonObject event;
    event.text("routing_key", key_);
    event.text("event_action", action);
    event.text("dedup_key", shortened(dedup_key, kMostKey));
    return event;
  }

  std::string trigger_json(const AlertFacts& facts, const std::string& incident,
                           std::string_view details) const {
    const std::string summary = facts.message.empty() ? facts.title : facts.title + ": " + facts.message;
    JsonObject payload;
    payload.text("summary", shortened(one_line(summary), kMostSummary));
    payload.text("source", shortened(facts.account.empty() ? facts.source : facts.account, kMostSource));
    payload.text("severity", severity_of(facts.level));
    payload.text("timestamp", facts.time);
    payload.text("component", facts.source);
    payload.text("class", facts.rule);
    payload.raw("custom_details", details);
    JsonObject event = this->event("trigger", incident);
    event.text("client", "Weir");
    event.raw("payload", payload.done());
    event.raw("links", links_of(facts));
    return event.done();
  }

  std::string digest_json(const Message& message) const {
    const Digest& digest = message.digest;
    JsonObject details;
    details.number("alerts", digest.alerts);
    details.number("updates", digest.updates);
    details.texts("rules", rules_of(digest, kRules));
    details.text("from", digest.from);
    details.text("to", digest.to);
    details.text("last", digest.last_message);
    JsonObject payload;
    payload.text("summary", shortened(headline_of(message), kMostSummary));
    payload.text("source",
                 digest.account.empty() ? std::string("weir") : shortened(digest.account, kMostSource));
    payload.text("severity", severity_of(digest.level));
    payload.raw("custom_details", details.done());
    JsonObject event = this->event("trigger", "digest-" + digest.first_id);
    event.text("client", "Weir");
    event.raw("payload", payload.done());
    return event.done();
  }

  std::string key_, url_;
};

}  // namespace

std::unique_ptr<Writer> pagerduty_writer(std::string routing_key, std::string url) {
  return std::make_unique<PagerDuty>(std::move(routing_key), std::move(url));
}

}  // namespace weir::deliver
