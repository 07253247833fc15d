// The script for bash. Files are readline's own completion (`-o default`), which takes over when the function
// offers nothing: only it quotes names as the user typed them.
#include <fmt/format.h>

#include "cli/completion/model.h"

namespace weir::cli {

std::string bash_completion(const std::vector<CompletedVerb>& verbs) {
  using Value = CompletedOption::Value;
  std::string paths, values, next;
  for (const CompletedVerb& verb : verbs) {
    if (!verb.path.empty()) {
      size_t last = verb.path.rfind(' ');
      paths += fmt::format("{}{}", paths.empty() ? "" : "|",
                           shell_quoted(last == std::string::npos ? " " + verb.path : verb.path));
    }
    std::string options;
    for (const CompletedOption& option : verb.options) {
      std::string pattern;
      for (const std::string& name : option.names) {
        options += (options.empty() ? "" : " ") + name;
        pattern += (pattern.empty() ? "" : "|") + shell_quoted(verb.path + " " + name);
      }
      if (option.value == Value::none) continue;
      std::string action =
          option.value == Value::choice
              ? fmt::format("_weir_offer {}", shell_quoted(fmt::format("{}", fmt::join(option.choices, " "))))
          : option.value == Value::file ? ":"
                                        : "_weir_nothing";
      values += fmt::format("    {}) {}; return ;;\n", pattern, action);
    }
    next += fmt::format("    {}) options={} words={} files={} ;;\n", shell_quoted(verb.path),
                        shell_quoted(options), shell_quoted(fmt::format("{}", fmt::join(verb.words, " "))),
                        verb.files ? "yes" : "''");
  }
  return fmt::format(
      R"bash(# Completion of weir for bash, by `weir completion bash`. For this shell: source <(weir completion bash)
_weir_offer() {{ mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); [[ -n ${{COMPREPLY[0]-}} ]] || _weir_nothing; }}
_weir_nothing() {{ COMPREPLY=(); compopt +o default 2>/dev/null; return 0; }}
_weir() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local verb='' options='' words='' files='' i
  COMPREPLY=()
  [[ $current != '=' ]] || current=''
  [[ $previous != '=' ]] || previous=${{COMP_WORDS[COMP_CWORD-2]}}
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$verb ${{COMP_WORDS[i]}}" in
      {}) verb="${{verb:+$verb }}${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$verb $previous" in
{}  esac
  case "$verb" in
{}  esac
  if [[ $current == -* ]]; then
    _weir_offer "$options"
  elif [[ -n $words ]]; then
    _weir_offer "$words"
  elif [[ -z $files ]]; then
    _weir_nothing
  fi
}}
complete -o default -F _weir weir
)bash",
      paths, values, next);
}

}  // namespace weir::cli
