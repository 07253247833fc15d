// Sources that listen, as weir.yaml has them (docs/http.md).
#pragma once

#include "cli/config/reader.h"
#include "runtime/ingest/http/http_source.h"

namespace weir::config {

// All keys but `type` and `events`; errors are in the reader's diagnostics. Paths of files are as they are written.
ingest::HttpOptions read_http_source(Reader& reader, Section& section, ingest::HttpProtocol protocol);

}  // namespace weir::config
