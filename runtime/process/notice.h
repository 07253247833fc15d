// What a running part has to say to the operator. Libraries do not log: they are handed somebody who does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace weir::process {

enum class Severity : uint8_t { debug, info, warning, error };

// `text` is a sentence without a full stop; may be called by any thread.
using Notify = std::function<void(Severity, const std::string& text)>;

}  // namespace weir::process
