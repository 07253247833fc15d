// weir: the command line. One verb a file; this one only brings them together.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <csignal>
#include <exception>

#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/attack/attack.h"
#include "compiler/nearest.h"
#include "runtime/match/functions.h"
#include "runtime/process/heap.h"

namespace {

std::string version_text() {
  return fmt::format("weir {} (edition 1; Public Suffix List {}; ATT&CK {})\n", WEIR_VERSION,
                     weir::match::public_suffix_list_date(), weir::compiler::attack_version());
}

// CLI11 would only say that a subcommand is missing. Nothing when the first argument is a verb, or an option.
std::string unknown_verb(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return {};
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (verb->get_name() == argv[1]) return {};
    verbs.push_back(verb->get_name());
  }
  const std::vector<std::string> near = weir::compiler::nearest(argv[1], verbs, 1);
  return near.empty() ? fmt::format("there is no verb `{}`; see weir --help", argv[1])
                      : fmt::format("there is no verb `{}`; did you mean `weir {}`?", argv[1], near[0]);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace weir::cli;
  weir::process::prepare_heap();
  std::signal(SIGPIPE, SIG_DFL);  // `weir scan … | head` ends quietly

  CLI::App app{"Detection rules over AWS event streams: check, test and run them.\n"
               "Start with: weir scan FOLDER (the built-in rules over your logs), weir new rule NAME"};
  app.name("weir");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer("Exit codes: 0 done, and yes; 1 done, and no (errors, failed tests, nothing to do); 2 wrong use,\n"
             "or a path that is not there; 3 a file could not be read or written. `weir VERB --help` has examples.");
  app.set_version_flag("--version", version_text());

  Verb root(app);
  Run run;
  add_check(root, run);
  add_fmt(root, run);
  add_fix(root, run);
  add_test(root, run);
  add_scan(root, run);
  add_why(root, run);
  add_rules(root, run);
  add_dump(root, run);
  add_explain(root, run);
  add_doc(root, run);
  add_new(root, run);
  add_bench(root, run);
  add_init(root, run);
  add_run(root, run);
  add_audit(root, run);
  add_quarantine(root, run);
  add_outbox(root, run);
  add_silence(root, run);
  add_sink(root, run);
  add_completion(root, run);

  if (const std::string problem = unknown_verb(app, argc, argv); !problem.empty()) {
    print_error("{}", problem);
    return kUsage;
  }
  try {
    app.parse(argc, argv);
    return run();
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out_stream(), error_stream()) == 0 ? kOk : kUsage;
  } catch (const std::exception& error) {
    print_error("internal error: {}", error.what());
    return kFailed;
  }
}
