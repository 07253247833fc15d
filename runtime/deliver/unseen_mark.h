// Characters beyond ASCII that show nothing but do something: a terminal obeys them, or a line reads in
// another order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::deliver {

struct UnseenMark {
  uint32_t code = 0;
  size_t size = 0;  // bytes; 0: there is none
};

// At the front of `text`, UTF-8: DEL, the C1 controls, separators of lines, and marks that turn the direction
// of writing.
UnseenMark unseen_mark(std::string_view text);

}  // namespace weir::deliver
