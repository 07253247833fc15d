// Writing JSON text, for whoever writes records: compact, UTF-8 kept, nothing escaped that need not be.
#pragma once

#include <string>
#include <string_view>

namespace weir::match {

// Appends `text` as a JSON string, quotes included. `text` is UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace weir::match
