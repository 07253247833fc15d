// See unseen_mark.h.
#include "runtime/deliver/unseen_mark.h"

namespace weir::deliver {

UnseenMark unseen_mark(std::string_view text) {
  const auto byte = [&](size_t i) -> uint32_t { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  if (byte(0) == 0x7f) return {0x7f, 1};
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) return {byte(1), 2};
  if (byte(0) != 0xe2 || (byte(1) & 0xfe) != 0x80 || byte(2) < 0x80) return {};
  const uint32_t code = 0x2000 + ((byte(1) & 1) << 6) + (byte(2) & 0x3f);
  const bool unseen = code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
                      (code >= 0x2066 && code <= 0x2069);
  return unseen ? UnseenMark{code, 3} : UnseenMark{};
}

}  // namespace weir::deliver
