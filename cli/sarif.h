// Diagnostics as one SARIF 2.1.0 log, which code hosts and editors read: every code is a rule of the tool,
// every diagnostic a result with its fix.
#pragma once

#include <string>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::cli {

// Ends with a newline. Columns count UTF-16 units from 1, ends are exclusive; URIs are relative to the
// working directory where they can be. `complete`: everything that was asked for was read.
std::string to_sarif(const dsl::SourceMap& sources, const dsl::Diagnostics& diagnostics, bool complete);

}  // namespace weir::cli
