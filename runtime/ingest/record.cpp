// Places and reasons, as people read them.
#include "runtime/ingest/record.h"

#include <fmt/format.h>

namespace weir::ingest {

std::string where_text(const Place& place) {
  if (place.line) return fmt::format("{}:{}", place.file, place.line);
  return fmt::format("{}, record {}", place.file, place.record);
}

const char* name_of(Skip why) {
  switch (why) {
    case Skip::digest:
      return "digest";
    case Skip::insight:
      return "insight";
    case Skip::control_message:
      return "control_message";
    case Skip::notification:
      return "notification";
    case Skip::unknown_file:
      return "unknown_file";
    case Skip::unknown_record:
      return "unknown_record";
  }
  return "";
}

}  // namespace weir::ingest
