// Distinct generated rules, as text, and events that they are about: the mix of operators, fields and values that packs
// of rules for CloudTrail have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::bench {

// `generic_share` of the rules name neither source nor event, and so run for every event. The same for the same
// arguments.
std::string generated_rules(size_t count, double generic_share, uint64_t seed);

// NDJSON, one event a line; each calls something that some of the rules name, by callers and tools that some of them
// look for.
std::string events_for_rules(size_t count, uint64_t seed);

}  // namespace weir::bench
