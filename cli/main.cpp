// weir: the command line. One verb a file; this one only brings them together.

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <clocale>
#include <csignal>
#include <exception>

#include "cli/terminal.h"
#include "cli/verbs.h"
#include "compiler/attack/attack.h"
#include "runtime/match/functions.h"

namespace {

std::string version_text() {
  return fmt::format("weir {} (edition 1; Public Suffix List {}; ATT&CK {})\n", WEIR_VERSION,
                     weir::match::public_suffix_list_date(), weir::compiler::attack_version());
}

}  // namespace

int main(int argc, char** argv) {
  using namespace weir::cli;
  std::signal(SIGPIPE, SIG_DFL);  // `weir scan … | head` ends quietly

  CLI::App app{"Detection rules over AWS event streams: check, test and run them.\n"
               "Start with: weir scan FOLDER (the built-in rules over your logs), weir new rule NAME"};
  app.name("weir");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer("Exit codes: 0 done, and yes; 1 done, and no (errors, failed tests, nothing to do); 2 wrong use;\n"
             "3 a file could not be opened or written. `weir VERB --help` has examples.");
  app.set_version_flag("--version", version_text());

  Run run;
  add_check(app, run);
  add_fmt(app, run);
  add_fix(app, run);
  add_test(app, run);
  add_scan(app, run);
  add_why(app, run);
  add_rules(app, run);
  add_dump(app, run);
  add_explain(app, run);
  add_new(app, run);
  add_bench(app, run);
  add_run(app, run);
  add_audit(app, run);
  add_quarantine(app, run);
  add_outbox(app, run);
  add_completion(app, run);

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
