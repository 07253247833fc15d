// Text → tree. The grammar (dsl/grammar.h) is edition 1's PEG, rule for rule, in PEGTL.
//
// Recovery: a file is cut at the lines that begin at column 1 with a declaration word, and each piece is
// parsed by itself; inside a rule a failed clause is skipped to the next clause word at the start of a line.
// So one mistake hides no other, and it is reported once. Newcomers' mistakes (language.md, 15) are accepted
// where they are harmless, else reported with their fix, and the parse goes on as if the fix had been made.
#pragma once

#include <optional>

#include "dsl/ast.h"
#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::dsl {

// Never throws on any bytes. Every error is in `diagnostics`; declarations with errors are `broken`.
File parse(const SourceMap& sources, SourceId source, Diagnostics& diagnostics);

// The pieces of a message, from a text that stands in a rule; spans point into that text.
// nullopt when it cannot be read (an open `{`, say), with an error added.
std::optional<Template> parse_template(const SourceMap& sources, const Text& text, Diagnostics& diagnostics);

}  // namespace weir::dsl
