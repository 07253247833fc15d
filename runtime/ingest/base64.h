// Base64, as AWS wraps payloads: the standard and the URL-safe alphabet, padded or not.
#pragma once

#include <string>
#include <string_view>

namespace weir::ingest {

// False when `text` is not base64: another character, padding in the middle, a length that cannot be.
bool decode_base64(std::string_view text, std::string& bytes);

}  // namespace weir::ingest
