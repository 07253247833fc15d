// Warnings about weir.yaml that its comments allow: `# allow: W906 the reason`.
#pragma once

#include <string>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::config {

// Null when the comment on the line of `span`, or one alone on the lines right above it, allows the code and says why.
// The pointer is good until the next add.
dsl::Diagnostic* add_unless_allowed(const dsl::SourceMap& sources, dsl::Diagnostics& diagnostics, dsl::Code code,
                                    std::string title, dsl::Span span, std::string label);

}  // namespace weir::config
