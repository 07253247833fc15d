// The functions of the language that look at one value (language.md, 4). Total: what cannot be computed is
// nullopt. Shared by both engines, by constant folding, and tested without either.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::match {

int64_t length(std::string_view text);           // characters (code points)
std::string lower(std::string_view text);        // simple folding to lower case
double entropy(std::string_view text);           // Shannon, bits a character, to 9 decimals; 0 for the empty text
double digit_ratio(std::string_view text);       // 0 for the empty text

// At least 16 characters of one alphabet (padding not counted), padding only at the end, upper and lower case
// and a digit, and it decodes (standard and URL-safe alphabets; unpadded is accepted).
bool is_base64(std::string_view text);
bool is_base32(std::string_view text);           // likewise: A-Z2-7 or a-z2-7, a letter and a digit
bool is_hex(std::string_view text);              // likewise: 0-9A-F or 0-9a-f, an even number, a letter and a digit

// Domains: labels are counted without the final dot. label(d, 0) is the first; negative counts from the end.
int64_t labels(std::string_view domain);
std::optional<std::string_view> label(std::string_view domain, int64_t n);
std::string_view longest_label(std::string_view domain);  // the first of the longest

// By the Public Suffix List taken in when Weir was built, private section included; the log's own spelling.
std::optional<std::string_view> public_suffix(std::string_view domain);
std::optional<std::string_view> registered_domain(std::string_view domain);  // none for a public suffix
std::optional<std::string_view> subdomain(std::string_view domain);  // what stands left of it; may be empty
const char* public_suffix_list_date();  // "2023-02-09"

// Addresses, both versions. An IPv4-mapped IPv6 address is the IPv4 one.
struct Address {
  uint8_t bytes[16] = {};  // IPv4 in bytes 12..15 behind ::ffff:
  bool v4 = false;
  bool operator==(const Address&) const = default;
};
std::optional<Address> parse_address(std::string_view text);  // no port, zone, brackets or leading zeros
bool is_private(const Address& address);  // not globally reachable: RFC 1918, 6598, loopback, link-local, ULA, …
int ip_version(const Address& address);

struct Network {
  Address address;
  uint8_t bits = 0;  // of 128; an IPv4 /8 is 104
  bool contains(const Address& address) const;  // never across versions: ::/0 holds no IPv4 address
};
std::optional<Network> parse_network(std::string_view text);  // "10.0.0.0/8"; an address alone is /32 or /128
bool has_host_bits(const Network& network);
std::string to_string(const Network& network);  // host bits cleared

// The n-th piece of `text` cut at `separator` (not empty), from the end when negative.
std::optional<std::string_view> part(std::string_view text, std::string_view separator, int64_t n);

// Times, microseconds since 1970. RFC 3339, with any offset, fraction to the microsecond; also a space for
// the T and a missing offset (read as UTC), because exports write them,
// and blanks behind the colons of the clock, which printed samples have.
std::optional<int64_t> parse_time(std::string_view text);
std::string format_time(int64_t microseconds);  // "2026-01-01T00:08:15Z", with a fraction when there is one
struct Calendar { int64_t year; int month, day, hour, minute, weekday, week; };  // weekday 1 = Monday, ISO week
Calendar calendar(int64_t microseconds);
int64_t days_from_civil(int64_t year, int month, int day);

std::string format_real(double value);           // shortest that reads back; integers without a point
std::string format_duration(int64_t microseconds);  // "1h30m", "250ms", "0s"

}  // namespace weir::match
