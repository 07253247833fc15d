// weir audit: whether everything that came in is accounted for.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/config_file.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace weir::cli {
namespace {

struct Options {
  std::string config, format = "text";
};

int audit(const Options& options) {
  int exit = kOk;
  auto store = look_at_store(options.config, exit);
  if (!store) return exit;
  const store::Audit audit = store->audit();
  if (options.format == "json") {
    print_out(
        "{{\"received\":{},\"evaluated\":{},\"quarantined\":{},\"in_flight\":{},\"alerts_committed\":{}}}\n",
        audit.received, audit.evaluated, audit.quarantined, audit.in_flight, audit.alerts_committed);
  } else {
    print_out(
        "received          {:>15}\nevaluated         {:>15}\nquarantined       {:>15}\n"
        "in flight         {:>15}\nalerts committed  {:>15}\n",
        audit.received, audit.evaluated, audit.quarantined, audit.in_flight, audit.alerts_committed);
  }
  return kOk;
}

}  // namespace

void add_audit(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("audit", "What a store has received, and what became of it");
  verb->add_option("CONFIG", options->config, "weir.yaml")->required();
  verb->add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->footer(
      "received = evaluated + quarantined + in flight, in every commit. A copy of an event is counted once.\n"
      "Examples:\n  weir audit weir.yaml\n  weir audit weir.yaml --format json | jq .quarantined");
  verb->callback([=, &run] { run = [=] { return audit(*options); }; });
}

}  // namespace weir::cli
