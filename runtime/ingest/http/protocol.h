// What the two protocols demand of a head and say in an answer, without a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/http/message.h"
#include "runtime/ingest/http/http_source.h"

namespace weir::ingest {

// What was read of a request, for its answer.
struct HttpTally {
  bool read = false;  // false: it was known to be committed
  uint64_t records = 0, unreadable = 0, skipped = 0;
};

// Null when nothing is at that path.
const HttpEndpoint* endpoint_at(const std::vector<HttpEndpoint>& endpoints, std::string_view path);

// Why a request cannot be taken, whatever its body is: method, secret, id, encoding.
std::optional<http::Answer> refused_by_head(const HttpEndpoint& endpoint, const http::Head& head,
                                            int64_t now_us);

// 16 bytes that stand for the request; empty when nothing tells it again.
std::string key_of(const HttpEndpoint& endpoint, const http::Head& head);
// Why a request is refused whose key another one had.
inline constexpr std::string_view kOtherContent =
    "this Idempotency-Key came with other content before; nothing of this request was taken";

// For people.
std::string name_of(const HttpEndpoint& endpoint, const http::Head& head, uint64_t number);

// Firehose demands its own form, with the id of the request.
http::Answer refused(HttpProtocol protocol, const http::Head& head, unsigned status,
                     std::string_view sentence, int64_t now_us);
http::Answer committed(HttpProtocol protocol, const http::Head& head, const HttpTally& tally, int64_t now_us);

}  // namespace weir::ingest
