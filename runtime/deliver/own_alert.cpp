// See own_alert.h.
#include "runtime/deliver/own_alert.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/correlate/identity.h"
#include "runtime/ingest/json_walk.h"
#include "runtime/match/functions.h"
#include "runtime/match/json_object.h"

namespace weir::deliver {

bool is_own_alert(std::string_view line) {
  for (ingest::Members member(line); member.next();)
    if (member.key == "rule") return member.value.size() > 1 && is_own_rule(member.value.substr(1));
  return false;
}

std::string own_alert_id(const OwnAlert& alert) {
  const correlate::Identity128 id =
      correlate::identity_of(fmt::format("{}\n{}\n{}", alert.rule, alert.subject, alert.since));
  return fmt::format("{:016x}{:016x}", id.high, id.low);
}

std::string own_alert_json(const OwnAlert& alert) {
  const std::string time = match::format_time(alert.since);
  match::JsonObject window, key, out;
  window.text("from", time);
  window.text("to", time);
  window.number("events", 0);
  if (!alert.subject.empty()) key.text("sink", alert.subject);
  out.text("id", own_alert_id(alert));
  out.text("state", alert.state);
  out.raw("replaces", "null");
  out.text("time", time);
  out.text("rule", alert.rule);
  out.raw("rule_id", "null");
  out.number("version", 1);
  out.text("title", alert.title);
  out.text("level", alert.level);
  out.text("message", alert.message);
  out.texts("mitre", {});
  out.texts("tags", {});
  out.text("source", "weir");
  out.raw("key", key.done());
  out.raw("window", window.done());
  out.raw("event", "{}");
  if (!alert.response.empty()) out.text("response", alert.response);
  return out.done();
}

store::AlertRow own_alert_row(const OwnAlert& alert, const Routing& routing, const std::string& except) {
  static const std::vector<std::string> no_tags;
  const auto* end = match::kLevelNames + match::kLevels;
  const auto* named = std::find(match::kLevelNames, end, alert.level);
  const auto level =
      static_cast<uint8_t>(std::min<std::ptrdiff_t>(named - match::kLevelNames, match::kLevels - 1));
  store::AlertRow row{own_alert_id(alert), alert.state, own_alert_json(alert),
                      routing.sinks_of({level, alert.rule, no_tags, "{}"})};
  std::erase(row.sinks, except);
  if (row.sinks.empty()) row.sinks = routing.sinks();
  std::erase(row.sinks, except);
  return row;
}

std::string test_alert(int64_t now) {
  OwnAlert alert;
  alert.rule = "weir.sink_test";
  alert.state = "final";
  alert.level = "informational";
  alert.title = "Test of this sink";
  alert.message = "If you can read this, alerts arrive here";
  alert.since = now;
  return own_alert_json(alert);
}

}  // namespace weir::deliver
