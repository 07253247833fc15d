// 128 bits that stand for a value, a combination of values or a group: equal for what is the same by type.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::correlate {

struct Identity128 {
  uint64_t high = 0, low = 0;
  auto operator<=>(const Identity128&) const = default;
};

Identity128 identity_of(std::string_view bytes);
// Of the pair, in this order.
Identity128 combined(const Identity128& first, const Identity128& second);

}  // namespace weir::correlate
