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
#include "runtime/process/fault.h"

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

std::vector<commit::FeedSource> sources_of(const config::Config& config, const match::Program& program,
                                           bool once, const process::Notify& log) {
  std::vector<commit::FeedSource> out;
  for (const config::Source& source : config.sources) {
    commit::FeedSource made{source.name, nullptr, source_named(program, source.events)};
    if (source.type == config::Source::Type::standard_input) {
      made.source = ingest::standard_input();
    } else {
      ingest::SpoolOptions options;
      options.paths = source.paths;
      options.once = once || source.once;
      options.notify = [log, name = source.name](process::Severity severity, const std::string& text) {
        log(severity, "source " + name + ": " + text);
      };
      made.source = ingest::spool(std::move(options));
    }
    out.push_back(std::move(made));
  }
  return out;
}

std::vector<deliver::NamedSink> sinks_of(const config::Config& config) {
  std::vector<deliver::NamedSink> out;
  for (const config::Sink& sink : config.sinks)
    out.push_back({sink.name, sink.type == config::Sink::Type::file ? deliver::file_sink(sink.path)
                                                                    : deliver::standard_output()});
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
  const process::Notify log = make_log();
  std::string problem;
  auto store = store::Store::open(config.store, store::Access::run, problem);
  if (!store) {
    print_error("{}", problem);
    return kFailed;
  }
  std::vector<std::string> names;
  for (const config::Sink& sink : config.sinks) names.push_back(sink.name);
  commit::Pipeline* pipeline = nullptr;
  deliver::Outbox outbox(*store, sinks_of(config), log, [&] {
    if (pipeline) pipeline->delivered();
  });
  commit::Pipeline made(program, *store, sources_of(config, *program, once, log),
                        deliver::Routing(config.routes, names), outbox,
                        pipeline_options(config.limits, once, log));
  pipeline = &made;
  if (problem = outbox.open(); problem.empty()) problem = made.restore();
  if (!problem.empty()) {
    print_error("{}", problem);
    return kFailed;
  }
  if (names.empty()) log(process::Severity::warning, "there is no sink: alerts are counted and go nowhere");
  log(process::Severity::info,
      fmt::format("running: {}, {}, {}", counted(program->rules.size(), "rule"),
                  counted(config.sources.size(), "source"), counted(names.size(), "sink")));
  listen_to_signals();
  problem = made.run(requests);
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
  Loaded rules = load_project(loaded.config.rules);
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
