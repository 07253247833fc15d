// Strict decoding by table; no library that Weir needs anyway has one.
#include "runtime/ingest/base64.h"

#include <array>
#include <cstdint>

namespace weir::ingest {
namespace {

constexpr uint8_t kNone = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<uint8_t, 256> values = {};
  values.fill(kNone);
  for (size_t i = 0; i < kAlphabet.size(); ++i) values[static_cast<uint8_t>(kAlphabet[i])] = i;
  values[static_cast<uint8_t>('-')] = 62;
  values[static_cast<uint8_t>('_')] = 63;
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

bool decode_base64(std::string_view text, std::string& bytes) {
  bytes.clear();
  size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  size_t tail = text.size() % 4;
  if (tail == 1 || (padding > 0 && (tail + padding) != 4)) return false;
  bytes.reserve(text.size() / 4 * 3 + 3);
  uint32_t group = 0, bits = 0;
  for (char c : text) {
    uint8_t value = kValues[static_cast<uint8_t>(c)];
    if (value == kNone) return false;
    group = group << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 0xff);
    }
  }
  return true;
}

}  // namespace weir::ingest
