// See junit.h. The attributes are those that Jenkins, GitLab and GitHub's reporters agree on.
#include "cli/junit.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/shown.h"

namespace weir::cli {
namespace {

using Kind = TestOutcome::Kind;

bool fits_xml(uint32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

// For attributes and text alike: blanks as references too, because a reader turns them into spaces in
// attributes.
std::string escaped(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    dsl::CodePoint point = dsl::code_point_at(text, at);
    if (point.length == 0) {
      out += fmt::format("&lt;{:02X}&gt;", uint8_t(text[at++]));
      continue;
    }
    if (!fits_xml(point.value)) {
      out += fmt::format("&lt;U+{:04X}&gt;", point.value);
    } else if (point.value < 0x20 || (point.value < 0x80 && std::string_view("<>&\"'").find(char(
                                                                point.value)) != std::string_view::npos)) {
      out += fmt::format("&#{};", point.value);
    } else {
      out += text.substr(at, point.length);
    }
    at += point.length;
  }
  return out;
}

// Line ends stay as they are, so that the file can be read as it is.
std::string escaped_lines(std::string_view text) {
  std::string out;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    out += (begin > 0 ? "\n" : "") + escaped(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

uint32_t line_of(const compiler::Project& project, dsl::Span span) {
  return project.sources.place(span.source, span.begin).line;
}

std::string failure_element(const compiler::Project& project, const TestFailure& failure) {
  std::string text = fmt::format("{}:{}: {}\n", project.sources.path(failure.span.source),
                                 line_of(project, failure.span), failure.expected);
  for (const std::string& detail : failure.details) text += detail + "\n";
  return fmt::format("      <failure type=\"expectation\" message=\"{}\">{}</failure>\n",
                     escaped(failure.expected), escaped_lines(text));
}

std::string case_element(const compiler::Project& project, const TestRun& run) {
  dsl::Span span = run.test.test->span;
  std::string inside;
  for (const TestFailure& failure : run.outcome.failures) inside += failure_element(project, failure);
  std::string begin =
      fmt::format(R"(    <testcase classname="{}" name="{}" file="{}" line="{}" time="{:.6f}")",
                  escaped(run.test.owner()), escaped(run.test.test->title.value),
                  escaped(project.sources.path(span.source)), line_of(project, span), run.seconds);
  return begin + (inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n");
}

struct Suite {
  std::string name, cases;
  size_t tests = 0, failures = 0;
  double seconds = 0;
  void count(const TestRun& run) {
    ++tests;
    failures += run.outcome.kind == Kind::failed;
    seconds += run.seconds;
  }
  std::string attributes() const {
    return fmt::format(R"(name="{}" tests="{}" failures="{}" errors="0" skipped="0" time="{:.6f}")",
                       escaped(name), tests, failures, seconds);
  }
};

}  // namespace

std::string to_junit(const compiler::Project& project, const std::vector<TestRun>& runs) {
  Suite all{"weir test"};
  std::vector<Suite> suites;
  for (const TestRun& run : runs) {
    std::string owner = run.test.owner();
    auto suite = std::find_if(suites.begin(), suites.end(), [&](const Suite& s) { return s.name == owner; });
    if (suite == suites.end()) suite = suites.insert(suites.end(), Suite{owner});
    suite->count(run);
    suite->cases += case_element(project, run);
    all.count(run);
  }
  std::string xml =
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n", all.attributes());
  for (const Suite& suite : suites)
    xml += fmt::format("  <testsuite {}>\n{}  </testsuite>\n", suite.attributes(), suite.cases);
  return xml + "</testsuites>\n";
}

}  // namespace weir::cli
