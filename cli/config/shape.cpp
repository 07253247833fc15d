// See shape.h. Bounds and defaults stand in the reader, too: a test holds both against each other.
#include "cli/config/shape.h"

#include <algorithm>
#include <cassert>
#include <initializer_list>

namespace weir::config {
namespace {

using Kind = Key::Kind;
constexpr bool kRequired = true;

const Key kEvents{"events", Kind::text,
                      "The source of the rules that every record is of: cloudtrail, resolver, public_dns. Without it each record is recognised"};

Key type_key(const char* type) { return {"type", Kind::choice, "What kind it is", kRequired, nullptr, 0, 0, {type}, {}}; }

Shape source(const char* type, std::initializer_list<Key> keys) {
  Shape out{type, {type_key(type)}, {}};
  out.keys.insert(out.keys.end(), keys);
  out.keys.push_back(kEvents);
  return out;
}

Shape listener(const char* type, const char* secret, const char* secret_says, const char* path) {
  return source(type, {{"listen", Kind::text, "An address and a port: 0.0.0.0:8443. Where others can reach it, a secret is needed", kRequired},
                       {"path", Kind::text, "Of the URL", false, path},
                       {secret, Kind::secrets, secret_says},
                       {"tls", Kind::section, "HTTPS", false, nullptr, 0, 0, {}, {&tls_shape()}}});
}

const Key kStates{"states", Kind::choice, "all: open, amended, withdrawn and final; final: only what will not change any more",
                  false, "all", 0, 0, {"all", "final"}, {}};

Shape network_sink(const char* type, std::initializer_list<Key> own, const char* per_minute) {
  Shape out{type, {type_key(type)}, {}};
  out.keys.insert(out.keys.end(), own);
  const Key shared[] = {
      kStates,
      {"per_minute", Kind::number, "Messages that it is sent at most", false, per_minute, 1, 1'000'000, {}, {}},
      {"ca_file", Kind::text, "Certificates that are trusted besides the system's: a PEM file"},
      {"timeout", Kind::duration, "For one request; between 1 s and 2 min"}};
  out.keys.insert(out.keys.end(), std::begin(shared), std::end(shared));
  return out;
}

}  // namespace

const Key* Shape::find(std::string_view key) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& one) { return one.name == key; });
  return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> Shape::names() const {
  std::vector<std::string> out;
  for (const Key& key : keys) out.emplace_back(key.name);
  return out;
}

const Shape& tls_shape() {
  static const Shape shape{"tls", {{"certificate", Kind::text, "A PEM file: the certificate with its chain", kRequired},
                                   {"key", Kind::text, "A PEM file: the certificate's key", kRequired}}};
  return shape;
}

const Shape& secret_shape() {
  static const Shape shape{"secret", {{"env", Kind::text, "The variable that holds the secret"},
                                      {"file", Kind::text, "The file that holds the secret"}}};
  return shape;
}

const std::vector<const Shape*>& source_shapes() {
  static const Key path{"path", Kind::texts, "Folders and files, relative to the folder of this file", kRequired};
  static const Shape spool = source("spool", {path}),
                     files = source("files", {path, {"mode", Kind::choice, "once: what is there now; spool: new files, too; tail: files that grow",
                                                     false, "spool", 0, 0, {"once", "spool", "tail"}, {}}}),
                     standard_input = source("stdin", {}),
                     firehose = listener("firehose", "access_key", "What Firehose is told as its access key; any of several", "/firehose"),
                     http = listener("http", "token", "What follows `Authorization: Bearer`; any of several", "/ingest");
  static const std::vector<const Shape*> all = {&spool, &files, &standard_input, &firehose, &http};
  return all;
}

const std::vector<const Shape*>& sink_shapes() {
  static const Shape standard_output{"stdout", {type_key("stdout"), kStates}};
  static const Shape file{"file", {type_key("file"), {"path", Kind::text, "One alert a line, each exactly once; SIGHUP opens it anew", kRequired}, kStates}};
  static const Shape slack = network_sink("slack", {{"url", Kind::secret, "The incoming webhook's address", kRequired}}, "60");
  static const Shape pagerduty = network_sink(
      "pagerduty", {{"routing_key", Kind::secret, "The integration key: 32 letters and digits", kRequired},
                    {"url", Kind::secret, "Another address than that of the United States"}}, "60");
  static const Shape webhook = network_sink(
      "webhook", {{"url", Kind::secret, "Where to POST", kRequired},
                  {"secrets", Kind::secrets, "What signs: whsec_ and base64; several while one is replaced"},
                  {"headers", Kind::headers, "Further fields of the request"},
                  {"format", Kind::choice, "weir, or ocsf: Detection Finding 2004", false, "weir", 0, 0, {"weir", "ocsf"}, {}}},
      "1200");
  static const std::vector<const Shape*> all = {&standard_output, &file, &slack, &pagerduty, &webhook};
  return all;
}

const Shape& shape_named(const std::vector<const Shape*>& shapes, std::string_view type) {
  const auto found = std::find_if(shapes.begin(), shapes.end(), [&](const Shape* shape) { return shape->name == type; });
  assert(found != shapes.end());
  return **found;
}

const Shape& route_shape() {
  static const Shape shape{"route", {{"level", Kind::levels, "Levels: high, \">=high\", or a list"},
                                     {"rule", Kind::texts, "Names of rules, with * and ?"},
                                     {"account", Kind::texts, "Accounts that the event is about: twelve digits, with * and ?; quoted, for they may begin with 0"},
                                     {"tag", Kind::texts, "Tags of rules: any of them"},
                                     {"to", Kind::texts, "Sinks", kRequired},
                                     {"group_by", Kind::texts, "What is folded into one message: rule, level, title, source, account, mitre, key, key.NAME, fields.NAME"},
                                     {"wait", Kind::duration, "So long the first alert of a group waits for others"},
                                     {"repeat", Kind::duration, "So long alerts of a group that was told are folded"},
                                     {"storm", Kind::number, "Alerts a minute beyond which one message sums up the rest; 0: never", false, nullptr, 0, 10'000, {}, {}}},
                           {{"group_by", "repeat"}, {"repeat", "group_by"}, {"wait", "group_by"}}};
  return shape;
}

const Shape& silence_shape() {
  static const Shape shape{"silence", {{"rule", Kind::texts, "Names of rules, with * and ?; \"*\" is all but what Weir says of itself (\"weir.*\")", kRequired},
                                       {"level", Kind::levels, "Levels: low, \"<=medium\", or a list"},
                                       {"account", Kind::texts, "Accounts that the event is about: twelve digits, with * and ?; quoted, for they may begin with 0"},
                                       {"tag", Kind::texts, "Tags of rules: any of them"},
                                       {"group", Kind::group, "What alerts have in common, as `group_by` names it: {key.client: 10.0.0.5}; with * and ?"},
                                       {"to", Kind::texts, "Sinks that stay quiet; without it all of them"},
                                       {"from", Kind::time, "When it begins; without it it has begun"},
                                       {"until", Kind::time, "When it ends: 2026-01-31T08:00:00Z", kRequired},
                                       {"comment", Kind::text, "Why", kRequired},
                                       {"by", Kind::text, "Who made it"}}};
  return shape;
}

const Shape& store_shape() {
  static const Shape shape{"store", {{"path", Kind::text, "A folder on a local disk, of this process alone", kRequired}}};
  return shape;
}

const Shape& serve_shape() {
  static const Shape shape{"serve", {{"listen", Kind::text, "An address and a port: 127.0.0.1:9180", kRequired}}};
  return shape;
}

const Shape& limits_shape() {
  static const Shape shape{
      "limits",
      {{"threads", Kind::number, "That evaluate", false, "one a core", 1, 256, {}, {}},
       {"commit_every", Kind::duration, "Between transactions of the store", false, "100ms"},
       {"commit_bytes", Kind::size, "Decoded, after which a transaction is due before its time", false, "16MiB"},
       {"in_flight", Kind::size, "Decoded and not yet committed: sources wait beyond it", false, "64MiB"},
       {"waiting", Kind::size, "Of events that wait until their source's `late` has passed: beyond it the oldest are decided early", false, "64MiB"},
       {"remembered_ids", Kind::number, "Of events, to know a copy by; about 45 bytes each", false, "3000000", 1, 1'000'000'000, {}, {}},
       {"outbox", Kind::number, "Rows: beyond it sources wait, and nothing is dropped", false, "1000000", 1, 1'000'000'000, {}, {}},
       {"quarantine", Kind::size, "Bytes of records that could not be evaluated: beyond it the oldest go, and stay counted", false, "256MiB"},
       {"quarantine_rows", Kind::number, "Of those records", false, "100000", 1, 1'000'000'000, {}, {}},
       {"stop_within", Kind::duration, "For delivering what is in the outbox, when it is told to stop", false, "10s"}}};
  return shape;
}

const Shape& log_shape() {
  static const Shape shape{
      "log",
      {{"format", Kind::choice, "auto: text on a terminal, else JSON", false, "auto", 0, 0, {"auto", "json", "text"}, {}},
       {"level", Kind::choice, "What is written at least", false, "info", 0, 0, {"debug", "info", "warning", "error"}, {}}}};
  return shape;
}

const Shape& whole_shape() {
  static const Shape shape{
      "the configuration",
      {{"rules", Kind::texts, "Files and folders of rules; `shipped` is the built-in pack", false, "shipped"},
       {"sources", Kind::named, "Where events come from, by name", kRequired, nullptr, 0, 0, {}, source_shapes()},
       {"sinks", Kind::named, "Where alerts go, by name", false, nullptr, 0, 0, {}, sink_shapes()},
       {"routes", Kind::sections, "Which alerts go where; without it every alert goes to every sink", false, nullptr, 0, 0, {}, {&route_shape()}},
       {"silences", Kind::sections, "Which alerts are not told for a while", false, nullptr, 0, 0, {}, {&silence_shape()}},
       {"store", Kind::section, "What outlives the process", kRequired, nullptr, 0, 0, {}, {&store_shape()}},
       {"serve", Kind::section, "/metrics, /healthz and /readyz", false, nullptr, 0, 0, {}, {&serve_shape()}},
       {"limits", Kind::section, "Memory, time and threads", false, nullptr, 0, 0, {}, {&limits_shape()}},
       {"log", Kind::section, "What is written to standard error", false, nullptr, 0, 0, {}, {&log_shape()}}}};
  return shape;
}

}  // namespace weir::config
