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

namespace weir::deliver {

enum class SinkType : uint8_t { slack, pagerduty, webhook };

// What does not belong to the type must be empty.
struct NetworkSinkConfig {
  SinkType type = SinkType::slack;
  std::string url;          // slack, webhook: needed; pagerduty: in place of the one of the United States
  std::string routing_key;  // pagerduty: 32 characters
  std::vector<std::string> secrets;                          // webhook
  std::vector<std::pair<std::string, std::string>> headers;  // webhook
  BodyFormat format = BodyFormat::weir;                      // webhook
  bool final_only = false;
  std::optional<Pace> pace;  // slack 60 a minute, pagerduty 60, webhook 1,200
  std::vector<std::string> group_by;
  int64_t wait = 0, repeat = 0;              // microseconds; repeat needs group_by
  std::optional<uint64_t> storm_per_minute;  // slack and pagerduty 100, webhook 0: no guard
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

// The line of an alert that says it is a test, for `weir sink test`. `now`: microseconds since 1970.
std::string test_alert(int64_t now);

}  // namespace weir::deliver
