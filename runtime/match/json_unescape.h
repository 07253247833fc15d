// json_text: compact JSON in which the strings are written as the texts they are, so that a policy document
// that stands in a string can be searched as it was written.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::match {

// Writes `json` with the escapes of its strings resolved once (quotes stay), those that are JSON themselves
// compact, and returns the size, which is never more than json.size(). A lone surrogate becomes U+FFFD; what
// is no escape is kept. Any bytes will do.
size_t unescape_json(std::string_view json, char* out);

// Writes what stands between the quotes of a JSON string with its escapes resolved, and returns the size, as
// above.
size_t unescape_text(std::string_view quoted, char* out);

// True when each backslash of `json` begins an escape that JSON knows, and surrogates come in pairs.
bool escapes_are_clean(std::string_view json);

// Takes the white space between the tokens out when the text is a JSON object or array; any other stays as
// it is. Returns the new size.
size_t compact_json(char* text, size_t size);
bool may_be_json(std::string_view text);  // by its first character

}  // namespace weir::match
