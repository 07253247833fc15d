// What an NDJSON line looks like from outside. Said once, because a stream that one thread reads and a file
// that several read in parts must cut the same records.
#pragma once

#include <string_view>

#include "runtime/ingest/window.h"

namespace weir::ingest {

// Longer lines are always read with care.
inline constexpr size_t kMaxPlainLine = Window::kBlockBytes;

// A line that is one document as far as can be told without reading it: from `{` to `}`, no other document
// beginning on it, and another one (or nothing: `after` is empty) after it. `line` begins with `{` and ends
// without blanks.
bool is_plain_line(std::string_view line, std::string_view after);

// How long the beginning `{"Records":[` is; 0 when `rest` begins otherwise.
size_t records_prefix(std::string_view rest);

// `end` without the blanks before it.
size_t last_filled(std::string_view bytes, size_t end);

}  // namespace weir::ingest
