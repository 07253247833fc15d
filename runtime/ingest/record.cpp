// Names of the reasons to pass something over, as summaries print them.
#include "runtime/ingest/record.h"

namespace weir::ingest {

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
