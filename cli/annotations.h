// Diagnostics as GitHub workflow commands: the runner shows each beside the line it is about.
#pragma once

#include <string>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::cli {

// `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::message`, without a newline. Columns count
// characters from 1, the end is the last one.
std::string github_annotation(const dsl::SourceMap& sources, const dsl::Diagnostic& diagnostic);

}  // namespace weir::cli
