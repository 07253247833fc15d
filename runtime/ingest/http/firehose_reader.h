// The body of a Firehose request, record by record: a body of 64 MiB is one JSON document, and is never held
// whole.
#pragma once

#include <string>

#include "runtime/ingest/record.h"
#include "runtime/ingest/stream.h"
#include "runtime/ingest/unwrapper.h"

namespace weir::ingest {

inline constexpr size_t kMostElement = 4u
                                       << 20;  // of `records`, with its base64; Firehose sends 1.4 MB at most

// `{"requestId":…,"timestamp":…,"records":[{"data":"base64"},…]}`; other members are passed over, in any
// order. Empty, or why no list of records could be found in it: nothing was told then. Whatever is wrong
// behind the beginning of the list is told to `out`, and reading goes on as far as it can.
std::string read_firehose(ByteStream& stream, Unwrapper& out, const Place& place);

}  // namespace weir::ingest
