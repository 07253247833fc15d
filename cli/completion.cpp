// weir completion: a script that completes verbs, options and files in a shell.

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

void add_completion(Verb& app, Run& run) {
  auto shell = std::make_shared<std::string>();
  Verb verb = app.add("completion", "Print a script that completes weir in a shell");
  verb.option("SHELL", *shell, "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});
  verb.footer(
      "Examples:\n  source <(weir completion bash)\n  weir completion fish > "
      "~/.config/fish/completions/weir.fish");
  verb.runs(run, [=, root = app] { return completion(root.app(), *shell); });
}

}  // namespace weir::cli
