// The log of a running process, on standard error: a JSON object a line, or plain lines.
#pragma once

#include "cli/config/config.h"
#include "runtime/process/notice.h"

namespace weir::cli {

// By any thread. The same sentence again is written at most once in ten seconds, with how often it came.
process::Notify make_log(const config::Log& options);

}  // namespace weir::cli
