// What check() asks of a loaded project beside the rules themselves; each is a function from the project to
// more, or fewer, diagnostics.
#pragma once

#include "compiler/ir.h"
#include "compiler/project.h"
#include "compiler/trace.h"

namespace weir::compiler {

// Inline tests of rules and tunings: E209 E502 E509 for the names they use, E501 an `expect … from` of no
// rule, E602 W202 E202 fields of events, W605 their values, W603. What is compared with alerts is typed by the lowering.
void check_tests(const Project& project, dsl::Diagnostics& diagnostics);

// W812, W813: what can never hold, and rules whose events another rule matches, too. Of a module that was lowered
// with this trace.
void check_dead_rules(const Project& project, const ir::Module& module, const Trace& trace,
                      dsl::Diagnostics& diagnostics);

// Takes out the warnings that a comment `# allow: W801 the reason` covers: on the line of the warning, or
// above its declaration or clause. One without a reason silences nothing, and the warning says so.
void apply_allows(const Project& project, dsl::Diagnostics& diagnostics);

}  // namespace weir::compiler
