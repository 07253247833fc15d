// Which alerts a route or a silence means, as weir.yaml has it, and silences.
#pragma once

#include "cli/config/reader.h"
#include "runtime/deliver/route.h"
#include "runtime/deliver/silence.h"

namespace weir::config {

// `rule`, `level`, `account` and `tag`.
deliver::Which read_which(Reader& reader, Section& section);

// All keys; its name is left to whoever knows the place. Errors are in the reader's diagnostics.
deliver::Silence read_silence(Reader& reader, const Node& node);

}  // namespace weir::config
