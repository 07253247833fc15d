// See webhook.h.
#include "runtime/deliver/network/webhook.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "runtime/deliver/alert_facts.h"
#include "runtime/deliver/network/ocsf.h"
#include "runtime/ingest/base64.h"
#include "runtime/match/json_object.h"

namespace weir::deliver {
namespace {

constexpr size_t kShortest = 8;  // of a token

using match::JsonArray;
using match::JsonObject;

constexpr std::string_view kPrefix = "whsec_";
constexpr size_t kLeastKey = 24, kMostKey = 64;

bool read_key(std::string_view secret, std::string& key) {
  return secret.starts_with(kPrefix) && ingest::decode_base64(secret.substr(kPrefix.size()), key) &&
         key.size() >= kLeastKey && key.size() <= kMostKey;
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  out.resize(static_cast<size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                 reinterpret_cast<const unsigned char*>(bytes.data()),
                                                 static_cast<int>(bytes.size()))));
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_digest(const Message& message) {
  return message.kind == Message::Kind::repeats || message.kind == Message::Kind::storm;
}

std::string digest_json(const Message& message) {
  const Digest& digest = message.digest;
  JsonArray rules;
  for (const auto& [name, rule] : digest.by_rule) {
    JsonObject one;
    one.text("rule", name);
    one.text("title", rule.title);
    one.text("level", level_name(rule.level));
    one.number("alerts", rule.count);
    rules.raw(one.done());
  }
  JsonObject out;
  out.text("digest", message.kind == Message::Kind::storm ? "storm" : "repeats");
  out.text_or_null("group", message.group);
  out.number("alerts", digest.alerts);
  out.number("updates", digest.updates);
  out.text_or_null("from", digest.from);
  out.text_or_null("to", digest.to);
  out.text("first_id", digest.first_id);
  out.text("last_message", digest.last_message);
  out.raw("rules", rules.done());
  return out.done();
}

class Webhook final : public Writer {
 public:
  explicit Webhook(WebhookTarget target) : target_(std::move(target)) {}

  std::optional<HttpRequest> write(const Message& message, int64_t now) const override {
    HttpRequest request{target_.url, {{"Content-Type", "application/json"}}, {}};
    std::string id;
    if (is_digest(message)) {
      id = fmt::format("digest-{}-{}", message.digest.first_id,
                       message.digest.alerts + message.digest.updates);
      request.body = digest_json(message);
    } else {
      id = message.id + '-' + message.state;
      request.body = body_of(message);
    }
    for (const auto& header : target_.headers) request.headers.push_back(header);
    const int64_t seconds = now / 1'000'000;
    request.headers.emplace_back("webhook-id", id);
    request.headers.emplace_back("webhook-timestamp", fmt::to_string(seconds));
    if (!target_.secrets.empty())
      request.headers.emplace_back("webhook-signature",
                                   webhook_signature(target_.secrets, id, seconds, request.body));
    return request;
  }

  std::vector<std::string> secrets() const override {
    std::vector<std::string> out = secrets_of_url(target_.url);
    out.insert(out.end(), target_.secrets.begin(), target_.secrets.end());
    for (const auto& [name, value] : target_.headers) {
      out.push_back(value);
      // "Bearer xyz": the token alone is as secret.
      if (const size_t blank = value.rfind(' ');
          blank != std::string::npos && value.size() - blank > kShortest)
        out.push_back(value.substr(blank + 1));
    }
    return out;
  }

 private:
  std::string body_of(const Message& message) const {
    if (target_.format == BodyFormat::weir) return message.body;
    const std::optional<AlertFacts> facts = read_alert(message.body);
    if (!facts) return message.body;
    return ocsf_finding(*facts, message.state, message.kind == Message::Kind::update, message.incident,
                        message.first_at);
  }

  WebhookTarget target_;
};

}  // namespace

std::string problem_of_webhook(const WebhookTarget& target) {
  for (const std::string& secret : target.secrets)
    if (std::string key; !read_key(secret, key))
      return "a secret must be whsec_ and then the base64 of 24 to 64 bytes, as the receiver shows it";
  for (const auto& [name, value] : target.headers) {
    if (!is_token(name)) return "a header's name is made of letters, digits, - and _";
    if (value.find_first_of("\r\n") != std::string::npos || value.find('\0') != std::string::npos)
      return "the value of header " + name + " must be one line";
  }
  return {};
}

std::unique_ptr<Writer> webhook_writer(WebhookTarget target) {
  return std::make_unique<Webhook>(std::move(target));
}

std::string webhook_signature(const std::vector<std::string>& secrets, std::string_view id, int64_t seconds,
                              std::string_view body) {
  const std::string text = fmt::format("{}.{}.{}", id, seconds, body);
  std::string out;
  for (const std::string& secret : secrets) {
    std::string key;
    if (!read_key(secret, key)) continue;
    out += (out.empty() ? "v1," : " v1,") + base64(hmac_sha256(key, text));
  }
  return out;
}

}  // namespace weir::deliver
