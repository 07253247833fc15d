// The flag --engine: its words, and what is said when native code cannot be.
#include "cli/engine.h"

#include <CLI/CLI.hpp>

#include "cli/terminal.h"
#include "compiler/native.h"

namespace weir::cli {

void add_engine_flag(CLI::App& verb, std::string& engine) {
  verb.add_option("--engine", engine, "auto, native or interpreter")
      ->check(CLI::IsMember({"auto", "native", "interpreter"}))
      ->capture_default_str();
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
