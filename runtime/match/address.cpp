// Addresses and networks, versions 4 and 6, in one space of 128 bits.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "runtime/match/functions.h"

namespace weir::match {
namespace {

constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr uint8_t kMappedBits = 96;

bool is_mapped(const Address& address) { return std::equal(kMapped, kMapped + 12, address.bytes); }

bool same_bits(const uint8_t* a, const uint8_t* b, unsigned bits) {
  if (std::memcmp(a, b, bits / 8) != 0) return false;
  return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8)) == 0;
}

Address masked(const Network& network) {
  Address address = network.address;
  for (unsigned bit = network.bits; bit < 128; ++bit) {
    address.bytes[bit / 8] = static_cast<uint8_t>(address.bytes[bit / 8] & ~(0x80u >> bit % 8));
  }
  return address;
}

// Four numbers below 256 without leading zeros, as inet_pton reads them; without its copy and its calls.
bool read_v4(std::string_view text, uint8_t* bytes) {
  size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at == text.size() || text[at++] != '.')) return false;
    const size_t begin = at;
    unsigned number = 0;
    for (; at < text.size() && at - begin < 3; ++at) {
      const unsigned digit = static_cast<unsigned char>(text[at]) - '0';
      if (digit > 9) break;
      number = number * 10 + digit;
    }
    if (at == begin || number > 255 || (text[begin] == '0' && at - begin > 1)) return false;
    bytes[part] = static_cast<uint8_t>(number);
  }
  return at == text.size();
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  Address address;
  if (read_v4(text, address.bytes + 12)) {
    std::copy(kMapped, kMapped + 12, address.bytes);
    address.v4 = true;
    return address;
  }
  char copy[INET6_ADDRSTRLEN + 1];
  if (text.size() < 2 || text.size() >= sizeof copy || text.find('\0') != text.npos) return std::nullopt;
  text.copy(copy, text.size());
  copy[text.size()] = '\0';
  if (inet_pton(AF_INET6, copy, address.bytes) != 1) return std::nullopt;
  address.v4 = is_mapped(address);
  return address;
}

bool is_private(const Address& address) {
  // IANA's special-purpose registries: what they mark as not globally reachable.
  static const auto networks = [] {
    std::vector<Network> made;
    for (const char* text :
         {"0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",    "169.254.0.0/16",
          "172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",  "192.168.0.0/16", "198.18.0.0/15",
          "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",   "::/127",         "64:ff9b:1::/48",
          "100::/64",        "2001:2::/48",    "2001:10::/28",  "2001:db8::/32",  "3fff::/20",
          "5f00::/16",       "fc00::/7",       "fe80::/10",     "fec0::/10"}) {
      made.push_back(*parse_network(text));
    }
    return made;
  }();
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return network.contains(address); });
}

int ip_version(const Address& address) { return address.v4 ? 4 : 6; }

bool Network::contains(const Address& other) const {
  return other.v4 == address.v4 && same_bits(other.bytes, address.bytes, bits);
}

std::optional<Network> parse_network(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  // A mapped address counts its bits as version 6 does when it is written as version 6.
  const bool written_v4 = text.substr(0, slash).find(':') == text.npos;
  unsigned bits = written_v4 ? 32 : 128;
  if (slash != text.npos) {
    const std::string_view digits = text.substr(slash + 1);
    const unsigned most = bits;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || bits > most) {
      return std::nullopt;
    }
  }
  Network network{*address, static_cast<uint8_t>(written_v4 ? bits + kMappedBits : bits)};
  if (network.bits < kMappedBits) network.address.v4 = false;
  return network;
}

bool has_host_bits(const Network& network) { return masked(network) != network.address; }

std::string to_string(const Network& network) {
  const Address address = masked(network);
  char text[INET6_ADDRSTRLEN] = "";
  if (address.v4) {
    inet_ntop(AF_INET, address.bytes + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, address.bytes, text, sizeof text);
  }
  return std::string(text) + '/' + std::to_string(network.bits - (address.v4 ? kMappedBits : 0));
}

}  // namespace weir::match
