// See message.h.
#include "runtime/http/message.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace weir::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Digests are compared, so that lengths do not show either.
std::array<unsigned char, SHA256_DIGEST_LENGTH> digest_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

bool is_address(const std::string& host, int family) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, host.c_str(), bytes) == 1;
}

}  // namespace

std::string_view Head::find(std::string_view name) const {
  for (const Field& field : fields) {
    const bool same = std::equal(field.name.begin(), field.name.end(), name.begin(), name.end(),
                                 [](char a, char b) { return lower(a) == lower(b); });
    if (same) return field.value;
  }
  return {};
}

Answer plain_answer(unsigned status, std::string_view sentence) {
  Answer answer;
  answer.status = status;
  answer.body = fmt::format("{}\n", sentence);
  if (status == 503) answer.fields.push_back({"Retry-After", kRetryAfter});
  return answer;
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool is_one_of(std::string_view given, const std::vector<std::string>& secrets) {
  const auto digest = digest_of(given);
  bool found = false;
  for (const std::string& secret : secrets)
    found |= CRYPTO_memcmp(digest.data(), digest_of(secret).data(), digest.size()) == 0;
  return found;
}

std::optional<Address> parse_address(std::string_view text, std::string& problem) {
  const size_t colon = text.rfind(':');
  Address address;
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    std::string_view host = text.substr(0, colon);
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    const bool number = error == std::errc() && end == port.data() + port.size();
    if (number && is_address(address.host, brackets ? AF_INET6 : AF_INET)) return address;
  }
  problem = fmt::format("`{}` is no address to listen on: write one as 127.0.0.1:9180 or [::1]:9180", text);
  return std::nullopt;
}

bool is_loopback(const Address& address) { return address.host.starts_with("127.") || address.host == "::1"; }

}  // namespace weir::http
