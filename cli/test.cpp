// weir test: runs the tests inside rules; says what they never try, and what they would not notice.

#include <algorithm>
#include <memory>

#include "cli/engine.h"
#include "cli/files.h"
#include "cli/junit.h"
#include "cli/load.h"
#include "cli/ruletest/coverage.h"
#include "cli/ruletest/mutate.h"
#include "cli/ruletest/run.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/test_events.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths, rules;
  std::string format = "text", show, report, engine = "interpreter";
  bool coverage = false, mutate = false;
};

std::string place_text(const compiler::Project& project, dsl::Span span) {
  return fmt::format("{}:{}", project.sources.path(span.source), project.sources.place(span.source, span.begin).line);
}

void print_failure(const compiler::Project& project, const TestCase& test, const TestOutcome& outcome) {
  bool color = use_color(stdout);
  print_out("{} {}: {}  {}\n", paint("FAIL", fmt::emphasis::bold | fmt::fg(fmt::terminal_color::red), color),
            test.owner(), test.test->title.value, place_text(project, test.test->span));
  for (const TestFailure& failure : outcome.failures) {
    print_out("     {}  (line {})\n", failure.expected,
              project.sources.place(failure.span.source, failure.span.begin).line);
    for (const std::string& detail : failure.details) {
      std::string indented;
      for (char c : detail) {
        indented += c;
        if (c == '\n') indented += "     ";
      }
      indented.erase(indented.find_last_not_of(" \n") + 1);
      print_out("     {}\n", indented);
    }
  }
}

std::string list_json(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + json_quoted(text);
  return out;
}

std::string outcome_json(const compiler::Project& project, const TestCase& test, const TestOutcome& outcome) {
  static const char* const kKinds[] = {"passed", "failed"};
  std::string failures;
  for (const TestFailure& failure : outcome.failures) {
    failures += fmt::format("{}{{\"line\":{},\"what\":{},\"details\":[{}]}}", failures.empty() ? "" : ",",
                            project.sources.place(failure.span.source, failure.span.begin).line,
                            json_quoted(failure.expected), list_json(failure.details));
  }
  return fmt::format("{{\"of\":{},\"test\":{},\"place\":{},\"outcome\":\"{}\",\"notes\":[{}],\"failures\":[{}]}}\n",
                     json_quoted(test.owner()), json_quoted(test.test->title.value),
                     json_quoted(place_text(project, test.test->span)), kKinds[size_t(outcome.kind)],
                     list_json(outcome.notes), failures);
}

void print_coverage(const compiler::Project& project, const Coverage& coverage, bool json, bool& complete) {
  std::vector<CoverageRow> rows = coverage.rows();
  complete = std::all_of(rows.begin(), rows.end(), [](const CoverageRow& row) { return row.covered(); });
  for (const CoverageRow& row : rows) {
    if (json) {
      print_out("{{\"coverage\":{},\"item\":{},\"place\":{},\"seen_true\":{},\"seen_false\":{}}}\n",
                json_quoted(row.rule), json_quoted(row.what), json_quoted(place_text(project, row.span)), row.seen_true,
                row.seen_false);
    } else if (!row.covered()) {
      print_out("never {:<5}  {}: {}  {}\n", row.seen_true ? "false" : row.seen_false ? "true" : "seen", row.rule,
                row.what, place_text(project, row.span));
    }
  }
  if (!json) print_out("coverage {} %: {}\n", Coverage::percent(rows), counted(rows.size(), "item"));
}

int print_mutants(compiler::Project& project, const std::vector<TestCase>& tests, bool json) {
  ProgressLine line;
  Mutation mutation = mutate(project, tests, [&](size_t done, size_t all) {
    if (line.due()) line.show(fmt::format("mutant {} of {}", done, all));
  });
  const std::vector<Mutant>& mutants = mutation.mutants;
  line.clear();
  for (const std::string& rule : mutation.untried)
    print_error("{} is not mutated: its tests fail, or do not run", rule);
  size_t noticed = 0;
  for (const Mutant& mutant : mutants) {
    noticed += mutant.noticed;
    if (json) {
      print_out("{{\"mutant\":{},\"change\":{},\"place\":{},\"noticed\":{}}}\n", json_quoted(mutant.rule),
                json_quoted(mutant.change), json_quoted(place_text(project, mutant.span)), mutant.noticed);
    } else if (!mutant.noticed) {
      print_out("not noticed  {}: {}  {}\n", mutant.rule, mutant.change, place_text(project, mutant.span));
    }
  }
  const size_t percent = mutants.empty() ? 100 : noticed * 100 / mutants.size();
  if (json) {
    print_out("{{\"mutants\":{},\"noticed\":{},\"percent\":{},\"same\":{},\"untried\":[{}]}}\n", mutants.size(), noticed,
              percent, mutation.same, list_json(mutation.untried));
  } else {
    print_out("{} of {} mutants noticed ({} %){}\n", noticed, mutants.size(), percent,
              mutation.same ? fmt::format("; {} more change nothing", mutation.same) : "");
  }
  return noticed == mutants.size() ? kOk : kNo;
}

int show_usual(const std::string& name, const compiler::Project& project) {
  auto schema = project.schemas.find(name);
  if (schema == project.schemas.end()) {
    print_error("there is no source `{}`", name);
    return kUsage;
  }
  print_out("{}\n", compiler::usual_event(schema->second));
  return kOk;
}

// Events that no rule over many events sees make a test mean less than it says, unless it writes `arrives` and so means it.
bool surprises(const TestRun& run) {
  return !run.outcome.notes.empty() &&
         std::none_of(run.test.test->steps.begin(), run.test.test->steps.end(), [](const auto& step) {
           const auto* feed = std::get_if<dsl::Feed>(&step);
           return feed && feed->arrives;
         });
}

void print_outcome(const compiler::Project& project, const TestRun& run, const std::string& format) {
  if (format == "json") {
    print(outcome_json(project, run.test, run.outcome));
  } else if (format == "text" && run.outcome.kind == TestOutcome::Kind::failed) {
    print_failure(project, run.test, run.outcome);
  } else if (format == "text" && surprises(run)) {
    for (const std::string& note : run.outcome.notes)
      print_out("note {}: {}: {}  {}\n", run.test.owner(), run.test.test->title.value, note,
                place_text(project, run.test.test->span));
  }
}

int test_verb(const Options& options) {
  if (options.format == "junit" && (options.coverage || options.mutate)) {
    print_error("JUnit has no place for --coverage and --mutate; --report FILE writes it beside them");
    return kUsage;
  }
  Loaded loaded = load_project(options.paths);
  if (loaded.exit) return loaded.exit;
  compiler::Project& project = *loaded.project;
  if (!options.show.empty()) return show_usual(options.show, project);
  compiler::check(project, loaded.diagnostics);
  loaded.diagnostics.retain([](const dsl::Diagnostic& d) { return d.severity() == dsl::Severity::error; });
  print_diagnostics(project, loaded.diagnostics);
  size_t errors = loaded.diagnostics.error_count();

  std::vector<TestCase> tests = collect_tests(project);
  std::erase_if(tests, [&](const TestCase& test) {
    return std::none_of(test.rules.begin(), test.rules.end(),
                        [&](const std::string& rule) { return name_matches(rule, options.rules); });
  });
  if (tests.empty()) {
    print_error("{}", project.rules.empty() ? "no rules, so no tests" : "no tests");
    if (errors) print_error("and {} in these rules", counted(errors, "error"));
    return kNo;
  }
  bool json = options.format == "json";
  Coverage coverage(options.rules);
  TestRunner runner(project, engine_named(options.engine));
  if (options.coverage) runner.observe(&coverage);
  size_t failed = 0;
  double seconds = 0;
  std::vector<TestRun> runs;
  for (const TestCase& test : tests) {
    auto begin = std::chrono::steady_clock::now();
    TestRun run{test, runner.run(test)};
    seconds += run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    failed += run.outcome.kind == TestOutcome::Kind::failed;
    print_outcome(project, run, options.format);
    runs.push_back(std::move(run));
  }
  if (options.format == "junit") print(to_junit(project, runs));
  if (!options.report.empty()) {
    std::string failure = replace_whole(options.report, to_junit(project, runs));
    if (!failure.empty()) {
      print_error("{}", failure);
      return kFailed;
    }
  }
  bool complete = true;
  if (options.coverage) coverage.expect(project);
  if (options.coverage) print_coverage(project, coverage, json, complete);
  int mutated = options.mutate ? print_mutants(project, tests, json) : kOk;
  if (options.format == "text")
    print_out("{}, {} failed{}, {:.2f} s\n", counted(tests.size(), "test"), failed,
              errors ? fmt::format(", {} in the rules", counted(errors, "error")) : "", seconds);
  return failed || !complete || mutated != kOk || errors ? kNo : kOk;
}

}  // namespace

void add_test(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("test", "Run the tests inside rules");
  verb.option("PATH", options->paths, "Rule files and folders: the project (default: the shipped pack)");
  verb.option("--rule", options->rules, "Only tests of rules with this name (* and ? allowed)")
      .one_at_a_time();
  verb.flag("--coverage", options->coverage,
            "List items that no test has seen true and false; exit 1 when there are any");
  verb.flag("--mutate", options->mutate, "Break each rule in small ways and list what no test notices");
  add_engine_flag(verb, options->engine);
  verb.option("--show", options->show, "Print the least event of this source, on which test events are laid");
  verb.format(options->format, "text (failures only); json: one test a line; junit: one XML document",
              {"text", "json", "junit"});
  verb.option("--report", options->report, "Write JUnit XML to this file, beside what is printed")
      .shown_as("FILE");
  verb.footer(
      "Examples:\n  weir test rules/ site/ --coverage\n  weir test my.weir --mutate\n"
      "  weir test rules/ --report weir-tests.xml   # in continuous integration");
  verb.runs(run, [=] { return test_verb(*options); });
}

}  // namespace weir::cli
