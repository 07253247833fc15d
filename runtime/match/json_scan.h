// A slow second look at a JSON text that simdjson refused: what is wrong and where, or the same text in a
// form that it takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::match {

struct JsonScan {
  // Null: the text is JSON, and `repaired` is it with every escape of a lone surrogate turned into \uFFFD and
  // every number that 64 bits cannot hold turned into a string of its spelling.
  const char* reason = nullptr;
  size_t offset = 0;  // of what is wrong
  std::string repaired;
};

JsonScan scan_json(std::string_view text, size_t max_depth);

}  // namespace weir::match
