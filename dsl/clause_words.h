// Which words begin what, for recovery: where a clause, or an item of a block, plainly starts anew.
#pragma once

#include "dsl/mistakes.h"

namespace weir::dsl {

// A clause of the rule around `inner` starts at `at`, so `inner` must have ended before.
bool is_clause_of_rule(std::string_view text, uint32_t at, const OpenBlock& inner);

// An item of such a block starts at `at`. `outside` says that no bracket is open since the item before;
// then any name with a `:` or a `{` will do.
bool is_item_of_block(std::string_view text, uint32_t at, BlockKind kind, bool outside);

// A key of Sigma's rules, at the beginning of a file: `title:`, `logsource:`.
bool is_sigma_key(std::string_view word);

}  // namespace weir::dsl
