// weir why: what a rule saw in an event, item by item.

#include <memory>

#include "cli/load.h"
#include "cli/scanner.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "cli/why_near.h"
#include "cli/why_text.h"
#include "compiler/nearest.h"
#include "runtime/ingest/files.h"
#include "runtime/match/decode.h"

namespace weir::cli {
namespace {

struct Options {
  std::string rule, format = "text";
  std::vector<std::string> paths, rule_paths;
  uint64_t most = 3, near = 0;
};

struct Shown {
  std::string where;
  WhyResult why;
};

// Keeps the events that matter: those that fired, else those that came nearest.
class Collector final : public ingest::Receiver {
 public:
  Collector(const compiler::Project& project, const compiler::Compiled& compiled, const Options& options)
      : project_(project),
        compiled_(compiled),
        options_(options),
        decoder_(compiled.program),
        scratch_(compiled.program->make_scratch()) {}

  void record(const ingest::Record& record) override {
    match::Decoded decoded =
        record.text ? decoder_.decode_columns(record.bytes) : decoder_.decode(record.bytes);
    if (decoded.status == match::DecodeStatus::foreign) {
      ++foreign;
      return;
    }
    if (decoded.status == match::DecodeStatus::unreadable) {
      unreadable({record.place, decoded.detail.empty() ? decoded.reason : decoded.detail, {}});
      return;
    }
    ++events;
    const rt_event& event = decoder_.event();
    const compiler::RuleTrace* trace = trace_of(compiled_, options_.rule, event.source);
    if (!trace) {
      ++of_other_sources;
      return;
    }
    WhyResult result = why(project_, compiled_, *trace, event, scratch_.get(), use_color(stdout));
    alerts += result.alert;
    keep({where_text(record.place), std::move(result)});
  }

  void unreadable(const ingest::Problem& problem) override {
    print_error("{}: {}", where_text(problem.place), problem.reason);
  }
  void skipped(ingest::Skip, const ingest::Place&, uint64_t) override {}
  void progress(uint64_t) override {}

  uint64_t events = 0, alerts = 0, foreign = 0, of_other_sources = 0;
  std::vector<Shown> kept;

 private:
  void keep(Shown shown) {
    auto better = [](const Shown& a, const Shown& b) {
      if (a.why.alert != b.why.alert) return a.why.alert;
      return a.why.holding * b.why.items > b.why.holding * a.why.items;
    };
    auto place = std::upper_bound(kept.begin(), kept.end(), shown, better);
    kept.insert(place, std::move(shown));
    if (kept.size() > options_.most) kept.pop_back();
  }

  const compiler::Project& project_;
  const compiler::Compiled& compiled_;
  const Options& options_;
  match::Decoder decoder_;
  std::shared_ptr<rt_scratch> scratch_;
};

int why_verb(Options options) {
  if (!part_rules_and_logs(options.rule_paths, options.paths)) return kUsage;
  if (options.paths.empty()) {
    print_error("no events: weir why RULE FILE… [--rules PATH…]; - is standard input");
    return kUsage;
  }
  Loaded loaded = load_project(options.rule_paths);
  if (loaded.exit) return loaded.exit;
  if (!loaded.project->rule(options.rule)) {
    std::vector<std::string> names;
    for (const compiler::RuleEntry& entry : loaded.project->rules) names.push_back(entry.rule->name.text);
    std::string hint = compiler::did_you_mean(compiler::nearest(options.rule, names));
    print_error("no rule is named `{}`{}", options.rule, hint.empty() ? "; `weir rules` lists them" : ": " + hint);
    return kUsage;
  }
  ingest::InputList inputs = ingest::list_inputs(options.paths);
  for (const std::string& sentence : inputs.unreadable) print_error("{}", sentence);
  if (!inputs.unreadable.empty()) return kUsage;
  if (options.near)
    return why_near(*loaded.project, options.rule, options.near, inputs.files, options.format == "json");
  compiler::CompileOptions compile_options;
  compile_options.trace = true;
  compile_options.only = {options.rule};
  compiler::Compiled compiled = compiler::compile(*loaded.project, compile_options, loaded.diagnostics);
  if (compiled.program->rules.empty()) {
    loaded.diagnostics.sort();
    print_diagnostics(*loaded.project, loaded.diagnostics);
    return kNo;
  }
  if (compiled.program->rules[0].suppress_ms)
    print_error("{} has `suppress`: what it would hold back is shown here, too", options.rule);
  if (compiled.program->rules[0].has_correlation)
    print_error("{} looks at many events: what follows is what it lets in; --near 3 shows the nearest groups",
                options.rule);

  Collector collector(*loaded.project, compiled, options);
  for (const ingest::InputFile& file : inputs.files) ingest::read_file(file, {}, collector);

  if (collector.kept.empty()) {
    print_error("no event of {}: {} of another source, {} of none", options.rule, collector.of_other_sources,
                collector.foreign);
    return kNo;
  }
  if (options.format == "json") {
    for (const Shown& shown : collector.kept)
      print_out("{{\"rule\":{},\"where\":{},{}}}\n", json_quoted(options.rule), json_quoted(shown.where),
                shown.why.json);
    return kOk;
  }
  if (collector.events > 1)
    print_out("{}: {} in {}{}\n", options.rule, counted(collector.alerts, "alert"), counted(collector.events, "event"),
              collector.kept.size() < collector.events
                  ? fmt::format("; the {} {}:", collector.kept.size(), collector.alerts ? "first" : "nearest")
                  : "");
  for (const Shown& shown : collector.kept) {
    std::string place = collector.events > 1 ? "  [" + shown.where + "]" : "";
    print_out("{}: {}{}\n{}", options.rule, shown.why.alert ? "ALERT" : "no alert", place, shown.why.text);
  }
  return kOk;
}

}  // namespace

void add_why(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("why", "Say why a rule matches an event, or why not");
  verb.option("RULE", options->rule, "The rule's name").required();
  verb.option("FILE", options->paths, "Events, in any shape that scan reads; - is standard input");
  verb.option("--rules", options->rule_paths,
              "Rule files and folders; `shipped` is the built-in pack (default)")
      .shown_as("PATH");
  verb.option("--most", options->most, "How many events to show, those that fired or came nearest first")
      .between(1, 1000)
      .shows_default();
  verb.option("--near", options->near, "Of a rule over many events: the groups that came nearest, so many")
      .between(1, 1000);
  verb.format(options->format, "text, or json: one event, or group, a line");
  verb.footer(
      "Examples:\n  weir why resolver_metadata_query event.json\n  weir why my_rule logs/ --rules my.weir "
      "--most 1\n"
      "  weir why resolver_dns_tunnelling logs/ --near 3");
  verb.runs(run, [=] { return why_verb(*options); });
}

}  // namespace weir::cli
