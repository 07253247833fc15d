// Seeded traffic for benches: distinct events of realistic shape and size, most of which no rule matches.
#pragma once

#include <cstdint>
#include <string>

namespace weir::bench {

// NDJSON of about `bytes` bytes; the same for the same arguments. One event in a thousand is one that the
// shipped rules report.
std::string cloudtrail_events(uint64_t bytes, uint64_t seed);

// NDJSON of `count` Resolver queries, one a millisecond: a host of `hosts` asks for one of `names` names.
std::string resolver_events(size_t count, size_t hosts, size_t names, uint64_t seed);
inline constexpr const char* kQueryTypes[] = {"A",   "AAAA", "HTTPS", "PTR", "TXT",
                                              "SRV", "MX",   "CNAME", "NS",  "SOA"};
inline constexpr const char* kResponseCodes[] = {"NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"};

}  // namespace weir::bench
