// What must be said of a file's bytes before its text is read: that it is UTF-8 (E111), and that it looks
// like what it is (E108).
#pragma once

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::dsl {

void check_encoding(const SourceMap& sources, SourceId source, Diagnostics& diagnostics);

}  // namespace weir::dsl
