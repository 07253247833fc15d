// The tests inside rules: events in, alerts out, compared with what each test expects (language.md, 9).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/compile.h"
#include "compiler/project.h"
#include "runtime/correlate/alert.h"

namespace weir::cli {

struct TestCase {
  const dsl::Test* test = nullptr;
  const dsl::Rule* rule = nullptr;   // the rule it stands in, or
  const dsl::Tune* tune = nullptr;   // the tuning
  std::vector<std::string> rules;    // that run in it: the rule itself, or what the tuning names
  std::string owner() const;         // "my_rule", or "tune a, b"
};

// Whether a rule's own tests are run: those of the shipped pack only when it is the whole project.
bool tests_count(const compiler::Project& project, const compiler::RuleEntry& entry);

// Every test of the project that counts, in order.
std::vector<TestCase> collect_tests(const compiler::Project& project);

struct TestFailure {
  std::string expected;   // "1 alert at 5m from r, got none"
  dsl::Span span;         // of the `expect`, or of the test
  std::vector<std::string> details;  // the alerts that there were, and why not
};

struct TestOutcome {
  enum class Kind : uint8_t { passed, failed };
  Kind kind = Kind::passed;
  std::vector<TestFailure> failures;
  std::vector<std::string> notes;  // "1 event was late: correlations do not see it"
  std::vector<std::pair<std::string, correlate::Alert>> given;  // with keep_alerts: rule and alert, of the rules tested
};

// Compiles what tests need, once for each set of rules and params.
class TestRunner {
 public:
  explicit TestRunner(const compiler::Project& project, compiler::Engine engine = compiler::Engine::interpreter)
      : project_(project), engine_(engine) {}

  TestOutcome run(const TestCase& test);

  // What runs after each event with the engine still on it; for coverage. Alerts that rules of the test hear are
  // events, too: those that came in the end. `rules`: those that the test is about.
  struct Observer {
    virtual ~Observer() = default;
    virtual void event(const compiler::Compiled& compiled, const std::vector<std::string>& rules, const rt_event& event,
                       rt_scratch* scratch) = 0;
  };
  void observe(Observer* observer) { observer_ = observer; }

  // For whoever shows what came: outcomes hold the alerts.
  void keep_alerts() { keep_alerts_ = true; }

 private:
  struct Prepared {
    compiler::Compiled compiled;
    std::vector<std::string> errors;  // why it cannot run, one a diagnostic
  };
  const Prepared& prepare(const TestCase& test);

  const compiler::Project& project_;
  compiler::Engine engine_;
  Observer* observer_ = nullptr;
  bool keep_alerts_ = false;
  std::map<std::string, Prepared> prepared_;
};

}  // namespace weir::cli
