// From a match to the candidate of an alert: everything that is evaluated while the event is at hand.
#include "runtime/correlate/alert.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/correlate/on_source.h"
#include "runtime/match/json.h"

namespace weir::correlate {
namespace {

std::string message_of(const Evaluation& evaluation, const match::RuleOnSource& on) {
  std::string out;
  for (const match::MessagePiece& piece : on.message)
    out += piece.kind == match::MessagePiece::Kind::text ? piece.text : evaluation.text(piece.root);
  return out;
}

}  // namespace

Alert eviction_alert(const match::Program& program, uint32_t rule, int64_t time, uint64_t evicted) {
  const std::string& name = program.rules[rule].name;
  Alert alert;
  alert.rule = rule;
  alert.about = match::kEvictionName;
  alert.level = 2;
  alert.order = {time, "alert", match::kEvictionName + (" " + name)};
  match::append_json_string(alert.event, name);
  alert.key = {{"rule", alert.event}};
  alert.event = fmt::format(R"({{"rule":{},"evicted":{}}})", alert.event, evicted);
  alert.key_identity = name;
  alert.message = fmt::format("{} had no room for all its groups: {} were forgotten", name, evicted);
  alert.values = {{"evicted", fmt::to_string(evicted)}};
  alert.id = alert_id(program.rules[rule], alert, 0);
  return alert;
}

Alert make_alert(const match::Program& program, uint32_t rule, const match::Decoder& decoder,
                 rt_scratch* scratch, std::string where) {
  const match::RuleInfo& info = program.rules[rule];
  const rt_event& event = decoder.event();
  Alert alert;
  alert.rule = rule;
  alert.level = info.level;
  alert.order.time = event.time;
  alert.order.source = program.sources[event.source].name;
  alert.order.id = decoder.id();
  if (alert.order.id.empty()) alert.order.id = fmt::format("{:016x}", decoder.canonical_hash());
  alert.event = decoder.compact_json();
  alert.where = std::move(where);

  const match::RuleOnSource* on = on_source(info, event.source);
  if (!on) return alert;
  Evaluation evaluation(program, event, scratch);
  alert.message = message_of(evaluation, *on);
  alert.fields = evaluation.named(on->fields);
  alert.derived = evaluation.named(on->derived);
  alert.key = evaluation.named(on->suppress_by);
  for (const match::NamedRoot& by : on->suppress_by) {
    append_identity(evaluation.values(by.root), by.identity, alert.key_identity);
  }
  for (const auto& [level, condition] : on->level_cases) {
    if (evaluation.holds(condition)) alert.level = level;
  }
  return alert;
}

}  // namespace weir::correlate
