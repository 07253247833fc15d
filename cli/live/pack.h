// weir.yaml with the rules that it names, read and compiled at one moment: what a start and each reload begin with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/config/config.h"
#include "compiler/compile.h"
#include "compiler/project.h"
#include "dsl/diagnostic.h"

namespace weir::cli {

struct Pack {
  dsl::SourceMap config_sources;
  dsl::Diagnostics config_diagnostics;
  config::Config config;
  std::unique_ptr<compiler::Project> project;  // null: the configuration has errors
  dsl::Diagnostics rule_diagnostics;           // errors alone
  std::vector<std::string> unreadable;         // sentences: files and folders that are not there
  std::string engine_problem;                  // a sentence
  std::shared_ptr<const match::Program> program;
  std::shared_ptr<const compiler::NativeProgress> native;  // null where none is made
  std::string hash;  // 16 hexadecimal digits: of the texts of all rule and list files, the built-in ones included

  bool is_well() const {
    return program && unreadable.empty() && config_diagnostics.error_count() + rule_diagnostics.error_count() == 0 &&
           !program->rules.empty();
  }
};

Pack read_pack(const std::string& config_path, compiler::Engine engine);

// Why the pack cannot be run, a line each, without carets: `site/a.weir:3:5: E203: unknown field …`. Empty when it can.
std::vector<std::string> problems_of(const Pack& pack);

// The sentence about a configuration whose files are there and hold none.
std::string no_rules(const config::Config& config);

// Where a change of it may be seen.
struct Read {
  std::vector<std::string> paths;   // of rules: files, and folders in which others may appear
  std::vector<std::string> others;  // the configuration, and lists that rules name
};
Read read_by(const std::string& config_path, const Pack& pack);

}  // namespace weir::cli
