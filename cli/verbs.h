// The verbs of the command line, one file each. A verb adds its subcommand with its flags, and says what to
// run when it is chosen.
#pragma once

#include "cli/verb.h"

namespace weir::cli {

// Exit codes mean one thing, whatever the verb.
enum Exit : int {
  kOk = 0,       // done, and the answer is yes: clean, passed, scanned
  kNo = 1,       // done, and the answer is no: errors found, a test failed, nothing to do, --fail-on reached
  kUsage = 2,    // could not be started: flags, a path that does not exist, an engine that is not there
  kFailed = 3,   // started, but the world failed: a file that could not be opened or written
};

void add_check(Verb& app, Run& run);
void add_fmt(Verb& app, Run& run);
void add_fix(Verb& app, Run& run);
void add_test(Verb& app, Run& run);
void add_scan(Verb& app, Run& run);
void add_why(Verb& app, Run& run);
void add_rules(Verb& app, Run& run);
void add_dump(Verb& app, Run& run);
void add_explain(Verb& app, Run& run);
void add_doc(Verb& app, Run& run);
void add_new(Verb& app, Run& run);
void add_bench(Verb& app, Run& run);
void add_init(Verb& app, Run& run);
void add_run(Verb& app, Run& run);
void add_audit(Verb& app, Run& run);
void add_quarantine(Verb& app, Run& run);
void add_outbox(Verb& app, Run& run);
void add_silence(Verb& app, Run& run);
void add_sink(Verb& app, Run& run);
void add_completion(Verb& app, Run& run);

}  // namespace weir::cli
