// An alert as an OCSF Detection Finding (class 2004) of schema 1.8.0, which readers of 1.1 and newer
// understand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/deliver/alert_facts.h"

namespace weir::deliver {

inline constexpr const char* kOcsfVersion = "1.8.0";

// `update`: it was told before. `incident`: the finding's uid, which an amended alert shares with the one it
// replaces. `made_at`: when the alert came up, microseconds since 1970. One line of JSON.
std::string ocsf_finding(const AlertFacts& facts, std::string_view state, bool update,
                         const std::string& incident, int64_t made_at);

}  // namespace weir::deliver
