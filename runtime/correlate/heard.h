// Alerts as events: what rules whose source is `alert` read (language.md, 6, Chains).
#pragma once

#include <string>
#include <string_view>

#include "runtime/correlate/alert.h"
#include "runtime/correlate/row.h"
#include "runtime/match/program.h"

namespace weir::correlate {

bool hears_alerts(const match::Program& program, const match::RuleInfo& rule);

// The alert as one line of JSON; what the schema derives stands among the fields of its event. It is that of
// a final alert, whatever its state.
std::string heard_line(const match::Program& program, const Alert& alert);

// The line as a record of that source, to be decoded.
StoredEvent heard_event(std::string_view line, uint16_t source);

}  // namespace weir::correlate
