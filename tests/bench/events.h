// Seeded CloudTrail traffic for benches: distinct events of realistic shape and size, most of which no rule matches.
#pragma once

#include <cstdint>
#include <string>

namespace weir::bench {

// NDJSON of about `bytes` bytes; the same for the same arguments. One event in a thousand is one that the
// shipped rules report.
std::string cloudtrail_events(uint64_t bytes, uint64_t seed);

}  // namespace weir::bench
