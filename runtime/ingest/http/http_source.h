// Requests as units: the Kinesis Data Firehose endpoint protocol, and bodies of whatever the envelopes know
// (NDJSON, a CloudTrail file, gzip) by POST. 200 is said after the commit that holds the request, never
// before; what was not committed is answered so that the sender keeps it and sends it again. Answers and
// limits: docs/http.md.
//
// A Firehose request is known by its request id; a plain one by its Idempotency-Key, if it has one: what has the key
// of another one, and other content, is refused.
// A repetition that comes while the first is being read waits for the same commit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/http/server.h"
#include "runtime/ingest/source.h"
#include "runtime/process/metrics.h"
#include "runtime/process/notice.h"

namespace weir::ingest {

enum class HttpProtocol : uint8_t { firehose, plain };

struct HttpEndpoint {
  std::string path;  // "/firehose"
  HttpProtocol protocol = HttpProtocol::plain;
  std::vector<std::string> secrets;  // access keys, or bearer tokens: any of them; none: everybody may
};

struct HttpOptions {
  std::string name;    // of the source
  std::string listen;  // "0.0.0.0:8443"
  std::optional<http::Tls> tls;
  std::vector<HttpEndpoint> endpoints;
  http::Limits limits;
  size_t waiting_requests = 256;  // that nobody reads yet: beyond it 503
  uint64_t decoded_bytes =
      1024u << 20;           // of one plain body, decompressed; of a Firehose body what its limit says
  uint64_t max_ratio = 200;  // decompressed : compressed, checked from 64 MiB on
  process::Metrics* metrics = nullptr;  // outlives the source
  process::Notify notify;
  std::function<void()> arrived;  // there is a unit now; by the server's thread
};

// Why this must not be opened: others can reach the address, and everybody may send. Empty when all is well.
std::string problem_of(const HttpOptions& options);

class HttpSource : public Source {
 public:
  // Null, and a sentence.
  static std::unique_ptr<HttpSource> open(HttpOptions options, std::string& problem);
  virtual uint16_t port() const = 0;
  // Reads the certificate anew; a sentence when it cannot be used, and the old one is kept.
  virtual std::string reload() = 0;
};

}  // namespace weir::ingest
