// See protocol.h. The Firehose part follows "Appendix: HTTP endpoint delivery request and response
// specifications" of its developer guide: only 200 is a success, 413 would be dropped for good and is never
// said.
#include "runtime/ingest/http/protocol.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

namespace weir::ingest {
namespace {

constexpr std::string_view kRequestId = "X-Amz-Firehose-Request-Id", kAccessKey = "X-Amz-Firehose-Access-Key",
                           kVersion = "X-Amz-Firehose-Protocol-Version", kOwnId = "Idempotency-Key";
constexpr size_t kLongestId = 200;

// Visible ASCII without what JSON or a terminal would have to escape: it is said back.
bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
  });
}

bool is_known_encoding(std::string_view encoding) {
  return encoding.empty() || encoding == "identity" || encoding == "gzip" || encoding == "x-gzip" ||
         encoding == "zstd";
}

std::string_view bearer_of(const http::Head& head) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view value = head.find("Authorization");
  const bool is_bearer = value.size() > kScheme.size() &&
                         std::equal(kScheme.begin(), kScheme.end(), value.begin(), [](char a, char b) {
                           return a == b || (b >= 'A' && b <= 'Z' && a == b - 'A' + 'a');
                         });
  if (!is_bearer) return {};
  value.remove_prefix(kScheme.size());
  return value;
}

bool is_allowed(const HttpEndpoint& endpoint, const http::Head& head) {
  if (endpoint.secrets.empty()) return true;
  const bool firehose = endpoint.protocol == HttpProtocol::firehose;
  return http::is_one_of(firehose ? head.find(kAccessKey) : bearer_of(head), endpoint.secrets);
}

std::string firehose_body(const http::Head& head, std::string_view error, int64_t now_us) {
  const std::string_view id = head.find(kRequestId);
  return fmt::format("{{\"requestId\":{},\"timestamp\":{}{}{}}}", http::json_text(is_id(id) ? id : ""),
                     now_us / 1000,
                     error.empty() ? "" : ",\"errorMessage\":", error.empty() ? "" : http::json_text(error));
}

}  // namespace

const HttpEndpoint* endpoint_at(const std::vector<HttpEndpoint>& endpoints, std::string_view path) {
  for (const HttpEndpoint& endpoint : endpoints)
    if (endpoint.path == path) return &endpoint;
  return nullptr;
}

std::optional<http::Answer> refused_by_head(const HttpEndpoint& endpoint, const http::Head& head,
                                            int64_t now_us) {
  const bool firehose = endpoint.protocol == HttpProtocol::firehose;
  auto no = [&](unsigned status, std::string_view sentence) {
    return refused(endpoint.protocol, head, status, sentence, now_us);
  };
  if (head.method != "POST") {
    http::Answer answer = no(405, "use POST");
    answer.fields.push_back({"Allow", "POST"});
    return answer;
  }
  if (!is_allowed(endpoint, head)) {
    http::Answer answer =
        no(401, firehose ? "the access key is wrong" : "the bearer token is wrong or missing");
    if (!firehose) answer.fields.push_back({"WWW-Authenticate", "Bearer"});
    return answer;
  }
  if (!is_known_encoding(head.find("Content-Encoding")))
    return no(415, "of content encodings gzip and zstd are understood");
  if (firehose) {
    const std::string_view version = head.find(kVersion);
    if (!version.empty() && version != "1.0")
      return no(400, "of the Firehose protocol only version 1.0 is understood");
    if (!is_id(head.find(kRequestId))) return no(400, "X-Amz-Firehose-Request-Id is missing, or is no id");
  } else if (const std::string_view id = head.find(kOwnId); !id.empty() && !is_id(id)) {
    return no(400, fmt::format("Idempotency-Key must be at most {} visible ASCII characters, without quotes",
                               kLongestId));
  }
  return std::nullopt;
}

std::string key_of(const HttpEndpoint& endpoint, const http::Head& head) {
  const bool firehose = endpoint.protocol == HttpProtocol::firehose;
  const std::string_view id = head.find(firehose ? kRequestId : kOwnId);
  if (id.empty()) return {};
  const std::string text = fmt::format("{}\n{}", firehose ? "firehose" : "plain", id);
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, XXH3_128bits(text.data(), text.size()));
  return std::string(reinterpret_cast<const char*>(bytes.digest), sizeof bytes.digest);
}

std::string name_of(const HttpEndpoint& endpoint, const http::Head& head, uint64_t number) {
  if (endpoint.protocol == HttpProtocol::firehose)
    return fmt::format("firehose request {}", head.find(kRequestId));
  const std::string_view id = head.find(kOwnId);
  if (!id.empty()) return fmt::format("request {}", id);
  return fmt::format("request {} from {}", number, head.peer);
}

http::Answer refused(HttpProtocol protocol, const http::Head& head, unsigned status,
                     std::string_view sentence, int64_t now_us) {
  http::Answer answer;
  answer.status = status;
  answer.type = "application/json";
  answer.body = protocol == HttpProtocol::firehose
                    ? firehose_body(head, sentence, now_us)
                    : fmt::format("{{\"error\":{}}}\n", http::json_text(sentence));
  if (status == 503) answer.fields.push_back({"Retry-After", http::kRetryAfter});
  return answer;
}

http::Answer committed(HttpProtocol protocol, const http::Head& head, const HttpTally& tally,
                       int64_t now_us) {
  http::Answer answer;
  answer.type = "application/json";
  if (protocol == HttpProtocol::firehose) {
    answer.body = firehose_body(head, {}, now_us);
  } else if (tally.read) {
    answer.body = fmt::format("{{\"committed\":true,\"records\":{},\"unreadable\":{},\"skipped\":{}}}\n",
                              tally.records, tally.unreadable, tally.skipped);
  } else {
    answer.body = "{\"committed\":true,\"repeated\":true}\n";
  }
  return answer;
}

}  // namespace weir::ingest
