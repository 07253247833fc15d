// weir fix: applies the fixes that diagnostics carry.

#include <CLI/CLI.hpp>

#include <memory>

#include "cli/diff.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/compile.h"
#include "dsl/render.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::string format = "text";
  bool all = false;
  bool dry_run = false;
};

int fix(const Options& options) {
  Loaded loaded = load_project(options.paths);
  if (loaded.exit) return loaded.exit;
  compiler::check(*loaded.project, loaded.diagnostics);
  const compiler::Project& project = *loaded.project;
  if (project.files.empty()) {
    print_error("nothing to fix: no .weir file in {}", fmt::join(options.paths, ", "));
    return kNo;
  }

  size_t total = 0;
  int exit = kOk;
  for (const auto& file : project.files) {
    const std::string& path = project.sources.path(file->source);
    if (path.starts_with("shipped/")) continue;
    size_t applied = 0;
    std::string text =
        dsl::apply_fixes(project.sources, file->source, loaded.diagnostics.list(), options.all, applied);
    if (applied == 0) continue;
    total += applied;
    if (options.format == "json") {
      print_out("{{\"file\":{},\"fixes\":{}}}\n", json_quoted(path), applied);
    } else {
      print(unified_diff(path, project.sources.text(file->source), text, use_color(stdout)));
    }
    if (options.dry_run) continue;
    if (std::string failure = replace_whole(path, text); !failure.empty()) {
      print_error("{}", failure);
      exit = kFailed;
    }
  }
  size_t left = 0;
  for (const dsl::Diagnostic& diagnostic : loaded.diagnostics.list())
    left += !diagnostic.fix || (!options.all && diagnostic.fix->applicability != dsl::Applicability::safe);
  print_error("{} {}, {} without {}", total == 1 ? "1 fix" : fmt::format("{} fixes", total),
              options.dry_run ? "possible" : "applied", counted(left, "finding"),
              options.all ? "one" : "a safe one (--all applies the likely ones)");
  return exit;
}

}  // namespace

void add_fix(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("fix", "Apply the fixes of what check reports");
  verb->add_option("PATH", options->paths, "Rule files and folders: the project")->required();
  verb->add_flag("--all", options->all, "The likely fixes, too, not only the safe ones");
  verb->add_flag("--dry-run", options->dry_run, "Change nothing: show the difference");
  verb->add_option("--format", options->format, "text, or json: one file a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  verb->footer("Examples:\n  weir fix my.weir\n  weir fix --all --dry-run rules/");
  verb->callback([=, &run] { run = [=] { return fix(*options); }; });
}

}  // namespace weir::cli
