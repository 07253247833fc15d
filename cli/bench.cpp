// weir bench: what rules cost on one's own events.

#include <algorithm>
#include <memory>

#include "cli/bench/costs.h"
#include "cli/engine.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/native.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths, rule_paths, rules;
  std::string format = "text", engine = "native";
  bool items = false;
  uint64_t rounds = 9;
};

// A line of the table: a rule on one of its sources, or an item of that rule.
struct Row {
  std::string rule, source, item, place;
  CostedRoot costed;
};

std::string place_text(const compiler::Project& project, dsl::Span span) {
  return fmt::format("{}:{}", project.sources.path(span.source),
                     project.sources.place(span.source, span.begin).line);
}

std::vector<Row> rule_rows(const match::Program& program, const Options& options) {
  std::vector<Row> rows;
  for (const match::RuleInfo& rule : program.rules) {
    if (!name_matches(rule.name, options.rules)) continue;
    for (const match::RuleOnSource& on : rule.sources) {
      if (on.match == match::kNone) continue;
      rows.push_back({rule.name,
                      program.sources[on.source].name,
                      "",
                      fmt::format("{}:{}", rule.file, rule.line),
                      {on.source, on.match, 0, 0, {}}});
    }
  }
  return rows;
}

void add_items(const compiler::Project& project, const Row& rule,
               const std::vector<compiler::TracedItem>& items, std::vector<Row>& rows) {
  for (const compiler::TracedItem& item : items) {
    if (item.holds != match::kNone)
      rows.push_back({rule.rule,
                      rule.source,
                      item.text,
                      place_text(project, item.span),
                      {rule.costed.source, item.holds, 0, 0, {}}});
    add_items(project, rule, item.children, rows);
  }
}

std::vector<Row> item_rows(const compiler::Project& project, const compiler::Compiled& compiled,
                           const Row& rule) {
  std::vector<Row> rows;
  for (const compiler::RuleTrace& trace : compiled.trace.rules) {
    if (trace.source != rule.costed.source || compiled.program->rules[trace.rule].name != rule.rule) continue;
    for (const compiler::TracedSelection& selection : trace.selections)
      for (const std::vector<compiler::TracedItem>& map : selection.maps) add_items(project, rule, map, rows);
    for (const compiler::TracedExemption& exemption : trace.exemptions)
      for (const std::vector<compiler::TracedItem>& map : exemption.selection.maps)
        add_items(project, rule, map, rows);
  }
  return rows;
}

void measure(const HeldEvents& events, std::vector<Row>& rows, int rounds) {
  std::vector<CostedRoot> roots;
  for (const Row& row : rows) roots.push_back(row.costed);
  root_costs(events, roots, rounds);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].costed = roots[i];
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.costed.cost.median > b.costed.cost.median; });
}

std::string cost_json(const Cost& cost) {
  return fmt::format("\"ns\":{:.2f},\"low\":{:.2f},\"high\":{:.2f}", cost.median, cost.low, cost.high);
}

void print_stage(const char* name, const Cost& cost, uint64_t events, bool json, const char* what) {
  if (json) {
    print_out("{{\"stage\":\"{}\",{},\"events\":{}}}\n", name, cost_json(cost), events);
  } else {
    print_out("{:>10.1f}  {:>8.1f} to {:<8.1f}  {}: {}\n", cost.median, cost.low, cost.high, name, what);
  }
}

void print_row(const Row& row, bool json) {
  const CostedRoot& costed = row.costed;
  if (json) {
    print_out("{{\"rule\":{},\"source\":{},\"item\":{},\"place\":{},{},\"events\":{},\"holds\":{}}}\n",
              json_quoted(row.rule), json_quoted(row.source),
              row.item.empty() ? "null" : json_quoted(row.item), json_quoted(row.place),
              cost_json(costed.cost), costed.events, costed.holds);
  } else if (costed.events == 0) {
    print_out("{:>10}  {:>8}    {:<8}  {}  (no events of {})\n", "-", "", "", row.rule, row.source);
  } else {
    print_out("{:>10.1f}  {:>8.1f} to {:<8.1f}  {}{}  ({} of {})\n", costed.cost.median, costed.cost.low,
              costed.cost.high, row.item.empty() ? "" : "    ",
              row.item.empty() ? row.rule : row.item + "  " + row.place, grouped(costed.holds),
              grouped(costed.events));
  }
}

int bench(Options options) {
  if (!part_rules_and_logs(options.rule_paths, options.paths)) return kUsage;
  if (options.paths.empty()) {
    print_error("no events: weir bench EVENTS… [--rules PATH…]");
    return kUsage;
  }
  if (std::find(options.paths.begin(), options.paths.end(), "-") != options.paths.end()) {
    print_error("standard input can be read only once; bench reads its events again and again");
    return kUsage;
  }
  Loaded loaded = load_project(options.rule_paths, Tests::left_out);
  if (loaded.exit) return loaded.exit;
  compiler::CompileOptions compile_options;
  // What runs is measured, never what is still on its way.
  const bool native = engine_named(options.engine) != compiler::Engine::interpreter && compiler::native_available();
  compile_options.engine = native ? compiler::Engine::native : compiler::Engine::interpreter;
  compiler::Compiled compiled = compiler::compile(*loaded.project, compile_options, loaded.diagnostics);
  loaded.diagnostics.retain([](const dsl::Diagnostic& d) { return d.severity() == dsl::Severity::error; });
  print_diagnostics(*loaded.project, loaded.diagnostics);
  ingest::InputList inputs = ingest::list_inputs(options.paths);
  for (const std::string& sentence : inputs.unreadable) print_error("{}", sentence);
  if (!inputs.unreadable.empty()) return kUsage;

  if (!compiled.program) {
    print_error("{}", compiled.engine_problem);
    return kNo;
  }
  HeldRecords records;
  for (const ingest::InputFile& file : inputs.files) ingest::read_file(file, {}, records);
  HeldEvents events(compiled.program, records);
  std::vector<Row> rules = rule_rows(*compiled.program, options);
  if (rules.empty() || events.size() == 0) {
    print_error("{}", rules.empty() ? "no rules" : "no events of a source that the rules are about");
    return kNo;
  }
  ProgressLine line;
  line.show("measuring…");
  const int rounds = static_cast<int>(options.rounds);
  StageCosts stages = stage_costs(compiled.program, inputs.files, records, events, rounds);
  measure(events, rules, rounds);
  compile_options.trace = true;
  compile_options.engine = compiler::Engine::interpreter;
  compiler::Compiled traced;
  std::unique_ptr<HeldEvents> traced_events;
  if (options.items) {
    dsl::Diagnostics told;  // the first compilation has said it
    traced = compiler::compile(*loaded.project, compile_options, told);
    traced_events = std::make_unique<HeldEvents>(traced.program, records);
  }
  line.clear();

  bool json = options.format == "json";
  if (!json)
    print_out("{} in {}; {} in memory, {} of them for the rules; {} rounds; engine: {}\n\n{:>10}  {:<20}\n",
              counted(records.records, "record"), counted(inputs.files.size(), "file"),
              grouped(records.held.size()), grouped(events.size()), options.rounds, compiled.program->engine,
              "ns/event", "fastest to slowest round");
  print_stage("reading", stages.reading, records.records, json, "files to records");
  print_stage("decoding", stages.decoding, stages.events, json, "every field that the rules name");
  print_stage("matching", stages.matching, events.size(), json, "all rules, on such an event");
  print_stage("scanning", stages.scanning, stages.events, json,
              "both, ending early where no rule can match, as a scan does");
  if (!json)
    print_out("\n{:>10}  {:<20}  each rule alone, on every event of its source (and how many it holds for)\n",
              "ns/event", "");
  for (const Row& rule : rules) {
    print_row(rule, json);
    if (!options.items) continue;
    std::vector<Row> items = item_rows(*loaded.project, traced, rule);
    measure(*traced_events, items, rounds);
    for (const Row& item : items) print_row(item, json);
  }
  return loaded.diagnostics.error_count() ? kNo : kOk;
}

}  // namespace

void add_bench(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("bench", "Measure what reading, decoding and each rule cost on events");
  verb.option("PATH", options->paths, "Logs, in any shape that scan reads");
  verb.option("--rules", options->rule_paths,
              "Rule files and folders; `shipped` is the built-in pack (default)")
      .shown_as("PATH");
  verb.option("--rule", options->rules, "Only rules with this name (* and ? allowed)").one_at_a_time();
  verb.flag("--items", options->items, "Each item of each rule, too");
  verb.option("--rounds", options->rounds, "How often everything is measured; the median is told")
      .between(1, 999)
      .shows_default();
  add_engine_flag(verb, options->engine);
  verb.format(options->format, "text, or json: one measurement a line");
  verb.footer(
      "Examples:\n  weir bench events.ndjson --rules my.weir --items\n  weir bench AWSLogs/ --format json | "
      "jq -s 'max_by(.ns)'");
  verb.runs(run, [=] { return bench(*options); });
}

}  // namespace weir::cli
