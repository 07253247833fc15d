// What the formats that other programs read say alike of a diagnostic: its file, and its message as plain
// text.
#pragma once

#include <string>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::cli {

// Relative to the working directory when the file lies below it, else absolute; with slashes. Files of the
// built-in pack keep their "shipped/…" names.
std::string reported_path(const std::string& path);

// "title: label", then a line for each note and help, as the terminal shows them.
std::string message_text(const dsl::Diagnostic& diagnostic);

}  // namespace weir::cli
