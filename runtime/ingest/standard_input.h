// Standard input as a source: one unit that ends with the stream. Nothing can be acknowledged, so what was
// read and not yet committed is lost in a crash.
#pragma once

#include <memory>

#include "runtime/ingest/source.h"

namespace weir::ingest {

std::unique_ptr<Source> standard_input();

}  // namespace weir::ingest
