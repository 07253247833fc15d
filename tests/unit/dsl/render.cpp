// What the goldens cannot reach: very long lines, bytes that are no text, colours, several files; and JSON.
#include "dsl/render.h"

#include <doctest/doctest.h>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

using namespace weir::dsl;

namespace {

struct Example {
  SourceMap sources;
  Diagnostics diagnostics;

  Span span(SourceId source, std::string_view what) const {
    uint32_t begin = uint32_t(sources.text(source).find(what));
    return {source, begin, uint32_t(begin + what.size())};
  }
  std::string shown(const RenderOptions& options = {}) const {
    return render(sources, diagnostics.list().front(), options);
  }
};

size_t longest_line(std::string_view text) {
  size_t longest = 0, begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1)
    longest = std::max(longest, end - begin);
  return longest;
}

}  // namespace

TEST_CASE("labels on one line stand rightmost first, footers in the order in which they were added") {
  Example example;
  SourceId file = example.sources.add("rules/my.weir", "condition: count() >= 10m\n");
  example.diagnostics.add(Code::E405, "a title", example.span(file, "10m"), "length of time")
      .label(example.span(file, "count()"), "number")
      .help("the help")
      .note("two\nlines");
  CHECK(example.shown() ==
        "error[E405]: a title\n"
        " --> rules/my.weir:1:23\n"
        "  |\n"
        "1 | condition: count() >= 10m\n"
        "  |                       ^^^ length of time\n"
        "  |            ------- number\n"
        "  |\n"
        "  = help: the help\n"
        "  = note: two\n"
        "          lines\n");
}

TEST_CASE("without a label text there is nothing after the carets, without footers nothing below") {
  Example example;
  SourceId file = example.sources.add("a.weir", "one\n");
  example.diagnostics.add(Code::W213, "a title", example.span(file, "one"));
  CHECK(example.shown() == "warning[W213]: a title\n --> a.weir:1:1\n  |\n1 | one\n  | ^^^\n");
}

TEST_CASE("an insertion point, at the very end of the text too, has one caret") {
  Example example;
  SourceId file = example.sources.add("a.weir", "one\n");
  example.diagnostics.add(Code::E102, "a title", Span{file, 4, 4}, "here");
  CHECK(example.shown() == "error[E102]: a title\n --> a.weir:2:1\n  |\n2 |\n  | ^ here\n");
}

TEST_CASE("a label in another file has its own place") {
  Example example;
  SourceId mine = example.sources.add("a.weir", "one\n");
  SourceId other = example.sources.add("b.weir", "\n two\n");
  example.diagnostics.add(Code::E208, "a title", example.span(mine, "one"), "here")
      .label(example.span(other, "two"), "and here");
  CHECK(example.shown() ==
        "error[E208]: a title\n --> a.weir:1:1\n  |\n1 | one\n  | ^^^ here\n"
        " ::: b.weir:2:2\n  |\n2 |  two\n  |  --- and here\n");
}

TEST_CASE("a span over several lines is marked to the end of the first") {
  Example example;
  SourceId file = example.sources.add("a.weir", "  one {\n  }\n");
  example.diagnostics.add(Code::E109, "a title", Span{file, 2, 11});
  CHECK(example.shown() == "error[E109]: a title\n --> a.weir:1:3\n  |\n1 |   one {\n  |   ^^^^^\n");
}

TEST_CASE("what is invisible, or no UTF-8, is shown by name, and carets stay below it") {
  Example example;
  SourceId file = example.sources.add("a\x1b[31m.weir",
                                      "\tx\xE2\x80\xAE"
                                      "ab\xFF"
                                      "c\n");
  example.diagnostics.add(Code::E108, "\x07 title", example.span(file, "c"), "\xE2\x80\xAD");
  CHECK(example.shown() ==
        "error[E108]: <U+0007> title\n"
        " --> a<U+001B>[31m.weir:1:7\n"
        "  |\n"
        "1 |     x<U+202E>ab<FF>c\n"
        "  |                    ^ <U+202D>\n");
}

TEST_CASE("a long line is cut around its label") {
  Example example;
  std::string text = std::string(3000, 'a') + "HERE" + std::string(3000, 'b') + "\n";
  SourceId file = example.sources.add("a.weir", text);
  example.diagnostics.add(Code::E201, "a title", example.span(file, "HERE"), "this");
  std::string shown = example.shown();
  CHECK(longest_line(shown) < 160);
  size_t line = shown.find("1 | ..."), marks = shown.find("^^^^ this");
  REQUIRE(line != std::string::npos);
  REQUIRE(marks != std::string::npos);
  size_t column = shown.find("HERE") - line;
  CHECK(marks - (shown.rfind('\n', marks) + 1) == column);
  CHECK(shown.find("b...\n") != std::string::npos);
}

TEST_CASE("a line of megabytes does not make the message large") {
  Example example;
  std::string text = std::string(20 << 20, '\x01') + "HERE" + std::string(1 << 20, '\xF0');
  SourceId file = example.sources.add("a.weir", text);
  example.diagnostics.add(Code::E201, "a title", example.span(file, "HERE"), "this")
      .label({file, 0, 1}, "far away");
  CHECK(longest_line(example.shown()) < 400);
}

TEST_CASE("only the severity and the code are coloured") {
  Example example;
  SourceId file = example.sources.add("a.weir", "one\n");
  example.diagnostics.add(Code::E201, "a title", example.span(file, "one"));
  std::string plain = example.shown(), coloured = example.shown({.color = true});
  CHECK(coloured == "\x1b[1;31merror[E201]\x1b[0m" + plain.substr(std::string("error[E201]").size()));
}

TEST_CASE("as JSON: places, labels, footers by kind, the fix") {
  Example example;
  SourceId file = example.sources.add("a.weir", "x: \"\xFF\"\n");
  example.diagnostics.add(Code::E201, "a \"title\"\n", example.span(file, "x"), "this")
      .label(example.span(file, "\"\xFF\""), "that")
      .note("n")
      .help("h")
      .replace(example.span(file, "x"), "y\\");
  CHECK(
      to_json(example.sources, example.diagnostics.list().front()) ==
      R"({"code":"E201","severity":"error","title":"a \"title\"\u000a",)"
      R"("file":"a.weir","line":1,"column":1,"end_line":1,"end_column":2,"labels":[)"
      R"({"file":"a.weir","line":1,"column":1,"end_line":1,"end_column":2,"primary":true,"text":"this"},)"
      R"({"file":"a.weir","line":1,"column":4,"end_line":1,"end_column":7,"primary":false,"text":"that"}],)"
      R"("notes":["n"],"helps":["h"],"fix":{"applicability":"safe","edits":[)"
      R"({"file":"a.weir","line":1,"column":1,"end_line":1,"end_column":2,"begin":0,"end":1,"replacement":"y\\"}]}})");
}
