// The script for fish: to be sourced, or to be ~/.config/fish/completions/weir.fish.
#include <fmt/format.h>

#include "cli/completion/model.h"

namespace weir::cli {
namespace {

// fish's single quotes know two escapes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string option_line(const CompletedVerb& verb, const CompletedOption& option) {
  using Value = CompletedOption::Value;
  std::string line =
      fmt::format("complete -c weir -n {}", quoted(fmt::format("__weir_at {}", quoted(verb.path))));
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (option.value == Value::choice)
    line += " -x -a " + quoted(fmt::format("{}", fmt::join(option.choices, " ")));
  if (option.value == Value::file) line += " -r -F";
  if (option.value == Value::free) line += " -x";
  return line + " -d " + quoted(option.help) + "\n";
}

}  // namespace

std::string fish_completion(const std::vector<CompletedVerb>& verbs) {
  std::string paths, lines;
  for (const CompletedVerb& verb : verbs) {
    bool nested = verb.path.find(' ') != std::string::npos;
    if (!verb.path.empty()) paths += " " + quoted(nested ? verb.path : " " + verb.path);
    std::string at =
        fmt::format("complete -c weir -n {}", quoted(fmt::format("__weir_at {}", quoted(verb.path))));
    lines += at + (verb.files ? " -F\n" : " -f\n");
    for (const std::string& word : verb.words) {
      std::string path = verb.path.empty() ? word : verb.path + " " + word, help;
      for (const CompletedVerb& other : verbs)
        if (other.path == path) help = other.help;
      lines += at + " -a " + quoted(word) + (help.empty() ? "" : " -d " + quoted(help)) + "\n";
    }
    for (const CompletedOption& option : verb.options) lines += option_line(verb, option);
  }
  return fmt::format(
      R"fish(# Completion of weir for fish, by `weir completion fish`. For this shell: weir completion fish | source
function __weir_at
    set -l verb ''
    for word in (commandline -opc)[2..]
        if contains -- "$verb $word"{}
            set verb (string trim "$verb $word")
        end
    end
    test "$verb" = "$argv[1]"
end
complete -c weir -e
{})fish",
      paths, lines);
}

}  // namespace weir::cli
