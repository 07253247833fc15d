#include "cli/ruletest/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/load.h"
#include "cli/ruletest/feeder.h"
#include "compiler/test_events.h"
#include "runtime/match/decode.h"

namespace weir::cli {
namespace {

constexpr int64_t kMicros = 1000;               // in a millisecond

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const dsl::Params* params_of(const dsl::Test& test) {
  for (const auto& step : test.steps)
    if (const auto* params = std::get_if<dsl::Params>(&step)) return params;
  return nullptr;
}

std::string alert_text(const match::Program& program, const correlate::Alert& alert) {
  return fmt::format("at {} from {}: {}", offset_text(alert.order.time), program.rules[alert.rule].name,
                     alert.message);
}

std::string count_text(int64_t count) {
  return count == 0 ? "no alert" : fmt::format("{} alert{}", count, count == 1 ? "" : "s");
}

// Which alerts an `expect` chooses: by rule, time, and a selection over the alert itself. Rules that run only
// because a rule of the test hears them are meant when they are named.
class Chooser {
 public:
  Chooser(const compiler::Project& project, const match::Program& program, const TestCase& test,
          const dsl::Expect& expect)
      : program_(program), test_(test), expect_(expect) {
    if (!expect.map) return;
    dsl::Diagnostics diagnostics;  // the map was checked with the rule
    filter_ = compiler::compile_expectations(project, {&*expect.map}, diagnostics);
    decoder_ = std::make_unique<match::Decoder>(filter_);
    scratch_ = filter_->make_scratch();
  }

  bool chooses(const correlate::Alert& alert) {
    const std::string& rule = program_.rules[alert.rule].name;
    if (expect_.rule ? expect_.rule->text != rule : !is_one_of(test_.rules, rule)) return false;
    if (expect_.at && compiler::kTestStart + expect_.at->ms * kMicros != alert.order.time) return false;
    if (!filter_) return true;
    std::string record = correlate::to_json(program_, alert);
    size_t size = record.size();
    record.resize(size + match::kPadding);
    uint32_t source = filter_->rules[0].sources[0].source;
    if (decoder_->decode(std::string_view(record).substr(0, size), source).status != match::DecodeStatus::ok)
      return false;
    std::vector<uint64_t> matched(filter_->match_words());
    filter_->match(filter_->code.get(), &decoder_->event(), scratch_.get(), matched.data());
    return matched[0] & 1;
  }

 private:
  const match::Program& program_;
  const TestCase& test_;
  const dsl::Expect& expect_;
  std::shared_ptr<match::Program> filter_;
  std::unique_ptr<match::Decoder> decoder_;
  std::shared_ptr<rt_scratch> scratch_;
};

std::string wanted_text(const compiler::Project& project, const dsl::Expect& expect) {
  std::string out = count_text(expect.count);
  if (expect.at) out += " at " + match::format_duration(expect.at->ms * kMicros);
  if (expect.rule) out += " from " + expect.rule->text;
  if (expect.map) out += fmt::format(" {}", project.sources.text(expect.map->span));
  return out;
}

void compare(const compiler::Project& project, const match::Program& program, const TestCase& test,
             const Fed& fed, TestOutcome& outcome) {
  const std::vector<correlate::Alert>& alerts = fed.alerts;
  std::vector<bool> chosen(alerts.size());
  bool any_expect = false;
  for (const auto& step : test.test->steps) {
    const auto* expect = std::get_if<dsl::Expect>(&step);
    if (!expect) continue;
    any_expect = true;
    Chooser chooser(project, program, test, *expect);
    std::vector<std::string> found;
    for (size_t i = 0; i < alerts.size(); ++i) {
      if (!chooser.chooses(alerts[i])) continue;
      chosen[i] = true;
      found.push_back("got: " + alert_text(program, alerts[i]));
    }
    if (int64_t(found.size()) == expect->count) continue;
    TestFailure failure{fmt::format("expected {}, got {}", wanted_text(project, *expect),
                                    found.empty() ? "none" : std::to_string(found.size())),
                        expect->span, std::move(found)};
    if (failure.details.empty())
      for (const correlate::Alert& alert : alerts)
        failure.details.push_back("there was: " + alert_text(program, alert));
    for (const std::string& explanation : fed.explanations()) failure.details.push_back("why: " + explanation);
    for (const std::string& note : fed.notes) failure.details.push_back("note: " + note);
    outcome.failures.push_back(std::move(failure));
  }
  if (!outcome.failures.empty()) return;  // a wrong `expect` explains what it did not choose
  for (size_t i = 0; i < alerts.size(); ++i)
    if (!chosen[i] && is_one_of(test.rules, program.rules[alerts[i].rule].name))
      outcome.failures.push_back({any_expect ? "an alert that no `expect` asks for" : "an alert, and no `expect`",
                                  test.test->span,
                                  {"got: " + alert_text(program, alerts[i])}});
}

}  // namespace

std::string TestCase::owner() const {
  if (rule) return rule->name.text;
  std::string names = "tune ";
  for (const dsl::Name& target : tune->targets) names += (names.size() > 5 ? ", " : "") + target.text;
  return names;
}

bool tests_count(const compiler::Project& project, const compiler::RuleEntry& entry) {
  return !entry.shipped || std::all_of(project.rules.begin(), project.rules.end(),
                                       [](const compiler::RuleEntry& other) { return other.shipped; });
}

std::vector<TestCase> collect_tests(const compiler::Project& project) {
  std::vector<TestCase> tests;
  for (const compiler::RuleEntry& entry : project.rules) {
    if (!tests_count(project, entry)) continue;
    for (const dsl::RuleClause& clause : entry.rule->clauses)
      if (const auto* test = std::get_if<dsl::Test>(&clause))
        tests.push_back({test, entry.rule, nullptr, {entry.rule->name.text}});
  }
  for (const dsl::Tune* tune : project.tunes) {
    std::vector<std::string> targets;
    for (const compiler::RuleEntry& entry : project.rules)
      if (std::find(entry.tunes.begin(), entry.tunes.end(), tune) != entry.tunes.end())
        targets.push_back(entry.rule->name.text);
    for (const dsl::TuneClause& clause : tune->clauses)
      if (const auto* test = std::get_if<dsl::Test>(&clause)) tests.push_back({test, nullptr, tune, targets});
  }
  return tests;
}

const TestRunner::Prepared& TestRunner::prepare(const TestCase& test) {
  const dsl::Params* params = params_of(*test.test);
  std::string key = fmt::format("{} {} {}", test.rule != nullptr, fmt::join(test.rules, ","),
                                params ? project_.sources.text(params->span) : "");
  auto [place, fresh] = prepared_.try_emplace(key);
  Prepared& prepared = place->second;
  if (!fresh) return prepared;
  compiler::CompileOptions options;
  options.engine = engine_;
  options.trace = true;
  options.untuned = test.rule != nullptr;
  options.only = test.rules;
  if (params)
    for (const std::string& rule : test.rules) options.params.emplace_back(rule, params);
  for (const std::string& rule : test.rules)
    for (std::string& heard : compiler::heard_rules(project_, rule))
      if (!is_one_of(options.only, heard)) options.only.push_back(std::move(heard));
  dsl::Diagnostics diagnostics;
  prepared.compiled = compiler::compile(project_, options, diagnostics);
  if (!prepared.compiled.program) {
    prepared.errors.push_back(prepared.compiled.engine_problem);
    return prepared;
  }
  const std::vector<match::RuleInfo>& rules = prepared.compiled.program->rules;
  if (std::all_of(test.rules.begin(), test.rules.end(), [&](const std::string& name) {
        return std::any_of(rules.begin(), rules.end(), [&](const match::RuleInfo& rule) { return rule.name == name; });
      }))
    return prepared;
  for (const dsl::Diagnostic& diagnostic : diagnostics.list()) {
    if (diagnostic.severity() != dsl::Severity::error) continue;
    dsl::Span span = diagnostic.primary.span;
    prepared.errors.push_back(fmt::format("{}: {}  {}:{}", dsl::info(diagnostic.code).name, diagnostic.title,
                                          project_.sources.path(span.source),
                                          project_.sources.place(span.source, span.begin).line));
  }
  if (prepared.errors.empty()) prepared.errors.push_back("the rule is switched off, or has errors that weir check shows");
  return prepared;
}

TestOutcome TestRunner::run(const TestCase& test) {
  TestOutcome outcome;
  const Prepared& prepared = prepare(test);
  if (!prepared.errors.empty()) {
    outcome.kind = TestOutcome::Kind::failed;
    outcome.failures.push_back({"it cannot run", test.test->span, prepared.errors});
    return outcome;
  }
  Feeder feeder(project_, prepared.compiled, test.rules, observer_);
  for (const auto& step : test.test->steps) {
    const auto* feed = std::get_if<dsl::Feed>(&step);
    if (!feed) continue;
    std::string problem;
    if (!feeder.feed(*feed, problem)) outcome.failures.push_back({problem, feed->span, {}});
  }
  if (outcome.failures.empty()) {
    const Fed fed = feeder.end();
    outcome.notes = fed.notes;
    const match::Program& program = *prepared.compiled.program;
    compare(project_, program, test, fed, outcome);
    for (const correlate::Alert& alert : fed.alerts)
      if (keep_alerts_ && is_one_of(test.rules, program.rules[alert.rule].name))
        outcome.given.emplace_back(program.rules[alert.rule].name, alert);
  }
  if (!outcome.failures.empty()) outcome.kind = TestOutcome::Kind::failed;
  return outcome;
}

}  // namespace weir::cli
