// The script for zsh: to be sourced, or to be a file `_weir` in a folder of $fpath.
#include <fmt/format.h>

#include "cli/completion/model.h"

namespace weir::cli {
namespace {

// An entry of _describe: what is offered, then what it is.
std::string described(const std::string& word, const std::string& help) {
  std::string escaped;
  for (char c : word) escaped += c == ':' ? "\\:" : std::string(1, c);
  return shell_quoted(escaped + ":" + help);
}

std::string help_of(const std::vector<CompletedVerb>& verbs, const std::string& path) {
  for (const CompletedVerb& verb : verbs)
    if (verb.path == path) return verb.help;
  return "";
}

}  // namespace

std::string zsh_completion(const std::vector<CompletedVerb>& verbs) {
  using Value = CompletedOption::Value;
  std::string paths, values, next;
  for (const CompletedVerb& verb : verbs) {
    if (!verb.path.empty()) {
      bool nested = verb.path.find(' ') != std::string::npos;
      paths +=
          fmt::format("{}{}", paths.empty() ? "" : "|", shell_quoted(nested ? verb.path : " " + verb.path));
    }
    std::string options, words;
    for (const CompletedOption& option : verb.options) {
      std::string pattern;
      for (const std::string& name : option.names) {
        options += " " + described(name, option.help);
        pattern += (pattern.empty() ? "" : "|") + shell_quoted(verb.path + " " + name);
      }
      if (option.value == Value::none) continue;
      std::string action = option.value == Value::choice
                               ? fmt::format("compadd -- {}", fmt::join(option.choices, " "))
                           : option.value == Value::file ? "_files"
                                                         : "_message value";
      values += fmt::format("    {}) {}; return ;;\n", pattern, action);
    }
    for (const std::string& word : verb.words)
      words += " " + described(word, help_of(verbs, verb.path.empty() ? word : verb.path + " " + word));
    next += fmt::format("    {}) options=({} ) entries=({} ) files={} ;;\n", shell_quoted(verb.path), options,
                        words, verb.files ? "yes" : "''");
  }
  return fmt::format(R"zsh(#compdef weir
# Completion of weir for zsh, by `weir completion zsh`. For this shell: source <(weir completion zsh)
_weir() {{
  local verb='' files='' i
  local -a options entries
  for ((i = 2; i < CURRENT; ++i)); do
    case "$verb ${{words[i]}}" in
      {}) verb="${{verb:+$verb }}${{words[i]}}" ;;
    esac
  done
  case "$verb ${{words[CURRENT-1]}}" in
{}  esac
  case "$verb" in
{}  esac
  if [[ ${{words[CURRENT]}} == -* ]]; then
    _describe -o option options
  elif (( $#entries )); then
    _describe word entries
  elif [[ -n $files ]]; then
    _files
  fi
}}
if [[ ${{funcstack[1]}} == _weir ]]; then _weir "$@"; else compdef _weir weir; fi
)zsh",
                     paths, values, next);
}

}  // namespace weir::cli
