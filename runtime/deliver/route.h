// Which sinks hear of an alert: every route that fits it, and without any route every sink.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/correlate/alert.h"
#include "runtime/match/program.h"

namespace weir::deliver {

// What is empty fits everything.
struct Route {
  bool levels[match::kLevels] = {true, true, true, true, true};
  std::vector<std::string> rules;     // names, with * and ?
  std::vector<std::string> accounts;  // of the event: recipientAccountId, account_id, userIdentity.accountId
  std::vector<std::string> tags;      // any of them
  std::vector<std::string> to;        // sinks
};

class Routing {
 public:
  Routing(std::vector<Route> routes, std::vector<std::string> sinks);
  // In the order of the sinks, each once.
  std::vector<std::string> sinks_of(const match::Program& program, const correlate::Alert& alert) const;

 private:
  std::vector<Route> routes_;
  std::vector<std::string> sinks_;
};

// The account that a record is about; empty when it says none.
std::string account_of(std::string_view event_json);

}  // namespace weir::deliver
