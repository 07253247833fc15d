// weir run: from a live feed to the sinks, and nothing lost on the way.

#include <unistd.h>

#include <csignal>
#include <memory>

#include "cli/engine.h"
#include "cli/live/deadline.h"
#include "cli/live/pack.h"
#include "cli/live/parts.h"
#include "cli/live/reloader.h"
#include "cli/live/supervisor.h"
#include "cli/load.h"
#include "cli/log.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "runtime/commit/working.h"
#include "runtime/process/fault.h"

namespace weir::cli {
namespace {

constexpr int64_t kGraceUs = 10'000'000;  // beside `stop_within`: for the last commits and for requests that are under way

struct Options {
  std::string config, engine = "auto";
  bool once = false;
};

commit::Requests requests;
std::atomic<Reloader*> reloader{nullptr};  // a lock-free read is all that a signal handler does with it

// A second one ends the process at once: the store is safe at any moment.
void ask_to_stop(int signal) {
  if (requests.stop.exchange(true)) ::_exit(128 + signal);
}
void ask_to_reopen(int) {
  requests.reopen = true;
  if (Reloader* const asked = reloader) asked->hang_up();
}

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

void read_certificates(const Around& around) {
  for (ingest::HttpSource* const listener : around.listeners)
    if (const std::string problem = listener->reload(); !problem.empty())
      around.log(process::Severity::error, problem + "; the certificate that is used stays");
}

ReloaderOptions reloader_options(const Options& options, const std::vector<std::string>& sinks, Around& around) {
  ReloaderOptions out;
  out.config_path = options.config;
  out.engine = engine_named(options.engine);
  out.sinks = sinks;
  out.log = around.log;
  out.metrics = &around.metrics;
  out.on_hangup = [&around] { read_certificates(around); };
  out.each_turn = [&around] {
    const commit::Pipeline* const pipeline = around.pipeline;
    if (pipeline && is_alive(pipeline->health())) tell_supervisor("WATCHDOG=1");
  };
  return out;
}

// Until it has come to its end, or was told to stop. A sentence when something went wrong.
std::string run_reloading(commit::Pipeline& pipeline, Reloader& reloads, const Options& options, Around& around) {
  around.pipeline = &pipeline;
  if (!options.once) {
    reloads.start(pipeline);
    reloader = &reloads;
  }
  listen_to_signals();
  tell_supervisor("READY=1");
  std::string problem = pipeline.run(requests);
  around.pipeline = nullptr;
  reloader = nullptr;
  reloads.stop();
  return problem;
}

void say_the_end(const store::Audit& audit, const process::Notify& log) {
  log(process::Severity::info,
      fmt::format("ended: {} received, {} evaluated, {} quarantined, {} committed since the store was made",
                  grouped(static_cast<uint64_t>(audit.received)), grouped(static_cast<uint64_t>(audit.evaluated)),
                  grouped(static_cast<uint64_t>(audit.quarantined)),
                  counted(static_cast<uint64_t>(audit.alerts_committed), "alert")));
}

int run_pack(Pack pack, const Options& options) {
  const config::Config config = pack.config;
  Around around;
  around.once = options.once;
  around.log = make_log(config.log);
  const auto failed = [](const std::string& problem) {
    print_error("{}", problem);
    return kFailed;
  };
  std::string problem;
  auto store = store::Store::open(config.store, store::Access::run, problem);
  if (!store) return failed(problem);
  std::vector<std::string> sinks;
  for (const config::Sink& sink : config.sinks) sinks.push_back(sink.name);
  const deliver::Routing routing(config.routes, sinks);
  const auto delivered = [&around] {
    if (commit::Pipeline* pipeline = around.pipeline) pipeline->delivered();
  };
  // Nobody waits for the answers of a replay.
  deliver::Outbox outbox(*store, sinks_of(config), around.log, delivered,
                         options.once ? std::nullopt : std::optional<deliver::Routing>(routing));
  std::vector<commit::FeedSource> sources = sources_of(config, *pack.program, around, problem);
  if (!problem.empty()) return failed(problem);
  commit::Pipeline pipeline(pack.program, *store, std::move(sources), routing, outbox,
                            pipeline_options(config, around));
  const Deadline deadline(requests, config.limits.stop_within_us + kGraceUs, kFailed, around.log);
  const size_t rules = pack.program->rules.size();
  const std::string hash = pack.hash;
  Reloader reloads(reloader_options(options, sinks, around), std::move(pack));
  if (!options.once) around.rules = [&reloads] { return reloads.state(); };
  const std::unique_ptr<serve::Serve> served = pages(config, *store, around, problem);
  if (problem.empty()) problem = outbox.open();
  if (problem.empty()) problem = pipeline.restore();
  if (!problem.empty()) return failed(problem);
  if (sinks.empty()) around.log(process::Severity::warning, "there is no sink: alerts are counted and go nowhere");
  around.log(process::Severity::info,
             fmt::format("running: {}, {}, {}; rules {}", counted(rules, "rule"),
                         counted(config.sources.size(), "source"), counted(sinks.size(), "sink"), hash));
  problem = run_reloading(pipeline, reloads, options, around);
  say_the_end(store->audit(), around.log);
  if (!problem.empty()) return failed(problem);
  return options.once && around.unread ? kFailed : kOk;
}

// The first that listens, where only what has an end makes sense; empty when none does.
std::string endless_source(const config::Config& config) {
  for (const config::Source& source : config.sources)
    if (source.http) return source.name;
  return {};
}

int run_config(const Options& options) {
  std::signal(SIGHUP, SIG_IGN);  // until there is something to be opened anew
  if (const char* wrong = process::read_faults()) {
    print_error("{}", wrong);
    return kUsage;
  }
  Pack pack = read_pack(options.config, engine_named(options.engine));
  for (const std::string& sentence : pack.unreadable) print_error("{}", sentence);
  if (!pack.engine_problem.empty()) print_error("{}; --engine auto or interpreter", pack.engine_problem);
  if (!pack.unreadable.empty() || !pack.engine_problem.empty()) return kUsage;
  if (pack.project) print_diagnostics(*pack.project, pack.rule_diagnostics);
  print_diagnostics(pack.config_sources, pack.config_diagnostics);
  if (pack.rule_diagnostics.error_count() > 0)
    print_error("nothing is started while rules have errors; `weir check {}` shows them", options.config);
  if (const std::string endless = options.once ? endless_source(pack.config) : ""; !endless.empty()) {
    print_error("the source {} listens for ever: --once is for what has an end", endless);
    return kUsage;
  }
  if (pack.is_well()) return run_pack(std::move(pack), options);
  if (pack.program && pack.program->rules.empty() && pack.rule_diagnostics.error_count() == 0)
    print_error("{}", no_rules(pack.config));
  return kNo;
}

}  // namespace

void add_run(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("run", "Watch live feeds: from sources to sinks, durably");
  verb.option("CONFIG", options->config, "weir.yaml").required();
  verb.flag("--once", options->once, "End when everything that is there now is decided and delivered");
  add_engine_flag(verb, options->engine);
  verb.footer(
      "--once ends with 3 when something of its sources could not be read.\n"
      "SIGTERM and SIGINT end it gracefully, twice at once. SIGHUP opens the files of sinks anew, and reads "
      "certificates,\n"
      "rules and configuration again; changed rules are taken up without it, too.\n"
      "Examples:\n  weir run weir.yaml\n  weir run weir.yaml --once && weir audit weir.yaml");
  verb.runs(run, [=] { return run_config(*options); });
}

}  // namespace weir::cli
