// weir fix: applies the fixes that diagnostics carry.

#include <algorithm>
#include <memory>

#include "cli/diff.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/fix.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::string format = "text";
  bool all = false;
  bool dry_run = false;
};

int fix(const Options& options) {
  Loaded before = load_project(options.paths);
  if (before.exit) return before.exit;
  bool own = std::any_of(before.project->loaded_paths.begin(), before.project->loaded_paths.end(),
                         [](const std::string& path) { return !path.starts_with("shipped/"); });
  if (!own) {
    print_error("nothing to fix: no .weir file in {}", fmt::join(options.paths, ", "));
    return kNo;
  }
  compiler::LoadOptions load = load_options(options.paths);
  compiler::Fixed fixed = compiler::fix(
      [&](const compiler::Texts& instead, dsl::Diagnostics& diagnostics) {
        std::vector<std::string> unreadable;
        load.instead = instead;
        return compiler::load(load, diagnostics, unreadable);
      },
      options.all);

  size_t total = 0;
  int exit = kOk;
  for (const auto& [path, text] : fixed.changed) {
    std::string problem;
    std::string original = read_whole(path, problem).value_or("");
    size_t applied = fixed.applied.at(path);
    total += applied;
    if (options.format == "json") {
      print_out("{{\"file\":{},\"fixes\":{}}}\n", json_quoted(path), applied);
    } else {
      print(unified_diff(path, original, text, use_color(stdout)));
    }
    if (options.dry_run) continue;
    if (std::string failure = replace_whole(path, text); !failure.empty()) {
      print_error("{}", failure);
      exit = kFailed;
    }
  }
  print_error("{} {}; left: {}{}", counted(total, "change"), options.dry_run ? "possible" : "made",
              findings_text(fixed.left.error_count(), fixed.left.warning_count()),
              options.all || fixed.left.empty() ? "" : " (--all applies the likely fixes, too)");
  return exit;
}

}  // namespace

void add_fix(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("fix", "Apply the fixes of what check reports");
  verb.option("PATH", options->paths, "Rule files and folders: the project").required();
  verb.flag("--all", options->all, "The likely fixes, too, not only the safe ones");
  verb.flag("--dry-run", options->dry_run, "Change nothing: show the difference");
  verb.format(options->format, "text, or json: one file a line");
  verb.footer("Examples:\n  weir fix my.weir\n  weir fix --all --dry-run rules/");
  verb.runs(run, [=] { return fix(*options); });
}

}  // namespace weir::cli
