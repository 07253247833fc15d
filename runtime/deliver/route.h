// Which sinks hear of an alert, and how: every route that fits it leads to its sinks, and without any route
// it goes to all of them. The first fitting route that names a sink says how that sink is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/match/program.h"

namespace weir::deliver {

// What of an alert is told together, by sinks that tell people (docs/sinks.md).
struct Grouping {
  std::vector<std::string> by;               // names of group_of(); empty: every alert alone
  int64_t wait = 0;                          // microseconds; Alertmanager's group_wait
  int64_t repeat = 0;                        // microseconds; Alertmanager's group_interval
  std::optional<uint64_t> storm_per_minute;  // 0: no guard; absent: what the sink has by itself
};

// Which alerts are meant. What is empty fits everything.
struct Which {
  bool levels[match::kLevels] = {true, true, true, true, true};
  std::vector<std::string> rules;     // names, with * and ?
  std::vector<std::string> accounts;  // of the event: recipientAccountId, account_id, userIdentity.accountId
  std::vector<std::string> tags;      // any of them
  bool operator==(const Which&) const = default;
};

struct Route : Which {
  std::vector<std::string> to;  // sinks
  Grouping grouping;
};

// `high`, `>=high`, `<low`: switches these levels on. False: it is no level.
bool add_levels(std::string_view text, bool (&levels)[match::kLevels]);
// `pattern` with * and ?.
bool name_fits(std::string_view name, const std::string& pattern);

// What routes go by.
struct RoutedAlert {
  uint8_t level = 0;
  std::string_view rule;
  const std::vector<std::string>& tags;
  std::string_view event;  // JSON
};
bool fits(const Which& which, const RoutedAlert& alert);

class Routing {
 public:
  Routing(std::vector<Route> routes, std::vector<std::string> sinks);
  // In the order of the sinks, each once.
  std::vector<std::string> sinks_of(const RoutedAlert& alert) const;
  std::vector<std::string> sinks_of(const match::Program& program, const correlate::Alert& alert) const;
  const std::vector<std::string>& sinks() const { return sinks_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::string> sinks_;
};

// The account that a record is about; empty when it says none.
std::string account_of(std::string_view event_json);

}  // namespace weir::deliver
