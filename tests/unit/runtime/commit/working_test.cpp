// What a process leaves behind of where it was, and that it can be told from what another one left.
#include "runtime/commit/working.h"

#include <doctest/doctest.h>

#include "tests/unit/runtime/commit/sample.h"

using namespace weir;

TEST_CASE("what is left keeps its stamp until it is cleared; then it is gone, and the stamp another") {
  Folder folder;
  int64_t stamp = 0;
  {
    commit::Working working;
    REQUIRE(working.open(folder.path, 1) == "");
    CHECK(working.stamp() == 0);
    working.clear();
    stamp = working.stamp();
    CHECK(stamp != 0);
    working.place(0).begin("feed", "0123456789abcdef", 2);
    working.place(0).deciding(3);
  }
  for (int start = 0; start < 2; ++start) {
    commit::Working working;
    REQUIRE(working.open(folder.path, 1) == "");
    CHECK(working.stamp() == stamp);
    REQUIRE(working.left().size() == 1);
    CHECK(working.left()[0].unit == "0123456789abcdef");
    CHECK(working.left()[0].record == 3);
    CHECK(working.left()[0].deciding);
    if (start == 0) continue;
    working.clear();
    CHECK(working.stamp() > stamp);
  }
  commit::Working working;
  REQUIRE(working.open(folder.path, 1) == "");
  CHECK(working.left().empty());
}
