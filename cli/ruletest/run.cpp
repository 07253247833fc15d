#include "cli/ruletest/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/load.h"
#include "cli/why_text.h"
#include "compiler/test_events.h"
#include "runtime/correlate/duplicates.h"
#include "runtime/match/decode.h"

namespace weir::cli {
namespace {


constexpr int64_t kMicros = 1000;               // in a millisecond
constexpr size_t kMostExplained = 2;

bool has_correlation(const compiler::Project& project, const std::string& name) {
  const compiler::RuleEntry* entry = project.rule(name);
  if (!entry) return false;
  return std::any_of(entry->rule->clauses.begin(), entry->rule->clauses.end(), [](const dsl::RuleClause& clause) {
    return std::holds_alternative<dsl::Correlation>(clause);
  });
}

const dsl::Params* params_of(const dsl::Test& test) {
  for (const auto& step : test.steps)
    if (const auto* params = std::get_if<dsl::Params>(&step)) return params;
  return nullptr;
}

std::string offset_text(int64_t time) { return match::format_duration(time - compiler::kTestStart); }

// Feeds one test's events to the rules and keeps the alerts, and why the last events did what they did.
class Feeder {
 public:
  Feeder(const compiler::Project& project, const compiler::Compiled& compiled, TestRunner::Observer* observer)
      : project_(project),
        compiled_(compiled),
        program_(*compiled.program),
        observer_(observer),
        decoder_(compiled.program),
        scratch_(program_.make_scratch()),
        matched_(program_.match_words()) {}

  // False when the event cannot be given to any rule; `problem` says why.
  bool feed(const dsl::Feed& feed, std::string& problem) {
    uint32_t source = source_of(feed);
    if (source == match::kNone) {
      problem = "no rule of this test has that source";
      return false;
    }
    const compiler::SchemaInfo& schema = project_.schemas.at(program_.sources[source].name);
    int64_t times = feed.every ? feed.times.value_or(1) : 1;
    for (int64_t i = 0; i < times; ++i) {
      int64_t offset = (feed.at ? feed.at->ms : 0) + (feed.every ? i * feed.every->ms : 0);
      compiler::TestEvent event{compiler::kTestStart + offset * kMicros, i, serial_++};
      std::string record = compiler::test_event(schema, feed.event, event);
      record.resize(record.size() + match::kPadding);
      match::Decoded decoded =
          decoder_.decode(std::string_view(record).substr(0, record.size() - match::kPadding), source);
      if (decoded.status != match::DecodeStatus::ok) {
        problem = fmt::format("the event cannot be read: {} {}", decoded.reason, decoded.detail);
        return false;
      }
      evaluate();
    }
    return true;
  }

  std::vector<correlate::Alert> alerts() { return correlate::order_alerts(program_, candidates_); }
  const std::vector<std::string>& explanations() const { return explanations_; }

 private:
  uint32_t source_of(const dsl::Feed& feed) const {
    std::string name;
    if (feed.source) {
      name = feed.source->text;
    } else if (!program_.rules.empty() && !program_.rules[0].sources.empty()) {
      return program_.rules[0].sources[0].source;
    }
    for (size_t i = 0; i < program_.sources.size(); ++i)
      if (program_.sources[i].name == name) return uint32_t(i);
    return match::kNone;
  }

  void evaluate() {
    const rt_event& event = decoder_.event();
    if (std::string_view id = decoder_.id(); !id.empty()) {
      int64_t keep = correlate::remembered_for(program_.sources[event.source].late_ms);
      if (duplicates_.see(event.source, id, decoder_.canonical_hash(), event.time, keep) ==
          correlate::Duplicates::Verdict::duplicate)
        return;
    }
    program_.match(program_.code.get(), &event, scratch_.get(), matched_.data());
    for (uint32_t rule = 0; rule < program_.rules.size(); ++rule)
      if (matched_[rule / 64] >> (rule % 64) & 1)
        candidates_.push_back(correlate::make_alert(program_, rule, decoder_, scratch_.get(), {}));
    if (observer_) observer_->event(compiled_, event, scratch_.get());
    if (explanations_.size() < kMostExplained)
      for (const compiler::RuleTrace& trace : compiled_.trace.rules)
        if (trace.source == event.source)
          explanations_.push_back(
              fmt::format("{} at {}:\n{}", program_.rules[trace.rule].name, offset_text(event.time),
                          why(project_, compiled_, trace, event, scratch_.get(), false).text));
  }

  const compiler::Project& project_;
  const compiler::Compiled& compiled_;
  const match::Program& program_;
  TestRunner::Observer* observer_;
  match::Decoder decoder_;
  std::shared_ptr<rt_scratch> scratch_;
  std::vector<uint64_t> matched_;
  correlate::Duplicates duplicates_;
  std::vector<correlate::Alert> candidates_;
  std::vector<std::string> explanations_;
  int64_t serial_ = 0;
};

std::string alert_text(const match::Program& program, const correlate::Alert& alert) {
  return fmt::format("at {} from {}: {}", offset_text(alert.order.time), program.rules[alert.rule].name,
                     alert.message);
}

std::string count_text(int64_t count) {
  return count == 0 ? "no alert" : fmt::format("{} alert{}", count, count == 1 ? "" : "s");
}

// Which alerts an `expect` chooses: by rule, time, and a selection over the alert itself.
class Chooser {
 public:
  Chooser(const compiler::Project& project, const match::Program& program, const dsl::Expect& expect)
      : program_(program), expect_(expect) {
    if (!expect.map) return;
    dsl::Diagnostics diagnostics;  // the map was checked with the rule
    filter_ = compiler::compile_expectations(project, {&*expect.map}, diagnostics);
    decoder_ = std::make_unique<match::Decoder>(filter_);
    scratch_ = filter_->make_scratch();
  }

  bool chooses(const correlate::Alert& alert) {
    if (expect_.rule && expect_.rule->text != program_.rules[alert.rule].name) return false;
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

void compare(const compiler::Project& project, const match::Program& program, const dsl::Test& test,
             const std::vector<correlate::Alert>& alerts, const std::vector<std::string>& explanations,
             TestOutcome& outcome) {
  std::vector<bool> chosen(alerts.size());
  bool any_expect = false;
  for (const auto& step : test.steps) {
    const auto* expect = std::get_if<dsl::Expect>(&step);
    if (!expect) continue;
    any_expect = true;
    Chooser chooser(project, program, *expect);
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
    if (failure.details.empty()) {
      for (const correlate::Alert& alert : alerts)
        failure.details.push_back("there was: " + alert_text(program, alert));
      for (const std::string& explanation : explanations) failure.details.push_back("why: " + explanation);
    }
    outcome.failures.push_back(std::move(failure));
  }
  if (!outcome.failures.empty()) return;  // a wrong `expect` explains what it did not choose
  for (size_t i = 0; i < alerts.size(); ++i)
    if (!chosen[i])
      outcome.failures.push_back({any_expect ? "an alert that no `expect` asks for" : "an alert, and no `expect`",
                                  test.span,
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

std::vector<std::string> TestRunner::runnable(const TestCase& test) const {
  std::vector<std::string> rules;
  for (const std::string& rule : test.rules)
    if (!has_correlation(project_, rule)) rules.push_back(rule);
  return rules;
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
  options.only = runnable(test);
  if (params)
    for (const std::string& rule : options.only) options.params.emplace_back(rule, params);
  dsl::Diagnostics diagnostics;
  prepared.compiled = compiler::compile(project_, options, diagnostics);
  if (!prepared.compiled.program) {
    prepared.errors.push_back(prepared.compiled.engine_problem);
    return prepared;
  }
  if (prepared.compiled.program->rules.size() == options.only.size()) return prepared;
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
  if (runnable(test).empty()) {
    outcome.kind = TestOutcome::Kind::not_run;
    outcome.reason = "correlation";
    return outcome;
  }
  const Prepared& prepared = prepare(test);
  if (!prepared.errors.empty()) {
    outcome.kind = TestOutcome::Kind::failed;
    outcome.failures.push_back({"it cannot run", test.test->span, prepared.errors});
    return outcome;
  }
  Feeder feeder(project_, prepared.compiled, observer_);
  for (const auto& step : test.test->steps) {
    const auto* feed = std::get_if<dsl::Feed>(&step);
    if (!feed) continue;
    std::string problem;
    if (!feeder.feed(*feed, problem)) outcome.failures.push_back({problem, feed->span, {}});
  }
  if (outcome.failures.empty())
    compare(project_, *prepared.compiled.program, *test.test, feeder.alerts(), feeder.explanations(), outcome);
  if (!outcome.failures.empty()) outcome.kind = TestOutcome::Kind::failed;
  return outcome;
}

}  // namespace weir::cli
