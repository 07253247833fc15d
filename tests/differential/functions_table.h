// The functions of the language with inputs whose results are known, so that rules about them can match.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/differential/shapes.h"

namespace weir::differential {

struct Function {
  std::string text;  // "label(@, 0)": @ is the argument
  std::vector<Kind> takes;
  Kind gives;
  std::vector<std::pair<std::string, std::string>> samples;  // argument in an event, result as a constant
};
const std::vector<Function>& functions();

// Expressions with known texts that they match.
struct Expression {
  std::string text, flags;
  std::string hit;
};
const std::vector<Expression>& regular_expressions();

}  // namespace weir::differential
