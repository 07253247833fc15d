// weir scan: the rules over logs, and what they find.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include "cli/engine.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/scanner.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/compile.h"
#include "dsl/shown.h"
#include "runtime/match/functions.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths, rule_paths, rules;
  std::string format;  // empty: text on a terminal, else json
  std::string level = "informational", fail_on, since, until, summary, engine = "auto";
  uint64_t threads = 0;
  uint64_t memory_mib = 256;
};

constexpr size_t kMostProblemsShown = 20;
constexpr size_t kMostUndecidedShown = 20;

fmt::text_style style_of(int level) {
  using fmt::terminal_color;
  static const terminal_color kColors[] = {terminal_color::bright_black, terminal_color::blue,
                                           terminal_color::yellow, terminal_color::red,
                                           terminal_color::bright_magenta};
  return fmt::fg(kColors[level]);
}

int level_named(std::string_view name) {
  for (int i = 0; i < match::kLevels; ++i)
    if (name == match::kLevelNames[i]) return i;
  return 0;
}

// A time or a day; nullopt is wrong use.
std::optional<int64_t> time_argument(const std::string& text) {
  if (auto time = match::parse_time(text)) return time;
  return match::parse_time(text + "T00:00:00Z");
}

std::string alert_line(const match::Program& program, const correlate::Alert& alert, bool color) {
  const match::RuleInfo& rule = program.rules[alert.rule];
  std::string line = fmt::format("{}  {}  {}  {}", match::format_time(alert.order.time),
                                 paint(fmt::format("{:<13}", match::kLevelNames[alert.level]), style_of(alert.level), color),
                                 paint(rule.name, fmt::emphasis::bold, color),
                                 dsl::shown(alert.message.empty() ? rule.title : alert.message));
  if (alert.held_back) line += fmt::format(" (+{} held back)", alert.held_back);
  return line + paint(fmt::format("  [{}]\n", dsl::shown(alert.where)), fmt::fg(fmt::terminal_color::bright_black), color);
}

struct Tally {
  std::map<std::string, uint64_t> by_rule;
  uint64_t by_level[match::kLevels] = {};
  uint64_t alerts = 0;
};

// Of all rules.
struct RuleTotals {
  uint64_t without_key = 0, evicted = 0;
  std::vector<std::pair<std::string, uint64_t>> evicted_by_rule;  // the most first

  RuleTotals(const match::Program& program, const ScanResult& result) {
    for (size_t rule = 0; rule < result.by_rule.size(); ++rule) {
      const correlate::RuleCounts& counts = result.by_rule[rule];
      without_key += counts.without_key;
      evicted += counts.evicted;
      if (counts.evicted) evicted_by_rule.emplace_back(program.rules[rule].name, counts.evicted);
    }
    std::stable_sort(evicted_by_rule.begin(), evicted_by_rule.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }

  std::string evicted_json() const {
    std::string text;
    for (const auto& [name, count] : evicted_by_rule)
      text += fmt::format("{}{}:{}", text.empty() ? "" : ",", json_quoted(name), count);
    return text;
  }
  std::string evicted_text() const {
    constexpr size_t kMostNamed = 5;
    std::string text;
    for (size_t i = 0; i < std::min(kMostNamed, evicted_by_rule.size()); ++i)
      text += fmt::format("{}{} {}", i ? ", " : "", evicted_by_rule[i].first, grouped(evicted_by_rule[i].second));
    if (evicted_by_rule.size() > kMostNamed)
      text += fmt::format(", and of {}", counted(evicted_by_rule.size() - kMostNamed, "other rule"));
    return fmt::format("{} ({}): `state` gives a rule more", grouped(evicted), text);
  }
};

std::string summary_json(const match::Program& program, const ScanResult& result, const Tally& tally, double seconds) {
  const ScanCounts& counts = result.counts;
  const RuleTotals totals(program, result);
  std::string by_rule;
  for (const auto& [name, count] : tally.by_rule)
    by_rule += fmt::format("{}{}:{}", by_rule.empty() ? "" : ",", json_quoted(name), count);
  return fmt::format(
      "{{\"events\":{},\"unreadable\":{},\"duplicates\":{},\"id_conflicts\":{},\"skipped\":{},\"alerts\":{},"
      "\"by_rule\":{{{}}},\"undecided\":{},\"without_key\":{},\"evicted\":{},\"evicted_by_rule\":{{{}}},\"late\":0,\"ahead\":{},\"bytes\":{},\"seconds\":{:.3f}}}\n",
      counts.events, counts.unreadable, counts.duplicates, counts.id_conflicts, counts.skipped, tally.alerts, by_rule,
      result.undecided.size(), totals.without_key, totals.evicted, totals.evicted_json(), counts.ahead, counts.bytes, seconds);
}

// Absences and slots whose time did not come before the end of the logs.
std::string undecided_text(const match::Program& program, const std::vector<correlate::OpenQuestion>& undecided,
                           const std::vector<std::string>& names) {
  std::string text;
  size_t shown = 0, more = 0;
  for (const correlate::OpenQuestion& open : undecided) {
    const std::string& name = program.rules[open.rule].name;
    if (!name_matches(name, names) || program.rules[open.rule].building_block) continue;
    if (++shown > kMostUndecidedShown) {
      ++more;
      continue;
    }
    text += fmt::format("undecided until {}  {}  {}  [{}]\n", match::format_time(open.deadline), name,
                        dsl::shown(open.alert.message), dsl::shown(open.alert.where));
  }
  if (more) text += fmt::format("and {} more undecided\n", grouped(more));
  return text;
}

void print_summary(const match::Program& program, const ScanResult& result, const Tally& tally, size_t files,
                   const std::vector<std::string>& names, double seconds) {
  const ScanCounts& counts = result.counts;
  const RuleTotals totals(program, result);
  std::string text = fmt::format("{} in {}, {} in {}", counted(counts.events, "event"), counted(files, "file"),
                                 bytes_text(counts.bytes), seconds_text(seconds));
  if (counts.duplicates) text += fmt::format("; {} left out", counted(counts.duplicates, "duplicate"));
  if (counts.out_of_range) text += fmt::format("; {} outside --since/--until", grouped(counts.out_of_range));
  if (counts.id_conflicts)
    text += fmt::format("; with the id of another but not its content: {}", grouped(counts.id_conflicts));
  if (counts.unreadable) text += fmt::format("; {} unreadable", grouped(counts.unreadable));
  if (counts.skipped) {
    std::string kinds;
    for (size_t i = 0; i < ingest::kSkips; ++i)
      if (counts.skips[i])
        kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", grouped(counts.skips[i]),
                             ingest::name_of(ingest::Skip(i)));
    text += fmt::format("; skipped: {}", kinds);
  }
  if (counts.ahead) text += fmt::format("; dated in the future: {}", grouped(counts.ahead));
  if (totals.without_key) text += fmt::format("; without a key of a group: {}", grouped(totals.without_key));
  if (totals.evicted) text += fmt::format("; groups forgotten for want of room: {}", totals.evicted_text());
  text += "\n";
  if (tally.alerts == 0) text += "no alerts\n";
  std::vector<std::pair<std::string, uint64_t>> rows(tally.by_rule.begin(), tally.by_rule.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [name, count] : rows) text += fmt::format("{:>9}  {}\n", grouped(count), name);
  std::string levels;
  for (int i = match::kLevels; i-- > 0;)
    if (tally.by_level[i])
      levels += fmt::format("{}{} {}", levels.empty() ? "" : ", ", grouped(tally.by_level[i]), match::kLevelNames[i]);
  if (!levels.empty())
    text += fmt::format("{:>9}  alert{}: {}\n", grouped(tally.alerts), tally.alerts == 1 ? "" : "s", levels);
  text += undecided_text(program, result.undecided, names);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

class ProblemPrinter {
 public:
  explicit ProblemPrinter(ProgressLine& line) : line_(line) {}
  void operator()(const ScanProblem& problem) {
    if (++count_ > kMostProblemsShown) return;
    line_.clear();
    std::string place = problem.line ? fmt::format(":{}", problem.line)
                        : problem.record ? fmt::format(", record {}", problem.record)
                                         : "";
    print_error("{}{} (byte {}): {}{}", problem.file, place, problem.offset, problem.reason,
                problem.head.empty() ? "" : fmt::format(": {}", problem.head));
    if (count_ == kMostProblemsShown) print_error("more unreadable records are only counted");
  }

 private:
  ProgressLine& line_;
  size_t count_ = 0;
};

void show_progress(ProgressLine& line, const ScanProgress& progress, size_t files, uint64_t disk_bytes,
                   uint64_t done_disk_bytes, double seconds) {
  if (!line.due() || seconds < 0.3) return;
  uint64_t events = progress.events;
  double rate = double(events) / seconds;
  std::string eta;
  if (done_disk_bytes > 0 && done_disk_bytes < disk_bytes)
    eta = fmt::format(", {} left", seconds_text(seconds * double(disk_bytes - done_disk_bytes) / double(done_disk_bytes)));
  line.show(fmt::format("{}/{} files, {}, {} events ({}/s){}", progress.files_done.load(), files,
                        bytes_text(progress.bytes_done), grouped(events), grouped(uint64_t(rate)), eta));
}

int scan(Options options) {
  if (!part_rules_and_logs(options.rule_paths, options.paths)) return kUsage;
  if (options.paths.empty()) {
    print_error("no logs: weir scan PATH… [--rules PATH…]; - is standard input");
    return kUsage;
  }
  std::optional<int64_t> since, until;
  if (!options.since.empty() && !(since = time_argument(options.since))) {
    print_error("--since {}: not a time such as 2026-01-31 or 2026-01-31T08:00:00Z", options.since);
    return kUsage;
  }
  if (!options.until.empty() && !(until = time_argument(options.until))) {
    print_error("--until {}: not a time such as 2026-01-31 or 2026-01-31T08:00:00Z", options.until);
    return kUsage;
  }
  Loaded loaded = load_project(options.rule_paths, Tests::left_out);
  if (loaded.exit == kUsage) return kUsage;
  compiler::Compiled compiled =
      compiler::compile(*loaded.project, {.engine = engine_named(options.engine)}, loaded.diagnostics);
  if (!compiled.program) {
    print_error("{}; --engine auto or interpreter", compiled.engine_problem);
    return kUsage;
  }
  size_t rule_errors = loaded.diagnostics.error_count();
  loaded.diagnostics.retain([](const dsl::Diagnostic& d) { return d.severity() == dsl::Severity::error; });
  loaded.diagnostics.sort();
  print_diagnostics(*loaded.project, loaded.diagnostics);
  auto program = compiled.program;
  if (program->rules.empty()) {
    print_error("no rules{}", rule_errors ? " without errors" : "");
    return kNo;
  }
  if (rule_errors)
    print_error("rules with errors are left out, {} without errors run", counted(program->rules.size(), "rule"));

  ingest::InputList inputs = ingest::list_inputs(options.paths);
  for (const std::string& sentence : inputs.unreadable) print_error("{}", sentence);
  if (inputs.files.empty()) {
    if (inputs.unreadable.empty()) print_error("no files in {}", fmt::join(options.paths, ", "));
    return inputs.unreadable.empty() ? kNo : kUsage;
  }

  uint64_t disk_bytes = 0;
  std::vector<uint64_t> bytes_until{0};
  for (const ingest::InputFile& file : inputs.files) bytes_until.push_back(disk_bytes += file.bytes);

  ProgressLine line;
  ProblemPrinter problems(line);
  ScanProgress progress;
  auto begin = std::chrono::steady_clock::now();
  auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  ScanOptions scan_options;
  scan_options.threads = options.threads ? static_cast<unsigned>(options.threads)
                                         : std::max(1u, std::thread::hardware_concurrency());
  scan_options.now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  scan_options.rows_bytes = options.memory_mib << 20;
  std::error_code no_folder;
  scan_options.temporary_folder = std::filesystem::temp_directory_path(no_folder).string();
  scan_options.since = since;
  scan_options.until = until;
  scan_options.on_problem = [&](const ScanProblem& problem) { problems(problem); };
  scan_options.on_tick = [&] {
    size_t done = std::min<size_t>(progress.files_done, inputs.files.size());
    show_progress(line, progress, inputs.files.size(), disk_bytes, bytes_until[done], elapsed());
  };
  ScanResult result = scan_inputs(program, inputs.files, scan_options, progress);
  double seconds = elapsed();
  line.clear();

  bool json = options.format.empty() ? !is_terminal(stdout) : options.format == "json";
  bool color = use_color(stdout);
  int floor = level_named(options.level), highest = -1;
  Tally tally;
  for (const correlate::Alert& alert : result.alerts) {
    const match::RuleInfo& rule = program->rules[alert.rule];
    if (rule.building_block || alert.level < floor || !name_matches(rule.name, options.rules)) continue;
    ++tally.alerts;
    ++tally.by_rule[rule.name];
    ++tally.by_level[alert.level];
    highest = std::max<int>(highest, alert.level);
    print(json ? correlate::to_json(*program, alert) + "\n" : alert_line(*program, alert, color));
  }
  std::fflush(stdout);
  print_summary(*program, result, tally, inputs.files.size(), options.rules, seconds);
  if (!result.failure.empty()) print_error("{}: alerts of rules with a correlation are missing", result.failure);
  warn_of_engine(compiled);
  if (!options.summary.empty()) {
    std::string failure = replace_whole(options.summary, summary_json(*program, result, tally, seconds));
    if (!failure.empty()) {
      print_error("{}", failure);
      return kFailed;
    }
  }
  if (!inputs.unreadable.empty() || result.counts.unread || loaded.exit || !result.failure.empty()) return kFailed;
  if (rule_errors) return kNo;
  uint64_t seen = result.counts.events + result.counts.duplicates + result.counts.out_of_range;
  if (seen == 0) {
    print_error("no events: nothing in these files is a record of {}",
                fmt::join([&] {
                  std::vector<std::string> names;
                  for (const match::SourceInfo& source : program->sources)
                    if (!source.is_alert) names.push_back(source.name);
                  return names;
                }(), ", "));
    return kNo;
  }
  return !options.fail_on.empty() && highest >= level_named(options.fail_on) ? kNo : kOk;
}

}  // namespace

void add_scan(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  std::vector<std::string> levels(std::begin(match::kLevelNames), std::end(match::kLevelNames));
  Verb verb = app.add("scan", "Run rules over logs: files, folders, - for standard input");
  verb.option("PATH", options->paths, "Logs: plain, .gz or .zst, any shape, mixed; - is standard input");
  verb.option("--rules", options->rule_paths,
              "Rule files and folders; `shipped` is the built-in pack (default)")
      .shown_as("PATH");
  verb.option("--rule", options->rules, "Only alerts of rules with this name (* and ? allowed)")
      .one_at_a_time();
  verb.option("--level", options->level, "Only alerts of this level or above").one_of(levels);
  verb.option("--fail-on", options->fail_on, "Exit 1 when there is an alert of this level or above")
      .one_of(levels);
  verb.option("--since", options->since, "Only events of this time or later");
  verb.option("--until", options->until, "Only events before this time");
  verb.option("--threads", options->threads, "How many (default: one for each core)").between(1, 1024);
  verb.option("--memory", options->memory_mib,
              "MiB of events that rules over many events let in; more goes to temporary files")
      .between(0, 1 << 20)
      .shows_default();
  verb.format(options->format, "text (default on a terminal), or json: one alert a line");
  verb.option("--summary", options->summary, "Write the counts to this file, as JSON").shown_as("FILE");
  add_engine_flag(verb, options->engine);
  verb.footer(
      "Examples:\n  weir scan AWSLogs/\n  weir scan --rules shipped my.weir --level high logs/*.json.gz | jq "
      ".message");
  verb.runs(run, [=] { return scan(*options); });
}

}  // namespace weir::cli
