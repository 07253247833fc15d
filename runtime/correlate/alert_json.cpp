// The record of an alert (language.md, 10): one line, keys in one order, nothing that depends on the machine.
#include <fmt/format.h>

#include "runtime/correlate/alert.h"
#include "runtime/match/functions.h"
#include "runtime/match/json_object.h"

namespace weir::correlate {
namespace {

using match::JsonObject;

std::string window_of(const Alert& alert) {
  const Alert::Window of_one_event{alert.order.time};
  const Alert::Window& seen = alert.window ? *alert.window : of_one_event;
  JsonObject window;
  window.text("from", match::format_time(seen.from));
  window.text("to", match::format_time(alert.order.time));
  window.number("events", seen.events);
  return window.done();
}

// What stands in for the rule when Weir says something about one.
const match::RuleInfo& own_rule() {
  static const match::RuleInfo own = [] {
    match::RuleInfo rule;
    rule.title = "The state of a rule is full";
    rule.status = "stable";
    rule.description =
        "A rule over many events needed more room than it has: groups that were active longest ago were "
        "forgotten, and what they knew is lost.";
    rule.response =
        "See which key of the rule others can choose, and group by something that they cannot; or give the rule "
        "more room: `state: 256MiB` in its correlation.";
    return rule;
  }();
  return own;
}

}  // namespace

std::string to_json(const match::Program& program, const Alert& alert) {
  const match::RuleInfo& rule = alert.about.empty() ? program.rules[alert.rule] : own_rule();
  const std::string time = match::format_time(alert.order.time);
  JsonObject json;
  json.text("id", alert.id);
  json.text("state", alert.state);
  json.text_or_null("replaces", alert.replaces.value_or(""));
  json.text("time", time);
  json.text("rule", alert.about.empty() ? rule.name : alert.about);
  json.text_or_null("rule_id", rule.id);
  json.raw("version", fmt::to_string(rule.version));
  json.text_or_null("status", rule.status);
  json.text("title", rule.title);
  json.text("level", match::kLevelNames[alert.level]);
  json.text("message", alert.message);
  json.texts("mitre", rule.mitre);
  json.texts("tags", rule.tags);
  json.text_or_null("author", rule.author);
  json.text("source", alert.order.source);
  json.named("key", alert.key);
  json.raw("window", window_of(alert));
  json.named("values", alert.values);
  json.raw("approx", alert.approx ? "true" : "false");
  json.raw("learning", alert.learning ? "true" : "false");
  json.number("held_back", alert.held_back);
  json.named("fields", alert.fields);
  json.raw("event", alert.event.empty() ? "{}" : std::string_view(alert.event));
  json.named("steps", alert.steps);
  json.text_or_null("description", rule.description);
  json.text_or_null("response", rule.response);
  json.texts("falsepositives", rule.falsepositives);
  json.texts("references", rule.references);
  return json.done();
}

}  // namespace weir::correlate
