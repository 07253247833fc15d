// Fixes put into the text: whole or not at all, and never one over another.
#include <doctest/doctest.h>

#include "dsl/render.h"

using namespace weir::dsl;

namespace {

struct Fixes {
  SourceMap sources;
  Diagnostics diagnostics;
  SourceId file = sources.add("a.weir", "0123456789");
  size_t applied = 0;

  Diagnostic& at(uint32_t begin, uint32_t end, std::string text, Applicability how = Applicability::safe) {
    Diagnostic& diagnostic = diagnostics.add(Code::E114, "a title", {file, begin, end});
    diagnostic.replace({file, begin, end}, std::move(text), how);
    return diagnostic;
  }
  std::string result(bool likely_too = false) {
    applied = 0;
    return apply_fixes(sources, file, diagnostics.list(), likely_too, applied);
  }
};

}  // namespace

TEST_CASE("edits are put in wherever they stand in the list") {
  Fixes fixes;
  fixes.at(7, 9, "B");
  fixes.at(1, 2, "longer").replace({fixes.file, 4, 4}, "+");
  CHECK(fixes.result() == "0longer23+456B9");
  CHECK(fixes.applied == 2);
}

TEST_CASE("a fix that overlaps an earlier one is left out, with all its edits") {
  Fixes fixes;
  fixes.at(3, 6, "A");
  fixes.at(0, 1, "B").replace({fixes.file, 5, 7}, "C");
  CHECK(fixes.result() == "012A6789");
  CHECK(fixes.applied == 1);
}

TEST_CASE("neighbours do not overlap, nor do two insertions at one point") {
  Fixes fixes;
  fixes.at(3, 6, "A");
  fixes.at(6, 7, "B");
  fixes.at(9, 9, "}");
  fixes.at(9, 9, "]");
  CHECK(fixes.result() == "012AB78}]9");
  CHECK(fixes.applied == 4);
}

TEST_CASE("guesses only when they are asked for") {
  Fixes fixes;
  fixes.at(0, 1, "A", Applicability::likely);
  CHECK(fixes.result() == "0123456789");
  CHECK(fixes.applied == 0);
  CHECK(fixes.result(true) == "A123456789");
}

TEST_CASE("a fix of another file, or beyond the text, is not for this one") {
  Fixes fixes;
  SourceId other = fixes.sources.add("b.weir", "x");
  fixes.diagnostics.add(Code::E114, "a title", {other, 0, 1}).replace({other, 0, 1}, "y");
  fixes.at(5, 50, "z");
  CHECK(fixes.result() == "0123456789");
  CHECK(fixes.applied == 0);
}
