// weir.yaml: what `weir run` reads, decides by and tells (docs/configuration.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/config/reader.h"
#include "cli/config/which_alerts.h"
#include "compiler/project.h"
#include "dsl/diagnostic.h"
#include "dsl/source.h"
#include "runtime/deliver/network/make_sink.h"
#include "runtime/deliver/route.h"
#include "runtime/deliver/silence.h"
#include "runtime/ingest/http/http_source.h"
#include "runtime/process/notice.h"

namespace weir::config {

// What the configuration names outside of itself.
struct Place {
  enum class What : uint8_t { rules, source, sink, certificate, key, authorities, store };
  What what = What::source;
  std::string path, written;  // as it is opened, and as it stands there
  dsl::Span span;
  std::string of;  // source, sink: its name
};

struct Source {
  enum class Type : uint8_t { spool, files, standard_input, http };
  std::string name;
  Type type = Type::spool;
  std::vector<std::string> paths;     // spool, files
  std::optional<std::string> events;  // the name of a source of the rules; absent: each record is recognised
  dsl::Span span, events_span;        // its name, and that one
  enum class Mode : uint8_t { spool, once, tail };  // new complete files; what is there, and no more; files that grow
  Mode mode = Mode::spool;
  std::optional<ingest::HttpOptions> http;
};

struct Sink {
  enum class Type : uint8_t { standard_output, file, network };
  std::string name;
  dsl::Span span;  // its name
  Type type = Type::standard_output;
  std::string path;                                   // file
  bool final_only = false;                            // stdout, file; of the others it is in `network`
  std::optional<deliver::NetworkSinkConfig> network;  // slack, pagerduty, webhook
};

struct Limits {
  std::optional<uint64_t> threads;  // absent: one for each core
  int64_t commit_every_us = 100'000;
  uint64_t commit_bytes = 16u << 20;
  uint64_t in_flight_bytes = 64u << 20;
  uint64_t waiting_bytes = 64u << 20;
  uint64_t remembered_ids = 3'000'000;
  uint64_t outbox_rows = 1'000'000;
  uint64_t quarantine_bytes = 256u << 20, quarantine_rows = 100'000;
  int64_t stop_within_us = 10'000'000;
};

struct Log {
  enum class Format : uint8_t { automatic, json, text };  // automatic: text on a terminal
  Format format = Format::automatic;
  process::Severity level = process::Severity::info;
};

struct Config {
  std::vector<std::string>
      rules;  // files and folders; "shipped" is the built-in pack, and what is meant by none
  std::vector<Source> sources;
  std::vector<Sink> sinks;
  std::vector<deliver::Route> routes;
  std::vector<deliver::Silence> silences;
  std::string store;
  std::optional<std::string> serve;  // where the pages are: an address and a port
  Limits limits;
  Log log;
  std::vector<Mention> mentions;  // by routes and silences
  std::vector<Place> places;
  std::vector<dsl::Span> ends_of_silences;  // their `until`
  // By section: of what is written there and what its variables and secrets stand for. Good within one process.
  std::map<std::string, uint64_t> fingerprints;
};

// `text` becomes a source of `sources` in which no secret stands; paths are relative to the folder of `path`. Errors are in
// `diagnostics`; what could be read is in the result all the same.
Config read_config(dsl::SourceMap& sources, const std::string& path, const std::string& text,
                   const Surroundings& surroundings, dsl::Diagnostics& diagnostics);

// Of this process.
Surroundings surroundings();

}  // namespace weir::config
