// weir sink test: whether a sink takes what it is sent, before there is something to send.

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "cli/config/findings.h"
#include "cli/config_file.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/nearest.h"
#include "runtime/deliver/network/make_sink.h"
#include "runtime/deliver/own_alert.h"
#include "runtime/process/clock.h"

namespace weir::cli {
namespace {

struct Options {
  std::string name, config = "weir.yaml";
};

// What a person can look at, by what went wrong.
const char* advice(const config::Sink& sink, const deliver::Turn& turn, std::string_view problem) {
  const auto says = [&](std::string_view text) { return problem.find(text) != std::string_view::npos; };
  if (says("resolve")) return "is the name in its address right, and does this machine have DNS?";
  if (says("certificate") || says("SSL") || says("TLS"))
    return "the other side is not trusted, so nothing was sent; an authority of your own is named with "
           "`ca_file`";
  if (says("timed out"))
    return "a firewall between, a proxy that must be set (https_proxy), or `timeout` is too short";
  if (says("connect")) return "nobody listens there, or a firewall is between; https_proxy is heeded";
  if (says("redirect")) return "write the address that it redirects to";
  if (!turn.trouble && turn.set_aside.empty())
    return "it is up to the other side; `weir run` would try again";
  switch (sink.network->type) {
    case deliver::SinkType::slack:
      return "is `url` the whole address of an incoming webhook, and does that still exist?";
    case deliver::SinkType::pagerduty:
      return "is `routing_key` the integration key of an Events API v2 integration, and `url` that of its "
             "region?";
    case deliver::SinkType::webhook:
      break;
  }
  return "are `url`, `headers` and `secrets` what the receiver expects?";
}

int send_test(const config::Sink& sink) {
  const int64_t now = process::now_us();
  const std::string body = deliver::test_alert(now);
  if (sink.type == config::Sink::Type::file)
    if (const std::string problem = config::problem_of_sink_file(sink.path, true); !problem.empty()) {
      print_error("{} could not be written: {}: {}", sink.name, sink.path, problem);
      return kNo;
    }
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
  const std::string problem = !turn.set_aside.empty() ? turn.set_aside[0].reason : turn.problem;
  print_error("{} did not take it: {}\n  {}", sink.name, problem, advice(sink, turn, problem));
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
  print_error("{} has no sink `{}`{}", options.config, options.name,
              near.empty() ? "" : "; did you mean `" + near[0] + "`?");
  return kUsage;
}

}  // namespace

void add_sink(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("sink", "Try the places that alerts go to");
  verb.asks_for_one_below();
  Verb test = verb.add("test", "Send one alert that says it is a test");
  test.option("NAME", options->name, "A sink of the configuration").required();
  test.option("--config", options->config, "weir.yaml").shows_default();
  test.footer("Examples:\n  weir sink test pager --config weir.yaml");
  verb.footer("Examples:\n  weir sink test chat --config weir.yaml");
  test.runs(run, [=] { return test_sink(*options); });
}

}  // namespace weir::cli
