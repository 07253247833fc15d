// An open alert is heard as the final one that it would be, so that nothing changes when it becomes final.
#include "runtime/correlate/heard.h"

#include <algorithm>

#include "runtime/match/decode.h"

namespace weir::correlate {

bool hears_alerts(const match::Program& program, const match::RuleInfo& rule) {
  return std::any_of(rule.sources.begin(), rule.sources.end(),
                     [&](const match::RuleOnSource& on) { return program.sources[on.source].is_alert; });
}

std::string heard_line(const match::Program& program, const Alert& alert) {
  std::string more;
  for (const auto& [name, json] : alert.derived)
    if (json != "null") more += (more.empty() && alert.event.size() <= 2 ? "\"" : ",\"") + name + "\":" + json;
  if (more.empty() || alert.event.empty()) return to_json(program, alert);
  Alert shown = alert;
  shown.event.insert(shown.event.size() - 1, more);
  return to_json(program, shown);
}

StoredEvent heard_event(std::string_view line, uint16_t source) {
  StoredEvent event;
  event.source = source;
  event.size = line.size();
  event.record = line;
  event.record.resize(line.size() + match::kPadding);
  return event;
}

}  // namespace weir::correlate
