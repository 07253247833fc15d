// An item of a rule and what it met, as a sentence: the verb is the modifier's, and the quantifier has its
// words.
#pragma once

#include <string>
#include <string_view>

namespace weir::cli {

// `item` as the rule writes it, with its modifiers (`answers[none].Rdata|contains`); `value` what the event
// has there; `expected` what the item compares with: a value, `one of N values`, `all of N values`; `holds`
// what came out.
//   length(query_name)|gte 17 is not at least 50
//   answers[none].Type: of "A", "CNAME" none is "TXT"
std::string why_words(std::string_view item, std::string_view value, std::string_view expected, bool holds);

}  // namespace weir::cli
