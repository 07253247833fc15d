// The sizes a rule text may have. Beyond them is a diagnostic, never a crash.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::dsl {

inline constexpr uint32_t kMaxNesting = 64;             // brackets and braces inside each other (E112)
inline constexpr size_t kMaxSourceBytes = 64u << 20;    // one rule file
inline constexpr size_t kMaxReportedPerFile = 200;      // then the rest of it is not read

}  // namespace weir::dsl
