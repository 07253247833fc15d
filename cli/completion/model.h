// What a shell can complete, read out of CLI11's own model of verbs and options: no list is kept by hand.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace weir::cli {

struct CompletedOption {
  // What follows the option: nothing, one of `choices`, a file, or what nobody can guess.
  enum class Value : uint8_t { none, choice, file, free };
  std::vector<std::string> names;  // "--format", "-h"
  std::string help;                // one line
  Value value = Value::none;
  std::vector<std::string> choices;
};

struct CompletedVerb {
  std::string path;  // "new rule"; empty: weir itself
  std::string help;
  std::vector<CompletedOption> options;
  std::vector<std::string> words;  // what may stand next: verbs below, choices of arguments without a name
  bool files = false;              // arguments without a name are files
};

// weir itself first, then every verb in the order of the help, each followed by those below it. An option is
// of files when it says so: its type, or the name of an argument, is PATH or FILE.
std::vector<CompletedVerb> completion_model(const CLI::App& app);

// The scripts; each is to be sourced, or put where the shell looks for completions.
std::string bash_completion(const std::vector<CompletedVerb>& verbs);
std::string zsh_completion(const std::vector<CompletedVerb>& verbs);
std::string fish_completion(const std::vector<CompletedVerb>& verbs);

// 'text', as all three shells quote it.
std::string shell_quoted(const std::string& text);

}  // namespace weir::cli
