// `weir fix`: one mistake often hides another, so fixes are applied and the project is read again until there
// is nothing left to apply.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "compiler/project.h"
#include "dsl/diagnostic.h"

namespace weir::compiler {

using Texts = std::map<std::string, std::string>;  // by path as messages show it

// Reads the project with these texts in place of its files (LoadOptions::instead).
using LoadWith = std::function<std::unique_ptr<Project>(const Texts& instead, dsl::Diagnostics& diagnostics)>;

struct Fixed {
  Texts changed;                          // only files that fixes changed; shipped ones are never among them
  std::map<std::string, size_t> applied;  // how many in each of them
  std::unique_ptr<Project> project;       // of the changed texts
  dsl::Diagnostics left;                  // what check() says of it
};

// likely_too: not only the fixes that are beyond doubt.
Fixed fix(const LoadWith& load, bool likely_too);

}  // namespace weir::compiler
