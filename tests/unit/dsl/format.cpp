// The laws of the formatter, over every rule file there is and over what files seldom hold: the meaning is
// kept, twice is once, and no comment is lost. What the style looks like is in tests/golden/format.
#include "dsl/format.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "dsl/parse.h"
#include "dsl/render.h"

using namespace weir::dsl;
namespace fs = std::filesystem;

namespace {

struct Parsed {
  SourceMap sources;
  Diagnostics diagnostics;
  File file;

  explicit Parsed(const std::string& text) : file(parse(sources, sources.add("a.weir", text), diagnostics)) {}
  std::string errors() const {
    std::string all;
    for (const Diagnostic& diagnostic : diagnostics.list())
      if (diagnostic.severity() == Severity::error) all += render(sources, diagnostic);
    return all;
  }
  std::vector<std::string> comments() const {
    std::vector<std::string> texts;
    for (const Comment& comment : file.comments) {
      std::string text = comment.text;
      while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.pop_back();
      texts.push_back(text);
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }
};

std::string formatted(const std::string& text) {
  Parsed parsed(text);
  REQUIRE(parsed.errors() == "");
  return format(parsed.sources, parsed.file);
}

void check_laws(const std::string& text) {
  Parsed before(text);
  REQUIRE(before.errors() == "");
  std::string once = format(before.sources, before.file);
  Parsed after(once);
  INFO(once);
  REQUIRE(after.errors() == "");
  CHECK(same_meaning(before.file, after.file));
  CHECK(before.comments() == after.comments());
  CHECK(format(after.sources, after.file) == once);
}

std::vector<fs::path> rule_files() {
  std::vector<fs::path> files;
  for (const char* folder : {"rules", "schemas", "tests", "examples"}) {
    fs::path root = fs::path(WEIR_SOURCE_DIR) / folder;
    if (!fs::exists(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.path().extension() == ".weir") files.push_back(entry.path());
  }
  return files;
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// JSON has no comments: those that fell into a test event are taken out again.
std::string without_refused_comments(std::string text) {
  Parsed parsed(text);
  std::vector<Span> refused;
  for (const Diagnostic& diagnostic : parsed.diagnostics.list())
    if (diagnostic.code == Code::E601) refused.push_back(diagnostic.primary.span);
  if (refused.empty()) return text;
  std::sort(refused.begin(), refused.end(), [](Span a, Span b) { return a.begin > b.begin; });
  for (Span span : refused) text.erase(span.begin, text.find('\n', span.begin) - span.begin);
  return without_refused_comments(std::move(text));
}

// A comment at every place where white space may stand: between any two lines, or at the end of every line.
std::string with_comments_everywhere(const std::string& text, bool own_lines) {
  std::string out;
  bool prose = false;
  int number = 0;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.find("\"\"\"") != std::string::npos) prose = !prose;
    out += line;
    if (!prose && !own_lines && line.find('#') == std::string::npos) out += " # c" + std::to_string(number++);
    out += '\n';
    if (!prose && own_lines) out += "  # c" + std::to_string(number++) + "\n";
  }
  return without_refused_comments(std::move(out));
}

}  // namespace

TEST_CASE("the laws hold for every file") {
  std::vector<fs::path> files = rule_files();
  REQUIRE_FALSE(files.empty());
  for (const fs::path& file : files) {
    CAPTURE(file);
    std::string text = contents(file);
    if (Parsed(text).diagnostics.error_count() > 0) continue;  // a test of errors
    check_laws(text);
    check_laws(with_comments_everywhere(text, true));
    check_laws(with_comments_everywhere(text, false));
  }
}

TEST_CASE("the laws hold for what files seldom hold") {
  for (const char* text : {
           "",
           "# only a comment",
           "\n\n# one\n\n\n# two\n\n",
           "edition 1",
           "# before\nedition 1 # after\n# end",
           "list a: string { }",
           "list a: string { # open\n}\nlist b: ip from \"x.txt\" list c: ip -> string from \"y\"\n",
           "list a: string { \"x\" # one\n # two\n \"y\", 'z'; \"\"\"w\"\"\" } # after",
           "selection a on cloudtrail [ {} { x: 1 } ]",
           "selection a on cloudtrail [\n# first\n{ x: 1 } # one\n\n# second\n{ y: 2; z: [1, 2] }\n# last\n]",
           "selection a on resolver { a.`b-c`[any].d[-1]|contains|all: [\"x\", 'y'] }",
           "selection a on resolver { x: [ # of the list\n\"a\", # the first\n \"b\" ] y|exists: true }",
           "schema s { title: \"x\" time: t field t time required field a.b[] string open [\"x\"] \"what\" "
           "field c string = coalesce(a, b) call \"x\" \"y\" { field z int } format: columns \"t a\" }",
           "tune a, b_* { until: 2026-12-31 test \"t\" { expect no alert } exempt x { a: 1 } reason: \"y\" }",
           "tune list l { remove: [\"x\"] reason: \"r\" add: [] }",
       }) {
    CAPTURE(text);
    check_laws(text);
  }
}

TEST_CASE("comments in the middle of a clause keep the clause as it was") {
  std::string text =
      "rule r {\n  title: \"t\" level: low source: s\n  detection {\n    a {\n      x: [  # why\n"
      "        1,   # one\n        2 ]\n    }\n    condition: a   # the one\n      or b\n    b { y: 1 }\n  "
      "}\n}\n";
  check_laws(text);
  CHECK(formatted(text).find("x: [  # why\n        1,   # one\n        2 ]\n") != std::string::npos);
}

TEST_CASE("line ends of Windows and tabs are not kept") {
  std::string text = "rule r {\r\n\ttitle: \"t\"\r\n\tlevel: low # c\r\n\tsource: s\r\n}\r\n";
  check_laws(text);
  CHECK(formatted(text).find_first_of("\r\t") == std::string::npos);
}

TEST_CASE("no line that can be broken is longer than 100 columns, or 120 in JSON") {
  std::string values = "[\"value number 0\"", members = "{\"key0\": 0";
  for (int i = 1; i < 40; ++i) {
    values += ", \"value number " + std::to_string(i) + "\"";
    members += ", \"key" + std::to_string(i) + "\": " + std::to_string(i);
  }
  std::string text = "rule r { title: \"t\" level: low source: s detection { a { x: " + values +
                     "]; y: 1 } condition: a } test \"t\" { at 5m event " + members +
                     ", \"deep\": {\"er\": " + members + "}}} expect no alert } }";
  check_laws(text);
  std::string once = formatted(text);
  for (size_t begin = 0, end; (end = once.find('\n', begin)) != std::string::npos; begin = end + 1)
    CHECK_MESSAGE(end - begin <= (once.find("\"key", begin) < end ? 120 : 100),
                  once.substr(begin, end - begin));
}

TEST_CASE("trees that differ are not the same") {
  auto same = [](const char* a, const char* b) { return same_meaning(Parsed(a).file, Parsed(b).file); };
  CHECK(same("list a: string { \"x\" }", "list  a : string {\n'x' # c\n}"));
  CHECK_FALSE(same("list a: string { \"x*\" }", "list a: string { 'x*' }"));
  CHECK_FALSE(same("list a: string { \"x\" }", "list a: string { \"x\" \"y\" }"));
  CHECK_FALSE(same("list a: string { \"x\" }", "list a: domain { \"x\" }"));
  CHECK(same("tune r { reason: \"a\" until: 2026-01-01 }", "tune r { until: 2026-01-01 reason: \"a\" }"));
  CHECK_FALSE(
      same("tune r { reason: \"a\" until: 2026-01-01 }", "tune r { until: 2026-01-02 reason: \"a\" }"));
  CHECK_FALSE(same("selection s on x [ { a: 1 } { b: 1 } ]", "selection s on x [ { b: 1 } { a: 1 } ]"));
}
