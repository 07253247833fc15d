// A golden test as a file: what it shows, its inputs, and what must come out of them.
//
//   # Why this golden exists.
//   stage: check
//   --- rules/my.weir
//   …input…
//   === diagnostics
//   …expected output…
//
// Lines that begin with `--- ` and `=== ` open a block and never stand inside one; a block that ends without
// a line end is shown as `\ no line end`. Several inputs are one project.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weir::golden {

using Blocks = std::vector<std::pair<std::string, std::string>>;  // name, text

struct Golden {
  std::string header;  // the comments and the stage, as they stand
  std::string stage;
  Blocks inputs, expected;
};

Golden read_golden(std::string_view text);
std::string write_golden(const Golden& golden);

// Nothing when they are equal; else lines with - (expected) and + (actual) before them.
std::string difference(const Blocks& expected, const Blocks& actual);

}  // namespace weir::golden
