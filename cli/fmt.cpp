// weir fmt: rules in the one style.

#include <iostream>
#include <iterator>
#include <memory>

#include "cli/diff.h"
#include "cli/files.h"
#include "cli/load.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "dsl/format.h"
#include "dsl/parse.h"
#include "dsl/render.h"

namespace weir::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::string format = "text";
  bool check = false;
};

// The formatted text, or nothing when it does not parse: the errors are printed.
std::optional<std::string> formatted(const std::string& path, const std::string& text) {
  dsl::SourceMap sources;
  dsl::Diagnostics diagnostics;
  dsl::SourceId source = sources.add(path, text);
  dsl::File file = dsl::parse(sources, source, diagnostics);
  if (diagnostics.error_count() == 0) return dsl::format(sources, file);
  diagnostics.sort();
  for (const dsl::Diagnostic& diagnostic : diagnostics.list())
    std::fputs((dsl::render(sources, diagnostic, {use_color(stderr)}) + "\n").c_str(), stderr);
  return std::nullopt;
}

int format_stdin() {
  std::string text((std::istreambuf_iterator<char>(std::cin)), {});
  auto result = formatted("-", text);
  if (!result) return kNo;
  print(*result);
  return kOk;
}

int format_files(const Options& options) {
  std::vector<std::string> problems;
  std::vector<std::string> files = rule_files(options.paths, problems);
  for (const std::string& problem : problems) print_error("{}", problem);
  if (!problems.empty()) return kUsage;
  if (files.empty()) {
    print_error("nothing to format: no .weir file in {}", fmt::join(options.paths, ", "));
    return kNo;
  }
  size_t changed = 0, broken = 0;
  int exit = kOk;
  for (const std::string& path : files) {
    std::string problem;
    auto text = read_whole(path, problem);
    if (!text) {
      print_error("{}", problem);
      exit = kFailed;
      continue;
    }
    auto result = formatted(path, *text);
    if (!result) ++broken;
    bool differs = result && *result != *text;
    changed += differs;
    if (options.format == "json") {
      print_out("{{\"file\":{},\"state\":\"{}\"}}\n", json_quoted(path),
                !result ? "broken" : differs ? "changed" : "clean");
    } else if (differs) {
      print(options.check ? unified_diff(path, *text, *result, use_color(stdout)) : path + "\n");
    }
    if (!differs || options.check) continue;
    if (std::string failure = replace_whole(path, *result); !failure.empty()) {
      print_error("{}", failure);
      exit = kFailed;
    }
  }
  if (options.format == "text") {
    print_error("{}, {} {}{}", counted(files.size(), "file"), changed, options.check ? "not formatted" : "changed",
                broken ? fmt::format(", {} with errors left alone", broken) : "");
  }
  if (exit != kOk) return exit;
  return broken || (options.check && changed) ? kNo : kOk;
}

}  // namespace

void add_fmt(Verb& app, Run& run) {
  auto options = std::make_shared<Options>();
  Verb verb = app.add("fmt", "Write rules in the one style");
  verb.option("PATH", options->paths, "Rule files and folders; - formats standard input").required();
  verb.flag("--check", options->check, "Change nothing: show the difference, exit 1 when there is one");
  verb.format(options->format, "text, or json: one file a line");
  verb.footer("Examples:\n  weir fmt rules/\n  weir fmt --check rules/   # in continuous integration");
  verb.runs(run, [=] {
    bool standard_input = options->paths.size() == 1 && options->paths[0] == "-";
    return standard_input ? format_stdin() : format_files(*options);
  });
}

}  // namespace weir::cli
