// What Weir says about itself, as an alert like any other: rule `weir.NAME`, source `weir`. It is told open
// when it begins and withdrawn when it is over, so that an incident at PagerDuty resolves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/deliver/route.h"
#include "runtime/store/commit.h"

namespace weir::deliver {

struct OwnAlert {
  std::string rule;     // with its `weir.`
  std::string subject;  // what it is about: a sink; it is the alert's key
  std::string state = "open";
  std::string level = "high";
  std::string title, message, response;
  int64_t since = 0;  // microseconds since 1970: its time, and with rule and subject its identity
};

// Of an alert's line.
bool is_own_alert(std::string_view line);
inline bool is_own_rule(std::string_view rule) { return rule.starts_with("weir."); }

std::string own_alert_id(const OwnAlert& alert);
// One line of JSON (language.md, 10).
std::string own_alert_json(const OwnAlert& alert);

// To the sinks that the routes say, but never to `except`; to all others when that is nobody.
store::AlertRow own_alert_row(const OwnAlert& alert, const Routing& routing, const std::string& except = {});

// What begins or ends puts this into one commit.
struct News {
  std::optional<store::Delivery> note;  // where it is remembered: a position of no sink
  std::vector<store::AlertRow> alerts;
};

// The line of an alert that says it is a test, for `weir sink test`. `now`: microseconds since 1970.
std::string test_alert(int64_t now);

}  // namespace weir::deliver
