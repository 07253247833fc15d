// Takes compression off a stream, recognised by its first bytes and never by a name: gzip with any number of
// members, zstd with any number of frames, and one inside the other (Firehose compresses what is gzip
// already).
#pragma once

#include <memory>

#include "runtime/ingest/stream.h"

namespace weir::ingest {

inline constexpr int kMaxLayers = 4;

bool looks_compressed(std::string_view bytes);

// A stream of the decompressed bytes; of the same bytes when they are not compressed. Memory is bounded
// whatever the input. A stream that is cut or damaged gives what was read up to there, then an error.
// `source` and `budget` outlive the result.
std::unique_ptr<ByteStream> decompressed(ByteStream& source, Budget& budget);

}  // namespace weir::ingest
