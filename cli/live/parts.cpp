// See parts.h.
#include "cli/live/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "cli/config/findings.h"
#include "cli/live/reloader.h"
#include "runtime/ingest/spool.h"
#include "runtime/ingest/standard_input.h"
#include "runtime/ingest/tail.h"
#include "runtime/process/clock.h"

namespace weir::cli {
namespace {

constexpr int64_t kAliveWithinUs = 30'000'000;  // without a turn of the loop that commits

// Null, and a sentence.
std::unique_ptr<ingest::Source> source_of(const config::Source& source, const config::Config& config, Around& around,
                                          std::string& problem) {
  const process::Notify notify = [&around, name = source.name](process::Severity severity, const std::string& text) {
    if (severity == process::Severity::error) around.unread = true;
    around.log(severity, "source " + name + ": " + text);
  };
  if (source.type == config::Source::Type::standard_input) return ingest::standard_input();
  if (source.type == config::Source::Type::http) {
    ingest::HttpOptions options = *source.http;
    options.metrics = &around.metrics;
    options.notify = notify;
    options.limits.bodies.folder = config.store;
    options.arrived = [&around] {
      if (commit::Pipeline* pipeline = around.pipeline) pipeline->arrived();
    };
    auto opened = ingest::HttpSource::open(std::move(options), problem);
    if (!opened) return nullptr;
    around.log(process::Severity::info, fmt::format("source {}: listens on port {}", source.name, opened->port()));
    around.listeners.push_back(opened.get());
    return opened;
  }
  if (source.mode == config::Source::Mode::tail) {
    ingest::TailOptions options;
    options.paths = source.paths;
    options.once = around.once;
    options.notify = notify;
    return ingest::tail(std::move(options));
  }
  ingest::SpoolOptions options;
  options.paths = source.paths;
  options.once = around.once || source.mode == config::Source::Mode::once;
  options.notify = notify;
  return ingest::spool(std::move(options));
}

void count_store(store::Store& store, process::Metrics& metrics) {
  const auto counted = [&](const char* name, const char* help, int64_t store::Audit::*of) {
    metrics.counted(name, help, {}, [&store, of] { return double(store.audit().*of); });
  };
  counted("weir_events_received_total", "Events that came in since the store was made, copies not counted.", &store::Audit::received);
  counted("weir_events_evaluated_total", "Events that the rules decided.", &store::Audit::evaluated);
  counted("weir_events_quarantined_total", "Events that could not be evaluated and are set aside.", &store::Audit::quarantined);
  counted("weir_alerts_committed_total", "Alerts that are final and committed.", &store::Audit::alerts_committed);
  counted("weir_alerts_silenced_total", "Of the committed alerts those that a silence has kept from a sink.", &store::Audit::alerts_silenced);
  counted("weir_quarantine_dropped_total", "Of the quarantined records those that went for want of room.", &store::Audit::quarantine_dropped);
  metrics.measured("weir_outbox_rows", "Alerts that wait for a sink.", {}, [&store] { return double(store.outbox_size()); });
}

std::vector<serve::Condition> conditions(const Around& around, store::Store& store) {
  const commit::Pipeline* const pipeline = around.pipeline;
  const commit::Health health = pipeline ? pipeline->health() : commit::Health{};
  const std::string wrong = health.store_problem.empty() ? store.problem() : health.store_problem;
  std::string unread;
  for (const std::string& path : around.paths)
    if (unread.empty()) unread = config::problem_of_source(path);
  return {{"store", wrong.empty(), wrong, {}},
          {"sources", pipeline && !health.stopping && unread.empty(),
           !pipeline ? "they are not open" : health.stopping ? "it stops" : unread, {}},
          {"rules", true, {}, around.rules ? around.rules() : std::string()}};
}

}  // namespace

std::vector<commit::FeedSource> sources_of(const config::Config& config, const match::Program& program, Around& around,
                                           std::string& problem) {
  std::vector<commit::FeedSource> out;
  for (const config::Source& source : config.sources) {
    around.paths.insert(around.paths.end(), source.paths.begin(), source.paths.end());
    out.push_back({source.name, source_of(source, config, around, problem), only_of(source, program)});
    if (!problem.empty()) return {};
  }
  return out;
}

std::vector<deliver::NamedSink> sinks_of(const config::Config& config) {
  std::vector<deliver::NamedSink> out;
  for (const config::Sink& sink : config.sinks) {
    deliver::NamedSink made{sink.name, nullptr, nullptr, sink.final_only};
    if (sink.network) {
      made.paced = deliver::make_sink(*sink.network).sink;
    } else if (sink.type == config::Sink::Type::file) {
      made.sink = deliver::file_sink(sink.path);
    } else {
      made.sink = deliver::standard_output();
    }
    out.push_back(std::move(made));
  }
  return out;
}

commit::PipelineOptions pipeline_options(const config::Config& config, Around& around) {
  const config::Limits& limits = config.limits;
  commit::PipelineOptions out;
  out.silences = config.silences;
  static_cast<commit::Bounds&>(out) = bounds_of(limits);
  out.threads = static_cast<unsigned>(limits.threads.value_or(std::clamp(std::thread::hardware_concurrency(), 1u, 256u)));
  out.remembered_ids = limits.remembered_ids;
  out.once = around.once;
  out.notify = around.log;
  out.metrics = &around.metrics;
  return out;
}

bool is_alive(const commit::Health& health) {
  return process::steady_us() - health.turned_us < kAliveWithinUs;
}

std::unique_ptr<serve::Serve> pages(const config::Config& config, store::Store& store, Around& around, std::string& problem) {
  if (!config.serve) return nullptr;
  count_store(store, around.metrics);
  process::add_process_metrics(around.metrics, WEIR_VERSION);
  serve::ServeOptions options;
  options.listen = *config.serve;
  options.metrics = &around.metrics;
  options.alive = [&around] {
    const commit::Pipeline* const pipeline = around.pipeline;
    return !pipeline || is_alive(pipeline->health());
  };
  options.ready = [&store, &around] { return conditions(around, store); };
  options.notify = around.log;
  auto opened = serve::Serve::open(std::move(options), problem);
  if (opened) around.log(process::Severity::info, fmt::format("pages on port {}", opened->port()));
  return opened;
}

}  // namespace weir::cli
