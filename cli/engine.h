// The flag --engine of the verbs that run rules.
#pragma once

#include <string>

#include "cli/verb.h"
#include "compiler/compile.h"

namespace weir::cli {

void add_engine_flag(Verb& verb, std::string& engine);
compiler::Engine engine_named(const std::string& name);  // auto, native, interpreter

// One line of warning where native code was wanted and is not there; nothing else.
void warn_of_engine(const compiler::Compiled& compiled);

}  // namespace weir::cli
