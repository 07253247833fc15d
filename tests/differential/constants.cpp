#include "tests/differential/constants.h"

#include <algorithm>
#include <cctype>

namespace weir::differential {
namespace {

// Where the widths of vectors and of pieces of a word begin and end.
const std::vector<uint32_t> kEdges = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65};
constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/. ";

const std::vector<const char*> kWords = {"PutUserPolicy",
                                         "admin",
                                         "curl",
                                         "Boto3",
                                         "us-east-1",
                                         "true",
                                         "22",
                                         "1.5",
                                         "-c",
                                         "cmd.exe /c",
                                         "a*b?c",
                                         "\\\\x\\",
                                         "a\"b",
                                         "it's",
                                         "\u212A",
                                         "ki\u017F\u017F",
                                         "\u0130stanbul",
                                         "\u03A3\u03C2\u03C3",
                                         "stra\u00DFe",
                                         "\u00C9t\u00E9",
                                         "\U0001F600 x",
                                         "",
                                         "aaaa",
                                         "aaab",
                                         "abab",
                                         "Root",
                                         "null",
                                         "{}",
                                         "10.0.0.1",
                                         "example.com",
                                         "https://a/b",
                                         "arn:aws:iam::111122223333:role/Ops",
                                         "\u1E9E",
                                         "\uFB00",
                                         "\u0345\u03B9",
                                         "line\u2028end",
                                         "\u00B5\u03BC"};
const std::vector<const char*> kDomains = {"example.com",
                                           "Example.COM.",
                                           "a.example.com",
                                           "b.co.uk",
                                           "www.b.co.uk.",
                                           "x.compute.amazonaws.com",
                                           "org",
                                           "xn--mnchen-3ya.de",
                                           "m\u00FCnchen.de",
                                           "\u212A.example",
                                           "a-b.example.net",
                                           "deep.er.and.deep.er.example.org",
                                           "_dmarc.example.com",
                                           "1.0.0.10.in-addr.arpa."};
const std::vector<const char*> kAddresses = {
    "10.0.0.1",  "10.0.0.5",    "192.168.1.20",  "8.8.8.8",         "203.0.113.7",
    "127.0.0.1", "2001:db8::1", "::1",           "::ffff:10.0.0.1", "fe80::1",
    "0.0.0.0",   "100.64.0.1",  "2001:DB8:0::1", "255.255.255.255"};
const std::vector<const char*> kNetworks = {"10.0.0.0/8", "10.0.0.0/30",   "192.168.0.0/16", "0.0.0.0/0",
                                            "::/0",       "2001:db8::/32", "203.0.113.0/24", "10.0.0.1/32",
                                            "fe80::/10",  "8.8.8.0/25"};
const std::vector<const char*> kIntegers = {"0",
                                            "1",
                                            "2",
                                            "3",
                                            "22",
                                            "443",
                                            "-1",
                                            "65535",
                                            "9007199254740993",
                                            "9223372036854775807",
                                            "-9223372036854775808",
                                            "1000000"};
const std::vector<const char*> kReals = {"0.5", "1.5", "-0.25", "2", "0", "100.125", "0.1", "12345678.9"};
const std::vector<const char*> kTimes = {"2026-01-15T10:00:00Z",      "2026-06-30T23:59:59Z",
                                         "2026-07-01T00:00:00Z",      "2025-12-29T12:34:56.789Z",
                                         "2026-03-01T00:30:00+01:00", "2024-02-29T05:06:07Z"};
const std::vector<const char*> kSpans = {"10m", "1h", "1h30m", "250ms", "1d", "1w", "5s"};

std::vector<std::string> some(Dice& dice, const std::vector<const char*>& all, uint32_t count) {
  std::vector<std::string> out;
  for (uint32_t i = 0; i < count; ++i) out.push_back(dice.word(all));
  return out;
}

std::string run_of_letters(Dice& dice, uint32_t size) {
  std::string out;
  for (uint32_t i = 0; i < size; ++i) out += kLetters[dice.below(sizeof(kLetters) - 1)];
  return out == "-" ? "+" : out;  // how a line says that there is nothing: no constant
}

size_t code_point_size(unsigned char lead) {
  return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

}  // namespace

const std::vector<std::string>& Constants::of(Kind kind) const {
  switch (kind) {
    case Kind::domain:
      return domains;
    case Kind::address:
      return addresses;
    case Kind::integer:
      return integers;
    case Kind::real:
      return reals;
    case Kind::time:
      return times;
    case Kind::span:
      return spans;
    default:
      return texts;
  }
}

Constants make_constants(Dice& dice) {
  Constants out;
  out.texts = some(dice, kWords, 8);
  for (int i = 0; i < 3; ++i) out.texts.push_back(run_of_letters(dice, dice.of(kEdges)));
  if (dice.one_in(3)) out.texts.push_back(out.texts.back() + run_of_letters(dice, dice.of(kEdges)));
  if (dice.one_in(8))  // many, for automata and hashed sets
    for (int i = 0; i < 60; ++i) out.texts.push_back(run_of_letters(dice, 2 + dice.below(20)));
  out.domains = some(dice, kDomains, 5);
  out.addresses = some(dice, kAddresses, 4);
  out.networks = some(dice, kNetworks, 3);
  out.integers = some(dice, kIntegers, 4);
  out.reals = some(dice, kReals, 3);
  out.times = some(dice, kTimes, 3);
  out.spans = some(dice, kSpans, 3);
  return out;
}

Scalar scalar_of(Kind kind, const std::string& constant) {
  bool as_text = kind == Kind::text || kind == Kind::domain || kind == Kind::address || kind == Kind::time ||
                 kind == Kind::json;
  return as_text ? text(constant) : raw(constant);
}

std::string quoted(Dice& dice, std::string_view text) {
  bool plain = std::none_of(text.begin(), text.end(), [](char c) { return uint8_t(c) < 0x20 || c == '\''; });
  if (plain && dice.one_in(2)) return "'" + std::string(text) + "'";
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '*' || c == '?') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string other_case(Dice& dice, const std::string& value) {
  std::string out = value;
  bool all = dice.one_in(2);
  for (char& c : out)
    if (std::isalpha(uint8_t(c)) && (all || dice.one_in(2))) c ^= 0x20;
  return out;
}

namespace {

// Letters that fold to ASCII or to each other.
std::string folded_alike(const std::string& value) {
  static const std::vector<std::pair<std::string, std::string>> kAlike = {
      {"k", "\u212A"}, {"K", "\u212A"},      {"s", "\u017F"},      {"S", "\u017F"},      {"\u212A", "k"},
      {"\u017F", "S"}, {"\u03A3", "\u03C2"}, {"\u03C2", "\u03C3"}, {"\u00DF", "\u1E9E"}, {"\u00E9", "\u00C9"},
      {"i", "\u0130"}, {"\u0130", "i"},      {"\u00B5", "\u039C"}};
  std::string out = value;
  for (const auto& [from, to] : kAlike)
    if (size_t at = out.find(from); at != std::string::npos) return out.replace(at, from.size(), to);
  return out + "\u017F";
}

}  // namespace

std::string neighbour(Dice& dice, const std::string& value) {
  std::string out = value;
  uint32_t at = out.empty() ? 0 : dice.below(uint32_t(out.size()));
  switch (dice.below(11)) {
    case 0:
      return folded_alike(value);
    case 1:  // one bit of one byte: @ and `, [ and {
      if (!out.empty() && uint8_t(out[at]) < 0x80) out[at] = char((uint8_t(out[at]) ^ 0x20) & 0x7F);
      return out;
    case 2:
      if (!out.empty() && uint8_t(out[at]) < 0x80) out[at] = char((uint8_t(out[at]) + 1) & 0x7F);
      return out;
    case 3:
      while (at < out.size() && (uint8_t(out[at]) & 0xC0) == 0x80) ++at;
      if (at < out.size()) out.erase(at, code_point_size(uint8_t(out[at])));
      return out;
    case 4:
      return out + ".";
    case 5:
      return run_of_letters(dice, dice.of(kEdges)) + out;
    case 6:
      return out + run_of_letters(dice, dice.of(kEdges));
    case 7:
      return out + out;
    case 8:
      return other_case(dice, out) + affix(dice);
    case 9:
      return affix(dice) + other_case(dice, out);
    default:
      return out + std::string(1, '\0') + out;
  }
}

std::string affix(Dice& dice) {
  switch (dice.below(6)) {
    case 0:
      return run_of_letters(dice, dice.of(kEdges));
    case 1:
      return "\u00E9";
    case 2:
      return dice.word(kWords);
    case 3:
      return "x.";
    default:
      return "";
  }
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  uint32_t held = 0, bits = 0;
  for (char byte : bytes) {
    held = held << 8 | uint8_t(byte);
    for (bits += 8; bits >= 6; bits -= 6) out += kDigits[held >> (bits - 6) & 63];
  }
  if (bits) out += kDigits[held << (6 - bits) & 63];
  while (out.size() % 4) out += '=';
  return out;
}

std::string utf16(std::string_view ascii, bool big_endian) {
  std::string out;
  for (char c : ascii) {
    if (big_endian) out += '\0';
    out += c;
    if (!big_endian) out += '\0';
  }
  return out;
}

}  // namespace weir::differential
