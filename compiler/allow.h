// `# allow: W801 the reason`: what a comment says of a warning, in a rule file or in weir.yaml.
#pragma once

#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"

namespace weir::compiler {

struct Allow {
  std::vector<dsl::Code> codes;
  bool reasoned = false;
};

// The codes and whether a reason follows them; no codes when the comment is about something else.
Allow parse_allow(std::string_view comment);

// For a warning that is allowed without one.
void ask_for_reason(dsl::Diagnostic& diagnostic);

}  // namespace weir::compiler
