// The flag --engine: its words, and what is said when native code cannot be.
#include "cli/engine.h"

#include "cli/terminal.h"
#include "compiler/native.h"

namespace weir::cli {

void add_engine_flag(Verb& verb, std::string& engine) {
  verb.option("--engine", engine, "auto, native or interpreter")
      .one_of({"auto", "native", "interpreter"})
      .shows_default();
}

compiler::Engine engine_named(const std::string& name) {
  if (name == "native") return compiler::Engine::native;
  return name == "auto" ? compiler::Engine::automatic : compiler::Engine::interpreter;
}

void warn_of_engine(const compiler::Compiled& compiled) {
  if (!compiled.native) return;
  const std::string problem = compiled.native->problem();
  if (!problem.empty()) print_error("no native code, the interpreter runs: {}", problem);
}

}  // namespace weir::cli
