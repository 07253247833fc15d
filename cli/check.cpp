// weir check: everything that is wrong with a project, all of it at once.

#include <algorithm>
#include <cstdint>
#include <memory>

#include "cli/annotations.h"
#include "cli/config/findings.h"
#include "cli/config_file.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/sarif.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/compile.h"
#include "dsl/render.h"
#include "runtime/process/clock.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::string format = "text";
  std::string deny;
  bool deny_warnings = false, state = false, all = false;
};

// How many groups (of `new` without a group_by: values) the budget has room for.
std::string fit_text(const compiler::RuleState& state) {
  const bool of_values = state.of == std::string_view("value");
  if (of_values) return counted(state.fit, state.grouped ? "group" : "value");
  if (!state.grouped) return "one group";
  return fmt::format("{} to {}", grouped(state.fit_at_worst), counted(state.fit, "group"));
}

// What each correlation takes, instead of the diagnostics; rules with errors are not in it.
void print_states(const Options& options, const compiler::Project& project) {
  dsl::Diagnostics known;
  std::vector<compiler::RuleState> states =
      compiler::rule_states(compiler::lower(project, {}, known, nullptr));
  if (options.format == "json") {
    for (const compiler::RuleState& state : states)
      print_out(
          "{{\"rule\":{},\"kind\":\"{}\",\"grouped\":{},\"of\":\"{}\",\"least\":{},\"most\":{},\"budget\":{},\"fit\":{},"
          "\"fit_at_worst\":{}}}\n",
          json_quoted(state.rule), state.kind, state.grouped, state.of, state.least, state.most, state.budget, state.fit,
          state.fit_at_worst);
    return;
  }
  if (states.empty()) {
    print("no rule has a correlation\n");
    return;
  }
  size_t width = 4;
  for (const compiler::RuleState& state : states) width = std::max(width, state.rule.size());
  print_out("{:<{}}  {:<7}  {:>19}  {:>9}  {:>8}  {}\n", "rule", width, "kind", "a group of 1 event", "at worst", "budget",
            "that fit");
  for (const compiler::RuleState& state : states) {
    const bool of_values = state.of == std::string_view("value");
    print_out("{:<{}}  {:<7}  {:>19}  {:>9}  {:>8}  {}\n", state.rule, width, state.kind,
              bytes_text(state.least) + (of_values && !state.grouped ? " a value" : ""),
              of_values ? "budget" : bytes_text(state.most), bytes_text(state.budget), fit_text(state));
  }
}

void print_findings(const compiler::Project& project, const dsl::Diagnostics& diagnostics,
                    const std::string& format, bool all, bool complete) {
  if (format == "text") return print_diagnostics(project, diagnostics, true, all ? SIZE_MAX : kMostShown);
  if (format == "sarif") return print(to_sarif(project.sources, diagnostics, complete));
  for (const dsl::Diagnostic& diagnostic : diagnostics.list())
    print((format == "json" ? dsl::to_json : github_annotation)(project.sources, diagnostic) + "\n");
}

// Configurations among the paths are taken out; the rules that they name are checked, too, unless other rules are
// given.
std::vector<std::string> take_configs(std::vector<std::string>& paths) {
  std::vector<std::string> configs;
  for (const std::string& path : paths)
    if (is_config(path)) configs.push_back(path);
  std::erase_if(paths, is_config);
  if (!paths.empty()) return configs;
  for (const std::string& path : configs) {
    LoadedConfig loaded = load_config(path);
    const std::vector<std::string> rules = config::check_rule_places(loaded.config, loaded.diagnostics);
    paths.insert(paths.end(), rules.begin(), rules.end());
  }
  return configs;
}

// Read once more, as a file of the project: all findings are one list.
void check_configs(const std::vector<std::string>& configs, compiler::Project& project, dsl::Diagnostics& diagnostics) {
  for (const std::string& path : configs) {
    std::string problem;
    std::optional<std::string> text = read_whole(path, problem);
    if (!text) continue;  // said already
    const config::Config read = config::read_config(project.sources, path, *text, config::surroundings(), diagnostics);
    const bool all_there = config::check_rule_places(read, diagnostics).size() == read.rules.size();
    if (all_there) config::check_names(read, project.sources, project, diagnostics);
    config::check_use(read, project.sources, process::now_us(), diagnostics);
    config::check_places(read, project.sources, diagnostics);
  }
  diagnostics.sort();
}

int check(Options options) {
  const std::vector<std::string> configs = take_configs(options.paths);
  // Never freed: the process ends with the answer, and to free half a million nodes one by one is a tenth of its time.
  static Loaded& loaded = *new Loaded(load_project(options.paths));
  if (loaded.exit == kUsage) return kUsage;
  compiler::check(*loaded.project, loaded.diagnostics);
  check_configs(configs, *loaded.project, loaded.diagnostics);
  const compiler::Project& project = *loaded.project;

  if (options.state && loaded.diagnostics.error_count() == 0) {
    print_states(options, project);
  } else {
    print_findings(project, loaded.diagnostics, options.format, options.all, loaded.exit == kOk);
  }
  if (loaded.exit) return loaded.exit;
  size_t files = std::count_if(project.loaded_paths.begin(), project.loaded_paths.end(),
                               [](const std::string& path) { return !path.starts_with("shipped/schemas/"); });
  if (files == 0) {
    print_error("nothing to check: no .weir file in {}",
                fmt::join(options.paths.empty() ? std::vector<std::string>{"the shipped pack"} : options.paths, ", "));
    for (const std::string& path : options.paths)
      if (const std::string logs = logs_in(path); !logs.empty())
        print_error("{} holds {}: `weir scan {}` reads these", path, logs, path);
    return kNo;
  }
  size_t errors = loaded.diagnostics.error_count(), warnings = loaded.diagnostics.warning_count();
  if (options.format == "text" && !options.state) {
    print_out("{}, {}, {} in {}: {}\n", counted(project.rules.size(), "rule"),
              counted(project.lists.size(), "list"), counted(project.tunes.size(), "tuning"), counted(files, "file"),
              errors + warnings == 0 ? "nothing wrong" : findings_text(errors, warnings));
  }
  return errors || (warnings && (options.deny_warnings || !options.deny.empty())) ? kNo : kOk;
}

}  // namespace

void add_check(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("check", "Say everything that is wrong with rules, or with weir.yaml");
  verb.option("PATH", options->paths,
              "Rule files and folders: the project (default: the shipped pack); and weir.yaml");
  verb.format(
      options->format,
      "text; json: one diagnostic a line; sarif: one SARIF log; github: annotations of a workflow run",
      {"text", "json", "sarif", "github"});
  verb.flag("--deny-warnings", options->deny_warnings, "Exit 1 on warnings, too");
  verb.option("--deny", options->deny, "The same, as compilers spell it: --deny warnings")
      .one_of({"warnings"})
      .shown_as("warnings");
  verb.flag("--all", options->all,
            "As text, show every finding, not only the first hundred; other formats always do");
  verb.flag("--state", options->state, "What each correlation may hold, and how many groups fit its budget");
  verb.footer(
      "Examples:\n  weir check rules/ site/\n  weir check weir.yaml\n  weir check my.weir --format json | jq "
      ".code\n"
      "  weir check rules/ --format sarif > weir.sarif");
  verb.runs(run, [=] { return check(*options); });
}

}  // namespace weir::cli
