// A POST to anybody, signed as Standard Webhooks 1.0 says: webhook-id, webhook-timestamp, webhook-signature.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/deliver/network/writer.h"

namespace weir::deliver {

enum class BodyFormat : uint8_t {
  weir,  // the alert's line as it is
  ocsf,  // ocsf.h
};

struct WebhookTarget {
  std::string url;
  std::vector<std::string> secrets;  // "whsec_" and base64; all of them sign, so that one can follow another
  std::vector<std::pair<std::string, std::string>> headers;  // values are never shown
  BodyFormat format = BodyFormat::weir;
};

// A sentence without the secret when one of them, or a header, cannot be used.
std::string problem_of_webhook(const WebhookTarget& target);
std::unique_ptr<Writer> webhook_writer(WebhookTarget target);

// The value of webhook-signature: one "v1,…" a secret, a blank between.
std::string webhook_signature(const std::vector<std::string>& secrets, std::string_view id, int64_t seconds,
                              std::string_view body);

}  // namespace weir::deliver
