// See make_sink.h.
#include "runtime/deliver/network/make_sink.h"

#include <fmt/format.h>

#include <random>

#include "runtime/deliver/alert_facts.h"
#include "runtime/deliver/network/pagerduty.h"
#include "runtime/deliver/network/slack.h"
#include "runtime/process/clock.h"

namespace weir::deliver {
namespace {

constexpr uint64_t kMostStorm = 10'000;

struct Defaults {
  Pace pace;
  uint64_t storm_per_minute;
};

Defaults defaults_of(SinkType type) {
  switch (type) {
    case SinkType::slack:
      return {{60, 5}, 100};
    case SinkType::pagerduty:
      return {{60, 10}, 100};
    case SinkType::webhook:
      break;
  }
  return {{1'200, 100}, 0};
}

std::string problem_of_routing_key(const std::string& key) {
  const bool good = key.size() == 32 &&
                    key.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
                        std::string::npos;
  return good ? "" : "a routing key of PagerDuty has 32 letters and digits (Integrations, Events API V2)";
}

std::string problem_of(const NetworkSinkConfig& config, const std::string& url) {
  const bool webhook = config.type == SinkType::webhook;
  if (url.empty()) return "it needs an url";
  if (std::string problem = problem_of_url(url); !problem.empty()) return problem;
  if (config.type == SinkType::pagerduty) {
    if (std::string problem = problem_of_routing_key(config.routing_key); !problem.empty()) return problem;
  } else if (!config.routing_key.empty()) {
    return "only pagerduty has a routing_key";
  }
  if (!webhook && (!config.secrets.empty() || !config.headers.empty() || config.format != BodyFormat::weir))
    return "only a webhook has secrets, headers and a format";
  if (webhook) {
    if (std::string problem = problem_of_webhook({url, config.secrets, config.headers, config.format});
        !problem.empty())
      return problem;
  }
  if (config.pace && (config.pace->per_minute < 0 || config.pace->burst < 1))
    return "a pace is not negative, and its burst at least 1";
  return {};
}

std::unique_ptr<Writer> writer_of(const NetworkSinkConfig& config, const std::string& url) {
  switch (config.type) {
    case SinkType::slack:
      return slack_writer(url);
    case SinkType::pagerduty:
      return pagerduty_writer(config.routing_key, url);
    case SinkType::webhook:
      break;
  }
  return webhook_writer({url, config.secrets, config.headers, config.format});
}

}  // namespace

MadeSink make_sink(const NetworkSinkConfig& config) {
  const auto generator = std::make_shared<std::mt19937_64>(std::random_device{}());
  const auto random = [generator] { return std::uniform_real_distribution<double>(0, 1)(*generator); };
  return make_sink(config, {curl_transport(config.http), process::now_us, random});
}

MadeSink make_sink(const NetworkSinkConfig& config, SinkWorld world) {
  const std::string url =
      config.url.empty() && config.type == SinkType::pagerduty ? kPagerDutyUrl : config.url;
  if (std::string problem = problem_of(config, url); !problem.empty()) return {nullptr, std::move(problem)};
  for (const Route& route : config.routes)
    if (std::string problem = problem_of_grouping(route.grouping); !problem.empty())
      return {nullptr, std::move(problem)};
  const Defaults defaults = defaults_of(config.type);
  NetworkSink::Parts parts;
  parts.writer = writer_of(config, url);
  parts.transport = std::move(world.transport);
  if (folds(config)) {
    parts.routes = config.routes;
    parts.storm_per_minute = defaults.storm_per_minute;
  }
  parts.pace = config.pace.value_or(defaults.pace);
  parts.final_only = config.final_only;
  parts.clock = std::move(world.clock);
  parts.random = std::move(world.random);
  return {std::make_unique<NetworkSink>(std::move(parts)), {}};
}

bool folds(const NetworkSinkConfig& config) { return config.format == BodyFormat::weir; }

std::string problem_of_grouping(const Grouping& grouping) {
  if (std::string problem = problem_of_group_by(grouping.by); !problem.empty()) return problem;
  if (grouping.repeat < 0 || grouping.wait < 0) return "wait and repeat are not negative";
  if (grouping.by.empty() && (grouping.repeat > 0 || grouping.wait > 0))
    return "wait and repeat need group_by";
  if (!grouping.by.empty() && grouping.repeat == 0) return "group_by needs repeat, for example 4h";
  if (grouping.storm_per_minute.value_or(0) > kMostStorm)
    return fmt::format("a storm guard of more than {} alerts a minute guards nothing", kMostStorm);
  return {};
}

}  // namespace weir::deliver
