// weir doc: a page for every rule, list and source, for people who have not read the rules.

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/doc/site.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/compile.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> paths;
  std::string out, format = "html";
  bool check = false;
};

int check_folder(const Options& options, const std::vector<doc::File>& files, const doc::Format& format) {
  std::vector<std::string> problems;
  std::vector<doc::Stale> stale = doc::stale_pages(options.out, files, format, problems);
  for (const std::string& problem : problems) print_error("{}", problem);
  static constexpr const char* kWords[] = {"missing", "outdated", "leftover"};
  for (const doc::Stale& page : stale) print_out("{:<8}  {}\n", kWords[size_t(page.kind)], page.path);
  if (!stale.empty())
    print_error("{} stale in {}; the same command without --check writes them", counted(stale.size(), "page"),
                options.out);
  return !problems.empty() ? kFailed : stale.empty() ? kOk : kNo;
}

int write_folder(const Options& options, const std::vector<doc::File>& files, const doc::Format& format) {
  std::vector<std::string> problems;
  std::vector<doc::Stale> stale = doc::stale_pages(options.out, files, format, problems);
  size_t written = 0, removed = 0;
  for (const doc::Stale& page : stale) {
    const fs::path path = fs::path(options.out) / page.path;
    std::error_code error;
    if (page.kind == doc::Stale::Kind::leftover) {
      removed += fs::remove(path, error);
      continue;
    }
    fs::create_directories(path.parent_path(), error);
    auto file = std::find_if(files.begin(), files.end(),
                             [&](const doc::File& each) { return each.path == page.path; });
    if (std::string failure = replace_whole(path.string(), file->contents); !failure.empty()) {
      problems.push_back(failure);
      break;
    }
    ++written;
  }
  for (const std::string& problem : problems) print_error("{}", problem);
  if (!problems.empty()) return kFailed;
  print_out("{} in {}: {} written, {} removed, the rest was current\n", counted(files.size(), "file"),
            options.out, written, removed);
  return kOk;
}

int doc_verb(const Options& options) {
  Loaded loaded = load_project(options.paths);
  if (loaded.exit) return loaded.exit;
  compiler::CompileOptions compile;
  compile.untuned = true;    // the rule as it ships; what a site changed is said beside it
  compile.optimise = false;  // what a rule reads, not what is left of it
  compiler::Compiled compiled = compiler::compile(*loaded.project, compile, loaded.diagnostics);
  loaded.diagnostics.retain([](const dsl::Diagnostic& d) { return d.severity() == dsl::Severity::error; });
  print_diagnostics(*loaded.project, loaded.diagnostics);
  if (loaded.project->rules.empty()) {
    print_error("no rules, so no pages");
    return kNo;
  }
  const doc::Format& format = options.format == "html" ? doc::html() : doc::markdown();
  std::vector<doc::File> files = doc::site(doc::Book(*loaded.project, compiled), format);
  int exit = options.check ? check_folder(options, files, format) : write_folder(options, files, format);
  if (size_t errors = loaded.diagnostics.error_count(); errors > 0 && exit == kOk) {
    print_error("rules with errors have no page: {}", counted(errors, "error"));
    return kNo;
  }
  return exit;
}

}  // namespace

void add_doc(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("doc", "Write a page for every rule, list and source");
  verb.option("PATH", options->paths, "Rule files and folders: the project (default: the shipped pack)");
  verb.option("--out", options->out, "The folder of the pages; made when it is not there")
      .required()
      .shown_as("PATH");
  verb.format(options->format, "html: to open in a browser; markdown: to keep beside the code",
              {"html", "markdown"});
  verb.flag("--check", options->check,
            "Write nothing; name the pages that are not current, and exit 1 when there are any");
  verb.footer(
      "Examples:\n  weir doc --out pages && xdg-open pages/index.html\n"
      "  weir doc rules/ site/ --out docs/rules --format markdown\n"
      "  weir doc rules/ site/ --out docs/rules --format markdown --check   # in continuous integration");
  verb.runs(run, [=] { return doc_verb(*options); });
}

}  // namespace weir::cli
