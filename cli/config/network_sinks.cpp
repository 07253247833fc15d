// See network_sinks.h.
#include "cli/config/network_sinks.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::config {
namespace {

constexpr uint64_t kMostPerMinute = 1'000'000;
constexpr int64_t kLongestTimeout_us = 120'000'000;

// `{name: value}`, where values may be secrets.
std::vector<std::pair<std::string, std::string>> headers_of(Reader& reader, const Node& node) {
  std::vector<std::pair<std::string, std::string>> out;
  if (node.kind != Node::Kind::map) {
    reader.add(dsl::Code::E903, "`headers` is a map from names to values", node.span);
    return out;
  }
  for (const auto& [name, value] : node.members)
    if (std::optional<std::string> text = reader.secret(value)) out.emplace_back(name.text, std::move(*text));
  return out;
}

deliver::BodyFormat format_of(Reader& reader, const Node& node) {
  const std::string written = reader.text(node).value_or("weir");
  if (written == "ocsf") return deliver::BodyFormat::ocsf;
  if (written != "weir")
    reader.add(dsl::Code::E903, fmt::format("no format is named `{}`", written), node.span)
        .help("the formats are `weir` and `ocsf`");
  return deliver::BodyFormat::weir;
}

}  // namespace

bool read_states(Reader& reader, const Node& node) {
  const std::string written = reader.text(node).value_or("all");
  if (written != "all" && written != "final")
    reader.add(dsl::Code::E903, fmt::format("`{}` is not `all` or `final`", written), node.span)
        .help("`all`: open, amended, withdrawn and final; `final`: only what will not change any more");
  return written == "final";
}

deliver::Grouping read_grouping(Reader& reader, Section& section) {
  deliver::Grouping out;
  if (const Node* keys = section.find("group_by")) out.by = reader.texts(*keys).value_or(out.by);
  if (const Node* wait = section.find("wait")) out.wait = reader.duration_us(*wait).value_or(0);
  if (const Node* repeat = section.find("repeat")) out.repeat = reader.duration_us(*repeat).value_or(0);
  if (const Node* storm = section.find("storm"))
    out.storm_per_minute = reader.number(*storm, 0, kMostPerMinute);
  return out;
}

deliver::NetworkSinkConfig read_network_sink(Reader& reader, Section& section, deliver::SinkType type) {
  using deliver::SinkType;
  deliver::NetworkSinkConfig out;
  out.type = type;
  const Node* const url = type == SinkType::pagerduty ? section.find("url") : section.require("url");
  if (url) out.url = reader.secret(*url).value_or("");
  if (type == SinkType::pagerduty)
    if (const Node* key = section.require("routing_key")) out.routing_key = reader.secret(*key).value_or("");
  if (type == SinkType::webhook) {
    if (const Node* secrets = section.find("secrets")) out.secrets = reader.secrets(*secrets);
    if (const Node* headers = section.find("headers")) out.headers = headers_of(reader, *headers);
    if (const Node* format = section.find("format")) out.format = format_of(reader, *format);
  }
  if (const Node* states = section.find("states")) out.final_only = read_states(reader, *states);
  if (const Node* pace = section.find("per_minute")) {
    const uint64_t per_minute = reader.number(*pace, 1, kMostPerMinute).value_or(60);
    out.pace =
        deliver::Pace{.per_minute = double(per_minute), .burst = std::max(1.0, double(per_minute) / 12)};
  }
  for (const char* key : {"group_by", "wait", "repeat", "storm"})
    section.elsewhere(key, "it is a key of a route: `routes: [{to: chat, group_by: [rule], repeat: 4h}]`");
  if (const Node* file = section.find("ca_file")) out.http.ca_file = reader.text(*file).value_or("");
  if (const Node* timeout = section.find("timeout"))
    if (const auto us = reader.duration_us(*timeout))
      out.http.whole_ms = std::clamp<int64_t>(*us, 1'000'000, kLongestTimeout_us) / 1'000;
  return out;
}

}  // namespace weir::config
