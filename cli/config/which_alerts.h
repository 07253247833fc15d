// Which alerts a route or a silence means, as weir.yaml has it, and silences.
#pragma once

#include <string>
#include <vector>

#include "cli/config/reader.h"
#include "runtime/deliver/route.h"
#include "runtime/deliver/silence.h"

namespace weir::config {

struct NamedRule {
  std::string pattern;  // with * and ?
  dsl::Span span;
};

// `rule`, `level`, `account` and `tag`. What `rule` names is added to `named`, too.
deliver::Which read_which(Reader& reader, Section& section, std::vector<NamedRule>& named);

// All keys; its name is left to whoever knows the place. Errors are in the reader's diagnostics.
deliver::Silence read_silence(Reader& reader, const Node& node, std::vector<NamedRule>& named);

}  // namespace weir::config
