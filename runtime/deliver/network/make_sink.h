// A network sink from what its configuration says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/deliver/network/http.h"
#include "runtime/deliver/network/network_sink.h"
#include "runtime/deliver/network/webhook.h"
#include "runtime/deliver/route.h"

namespace weir::deliver {

enum class SinkType : uint8_t { slack, pagerduty, webhook };

// What does not belong to the type must be empty.
// Slack and PagerDuty guard against storms of more than 100 alerts a minute of a route; a webhook does not.
struct NetworkSinkConfig {
  SinkType type = SinkType::slack;
  std::string url;          // slack, webhook: needed; pagerduty: in place of the one of the United States
  std::string routing_key;  // pagerduty: 32 characters
  std::vector<std::string> secrets;                          // webhook
  std::vector<std::pair<std::string, std::string>> headers;  // webhook
  BodyFormat format = BodyFormat::weir;                      // webhook
  bool final_only = false;
  std::optional<Pace> pace;   // slack 60 a minute, pagerduty 60, webhook 1,200
  std::vector<Route> routes;  // those that lead to it: they say what is folded
  HttpOptions http;
};

struct MadeSink {
  std::unique_ptr<PacedSink> sink;  // null when there is a problem
  std::string problem;              // a sentence without secrets
};
MadeSink make_sink(const NetworkSinkConfig& config);

// The same with the world handed in.
struct SinkWorld {
  std::unique_ptr<Transport> transport;
  Clock clock;
  Random random;
};
MadeSink make_sink(const NetworkSinkConfig& config, SinkWorld world);

// Whether it tells people, so that alerts may be folded into one message: slack, pagerduty, and a webhook in
// the format `weir`.
bool folds(const NetworkSinkConfig& config);

// A sentence when a route's grouping cannot be; empty when it can.
std::string problem_of_grouping(const Grouping& grouping);

}  // namespace weir::deliver
