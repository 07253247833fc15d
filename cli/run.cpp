// weir run: from a live feed to the sinks, and nothing lost on the way.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>
#include <thread>

#include "cli/config_file.h"
#include "cli/engine.h"
#include "cli/load.h"
#include "cli/log.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/compile.h"
#include "runtime/commit/pipeline.h"
#include "runtime/commit/working.h"
#include "runtime/ingest/spool.h"
#include "runtime/ingest/standard_input.h"
#include "runtime/ingest/tail.h"
#include "runtime/process/fault.h"
#include "runtime/process/metrics.h"
#include "runtime/serve/serve.h"

namespace weir::cli {
namespace {

struct Options {
  std::string config, engine = "auto";
  bool once = false;
};

commit::Requests requests;

// A second one ends the process at once: the store is safe at any moment.
void ask_to_stop(int signal) {
  if (requests.stop.exchange(true)) ::_exit(128 + signal);
}
void ask_to_reopen(int) { requests.reopen = true; }

void listen_to_signals() {
  struct sigaction action = {};
  action.sa_flags = SA_RESTART;
  action.sa_handler = ask_to_stop;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  action.sa_handler = ask_to_reopen;
  ::sigaction(SIGHUP, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
  commit::Working::catch_faults();
}

uint32_t source_named(const match::Program& program, const std::optional<std::string>& name) {
  for (uint32_t i = 0; name && i < program.sources.size(); ++i)
    if (program.sources[i].name == *name) return i;
  return match::kNone;
}

// What the parts of a running process need of each other.
struct Around {
  bool once = false;
  process::Notify log;
  process::Metrics metrics;
  std::atomic<commit::Pipeline*> pipeline{nullptr};
};

// Null, and a sentence.
std::unique_ptr<ingest::Source> source_of(const config::Source& source, const config::Config& config, Around& around,
                                          std::string& problem) {
  const process::Notify notify = [log = around.log, name = source.name](process::Severity severity, const std::string& text) {
    log(severity, "source " + name + ": " + text);
  };
  if (source.type == config::Source::Type::standard_input) return ingest::standard_input();
  if (source.type == config::Source::Type::http) {
    if (around.once) {
      problem = fmt::format("the source {} listens for ever: --once is for what has an end", source.name);
      return nullptr;
    }
    ingest::HttpOptions options = *source.http;
    options.metrics = &around.metrics;
    options.notify = notify;
    options.limits.bodies.folder = config.store;
    options.arrived = [&around] {
      if (commit::Pipeline* pipeline = around.pipeline) pipeline->arrived();
    };
    auto opened = ingest::HttpSource::open(std::move(options), problem);
    if (opened) around.log(process::Severity::info, fmt::format("source {}: listens on port {}", source.name, opened->port()));
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

std::vector<commit::FeedSource> sources_of(const config::Config& config, const match::Program& program, Around& around,
                                           std::string& problem) {
  std::vector<commit::FeedSource> out;
  for (const config::Source& source : config.sources) {
    out.push_back({source.name, source_of(source, config, around, problem), source_named(program, source.events)});
    if (!problem.empty()) return {};
  }
  return out;
}

// What the pages say, as far as the store knows it.
std::unique_ptr<serve::Serve> pages(const config::Config& config, store::Store& store, Around& around, std::string& problem) {
  if (!config.serve) return nullptr;
  const auto counted = [&](const char* name, const char* help, int64_t store::Audit::*of) {
    around.metrics.counted(name, help, {}, [&store, of] { return double(store.audit().*of); });
  };
  counted("weir_events_received_total", "Events that came in, copies not counted.", &store::Audit::received);
  counted("weir_events_evaluated_total", "Events that the rules decided.", &store::Audit::evaluated);
  counted("weir_events_quarantined_total", "Events that could not be evaluated and are set aside.", &store::Audit::quarantined);
  counted("weir_alerts_committed_total", "Alerts that are final and committed.", &store::Audit::alerts_committed);
  around.metrics.measured("weir_outbox_rows", "Alerts that wait for a sink.", {}, [&store] { return double(store.outbox_size()); });
  serve::ServeOptions options;
  options.listen = *config.serve;
  options.metrics = &around.metrics;
  options.alive = [] { return true; };
  options.ready = [&store, &around] {
    const std::string wrong = store.problem();
    return std::vector<serve::Condition>{{"store", wrong.empty(), wrong},
                                         {"sources", around.pipeline != nullptr, "they are not open yet"}};
  };
  options.notify = around.log;
  auto opened = serve::Serve::open(std::move(options), problem);
  if (opened) around.log(process::Severity::info, fmt::format("pages on port {}", opened->port()));
  return opened;
}

std::vector<deliver::NamedSink> sinks_of(const config::Config& config) {
  std::vector<deliver::NamedSink> out;
  for (const config::Sink& sink : config.sinks) {
    deliver::NamedSink made{sink.name, nullptr, nullptr};
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

commit::PipelineOptions pipeline_options(const config::Limits& limits, bool once,
                                         const process::Notify& log) {
  commit::PipelineOptions out;
  out.threads = static_cast<unsigned>(
      limits.threads.value_or(std::clamp(std::thread::hardware_concurrency(), 1u, 256u)));
  out.commit_every_us = limits.commit_every_us;
  out.commit_bytes = limits.commit_bytes;
  out.in_flight_bytes = std::max(limits.in_flight_bytes, limits.commit_bytes);
  out.remembered_ids = limits.remembered_ids;
  out.outbox_rows = limits.outbox_rows;
  out.stop_within_us = limits.stop_within_us;
  out.once = once;
  out.notify = log;
  return out;
}

int run_pipeline(const config::Config& config, std::shared_ptr<const match::Program> program, bool once) {
  Around around;
  around.once = once;
  around.log = make_log();
  const process::Notify& log = around.log;
  std::string problem;
  auto store = store::Store::open(config.store, store::Access::run, problem);
  if (!store) {
    print_error("{}", problem);
    return kFailed;
  }
  std::vector<std::string> names;
  for (const config::Sink& sink : config.sinks) names.push_back(sink.name);
  deliver::Outbox outbox(*store, sinks_of(config), log, [&around] {
    if (commit::Pipeline* pipeline = around.pipeline) pipeline->delivered();
  });
  std::vector<commit::FeedSource> sources = sources_of(config, *program, around, problem);
  const std::unique_ptr<serve::Serve> served = problem.empty() ? pages(config, *store, around, problem) : nullptr;
  if (!problem.empty()) {
    print_error("{}", problem);
    return kFailed;
  }
  commit::Pipeline pipeline(program, *store, std::move(sources), deliver::Routing(config.routes, names), outbox,
                            pipeline_options(config.limits, once, log));
  if (problem = outbox.open(); problem.empty()) problem = pipeline.restore();
  if (!problem.empty()) {
    print_error("{}", problem);
    return kFailed;
  }
  around.pipeline = &pipeline;
  if (names.empty()) log(process::Severity::warning, "there is no sink: alerts are counted and go nowhere");
  log(process::Severity::info,
      fmt::format("running: {}, {}, {}", counted(program->rules.size(), "rule"),
                  counted(config.sources.size(), "source"), counted(names.size(), "sink")));
  listen_to_signals();
  problem = pipeline.run(requests);
  around.pipeline = nullptr;
  const store::Audit audit = store->audit();
  log(process::Severity::info,
      fmt::format("ended: {} received, {} evaluated, {} quarantined, {} committed since the store was made",
                  grouped(static_cast<uint64_t>(audit.received)),
                  grouped(static_cast<uint64_t>(audit.evaluated)),
                  grouped(static_cast<uint64_t>(audit.quarantined)),
                  counted(static_cast<uint64_t>(audit.alerts_committed), "alert")));
  if (problem.empty()) return kOk;
  print_error("{}", problem);
  return kFailed;
}

int run_config(const Options& options) {
  if (const char* wrong = process::read_faults()) {
    print_error("{}", wrong);
    return kUsage;
  }
  LoadedConfig loaded = load_config(options.config);
  if (loaded.exit) return loaded.exit;
  if (loaded.diagnostics.error_count() > 0) {
    print_diagnostics(loaded.sources, loaded.diagnostics);
    return kNo;
  }
  Loaded rules = load_project(loaded.config.rules, Tests::left_out);
  if (rules.exit) return rules.exit;
  compiler::Compiled compiled =
      compiler::compile(*rules.project, {.engine = engine_named(options.engine)}, rules.diagnostics);
  if (!compiled.program) {
    print_error("{}; --engine auto or interpreter", compiled.engine_problem);
    return kUsage;
  }
  config::check_events(loaded.config, *rules.project, loaded.diagnostics);
  rules.diagnostics.retain([](const dsl::Diagnostic& d) { return d.severity() == dsl::Severity::error; });
  rules.diagnostics.sort();
  print_diagnostics(*rules.project, rules.diagnostics);
  print_diagnostics(loaded.sources, loaded.diagnostics);
  if (rules.diagnostics.error_count() > 0)
    print_error("nothing is started while rules have errors; `weir check {}` shows them", options.config);
  if (rules.diagnostics.error_count() + loaded.diagnostics.error_count() > 0) return kNo;
  if (compiled.program->rules.empty()) {
    print_error("no rules");
    return kNo;
  }
  return run_pipeline(loaded.config, compiled.program, options.once);
}

}  // namespace

void add_run(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("run", "Watch live feeds: from sources to sinks, durably");
  verb->add_option("CONFIG", options->config, "weir.yaml")->required();
  verb->add_flag("--once", options->once, "End when everything that is there now is decided and delivered");
  add_engine_flag(*verb, options->engine);
  verb->footer(
      "SIGTERM and SIGINT end it gracefully, twice at once; SIGHUP opens the files of sinks anew.\n"
      "Examples:\n  weir run weir.yaml\n  weir run weir.yaml --once && weir audit weir.yaml");
  verb->callback([=, &run] { run = [=] { return run_config(*options); }; });
}

}  // namespace weir::cli
