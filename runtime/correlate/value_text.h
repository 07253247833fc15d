// How values of events are printed in alerts: as text in messages, as JSON in fields and keys, and as the
// bytes that say which values are the same.
#pragma once

#include <string>

#include "runtime/match/abi.h"
#include "runtime/match/program.h"

namespace weir::correlate {

// Text as it is, numbers canonical, times as they were written, objects their compact JSON.
void append_text(const rt_value& value, std::string& out);
void append_json(const rt_value& value, std::string& out);

// One value as itself, several as an array, none as null.
std::string json_of(rt_list list);

// Equal for equal values and different for others: 5 and 5.0 are one number, "5" is a text; domains and
// addresses by what they name.
void append_identity(rt_list list, match::Identity identity, std::string& out);

}  // namespace weir::correlate
