// The verbs of the command line, one file each. A verb adds its subcommand with its flags, and says what to
// run when it is chosen.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace weir::cli {

// Exit codes mean one thing, whatever the verb.
enum Exit : int {
  kOk = 0,       // done, and the answer is yes: clean, passed, scanned
  kNo = 1,       // done, and the answer is no: errors found, a test failed, nothing to do, --fail-on reached
  kUsage = 2,    // could not be started: flags, a path that does not exist, an engine that is not there
  kFailed = 3,   // started, but the world failed: a file that could not be opened or written
};

using Run = std::function<int()>;

void add_check(CLI::App& app, Run& run);
void add_fmt(CLI::App& app, Run& run);
void add_fix(CLI::App& app, Run& run);
void add_test(CLI::App& app, Run& run);
void add_scan(CLI::App& app, Run& run);
void add_why(CLI::App& app, Run& run);
void add_rules(CLI::App& app, Run& run);
void add_dump(CLI::App& app, Run& run);
void add_explain(CLI::App& app, Run& run);
void add_doc(CLI::App& app, Run& run);
void add_new(CLI::App& app, Run& run);
void add_bench(CLI::App& app, Run& run);
void add_init(CLI::App& app, Run& run);
void add_run(CLI::App& app, Run& run);
void add_audit(CLI::App& app, Run& run);
void add_quarantine(CLI::App& app, Run& run);
void add_outbox(CLI::App& app, Run& run);
void add_silence(CLI::App& app, Run& run);
void add_sink(CLI::App& app, Run& run);
void add_completion(CLI::App& app, Run& run);

}  // namespace weir::cli
