// weir sink test: whether a sink takes what it is sent, before there is something to send.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <vector>

#include "cli/config_file.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/nearest.h"
#include "runtime/deliver/network/make_sink.h"
#include "runtime/process/clock.h"

namespace weir::cli {
namespace {

struct Options {
  std::string name, config = "weir.yaml";
};

int send_test(const config::Sink& sink) {
  const int64_t now = process::now_us();
  const std::string body = deliver::test_alert(now);
  if (!sink.network) {
    print_out("{} is written as the alerts come; a test would look like this:\n{}\n", sink.name, body);
    return kOk;
  }
  deliver::MadeSink made = deliver::make_sink(*sink.network);
  made.sink->open({});
  store::OutboxRow row;
  row.row = 1;
  row.sink = sink.name;
  row.id = "test-" + std::to_string(now);
  row.state = "final";
  row.body = body;
  row.first_at = now;
  const deliver::Turn turn = made.sink->turn({row});
  if (!turn.delivered.empty()) {
    print_out("{} took the test alert\n", sink.name);
    return kOk;
  }
  print_error("{} did not take it: {}", sink.name,
              !turn.set_aside.empty() ? turn.set_aside[0].reason : turn.problem.empty() ? "no answer in time" : turn.problem);
  return kNo;
}

int test_sink(const Options& options) {
  LoadedConfig loaded = load_config(options.config);
  if (loaded.exit) return loaded.exit;
  if (loaded.diagnostics.error_count() > 0) {
    print_diagnostics(loaded.sources, loaded.diagnostics);
    return kNo;
  }
  std::vector<std::string> names;
  for (const config::Sink& sink : loaded.config.sinks) {
    if (sink.name == options.name) return send_test(sink);
    names.push_back(sink.name);
  }
  const std::vector<std::string> near = compiler::nearest(options.name, names, 1);
  print_error("{} has no sink `{}`{}", options.config, options.name, near.empty() ? "" : "; did you mean `" + near[0] + "`?");
  return kUsage;
}

}  // namespace

void add_sink(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("sink", "Try the places that alerts go to");
  verb->require_subcommand(1);
  CLI::App* test = verb->add_subcommand("test", "Send one alert that says it is a test");
  test->add_option("NAME", options->name, "A sink of the configuration")->required();
  test->add_option("--config", options->config, "weir.yaml")->capture_default_str();
  test->footer("Examples:\n  weir sink test pager --config weir.yaml");
  verb->footer("Examples:\n  weir sink test chat --config weir.yaml");
  test->callback([=, &run] { run = [=] { return test_sink(*options); }; });
}

}  // namespace weir::cli
