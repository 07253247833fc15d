// weir completion: a script that completes verbs, options and files in a shell.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/completion/model.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace weir::cli {
namespace {

int completion(const CLI::App& app, const std::string& shell) {
  std::vector<CompletedVerb> verbs = completion_model(app);
  print(shell == "bash"  ? bash_completion(verbs)
        : shell == "zsh" ? zsh_completion(verbs)
                         : fish_completion(verbs));
  return kOk;
}

}  // namespace

void add_completion(CLI::App& app, Run& run) {
  auto shell = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand("completion", "Print a script that completes weir in a shell");
  verb->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->footer(
      "Examples:\n  source <(weir completion bash)\n  weir completion fish > "
      "~/.config/fish/completions/weir.fish");
  verb->callback([=, &app, &run] { run = [=, &app] { return completion(app, *shell); }; });
}

}  // namespace weir::cli
