// weir audit: whether everything that came in is accounted for.

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
  if (exit = unless_failed(*store, kOk); exit != kOk) return exit;
  struct Line {
    const char *text, *key;  // no key: not in JSON, whose members are fixed
    int64_t value;
    bool always = true;  // else where there is something to say
  };
  const Line lines[] = {{"received", "received", audit.received},
                        {"evaluated", "evaluated", audit.evaluated},
                        {"…late", nullptr, audit.late, false},
                        {"…ahead", nullptr, audit.ahead, false},
                        {"quarantined", "quarantined", audit.quarantined},
                        {"…dropped", "quarantine_dropped", audit.quarantine_dropped, false},
                        {"in flight", "in_flight", audit.in_flight},
                        {"skipped", nullptr, audit.skipped, false},
                        {"alerts committed", "alerts_committed", audit.alerts_committed},
                        {"…silenced", "alerts_silenced", audit.alerts_silenced, false}};
  std::string json, text;
  for (const Line& line : lines) {
    if (!line.always && line.value == 0) continue;
    if (line.key) json += fmt::format("{}\"{}\":{}", json.empty() ? "{" : ",", line.key, line.value);
    text += fmt::format("{:<16}  {:>15}\n", line.text, line.value);
  }
  print(options.format == "json" ? json + "}\n" : text);
  return kOk;
}

}  // namespace

void add_audit(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("audit", "What a store has received, and what became of it");
  verb.option("CONFIG", options->config, "weir.yaml").required();
  verb.format(options->format, "text or json");
  verb.footer(
      "received = evaluated + quarantined + in flight, in every commit. A copy of an event is counted once.\n"
      "Late, ahead: of the evaluated those that rules over many events did not hear of, because they came "
      "too late\n"
      "or are dated into the future. Skipped: records of no source, which are no part of the received.\n"
      "Dropped: of the quarantined those whose bytes went for want of room. Silenced: of the alerts those "
      "that a silence has\n"
      "kept from a sink. All of these are only shown when there are any.\n"
      "Examples:\n  weir audit weir.yaml\n  weir audit weir.yaml --format json | jq .quarantined");
  verb.runs(run, [=] { return audit(*options); });
}

}  // namespace weir::cli
