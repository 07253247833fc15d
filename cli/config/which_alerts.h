// Which alerts a route or a silence means, as weir.yaml has it, and silences.
#pragma once

#include <string>
#include <vector>

#include "cli/config/reader.h"
#include "runtime/deliver/route.h"
#include "runtime/deliver/silence.h"

namespace weir::config {

// A name in a route or a silence that should fit something: check_names() looks.
struct Mention {
  enum class What : uint8_t {
    rule,     // with * and ?
    tag,      // of rules
    account,  // with * and ?
    group,    // of group_by: key.NAME, fields.NAME and the rest
  };
  What what = What::rule;
  std::string name;
  dsl::Span span;
};
// One for each of `names`, which `node` says: a list, or one text.
void mention(std::vector<Mention>& mentions, Mention::What what, const std::vector<std::string>& names, const Node& node);

// `rule`, `level`, `account` and `tag`.
deliver::Which read_which(Reader& reader, Section& section, std::vector<Mention>& mentions);

// All keys; its name is left to whoever knows the place. Errors are in the reader's diagnostics.
deliver::Silence read_silence(Reader& reader, const Node& node, std::vector<Mention>& mentions);

}  // namespace weir::config
