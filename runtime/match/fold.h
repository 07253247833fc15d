// Case folding, and texts made ready to be compared: inside runtime/match only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/match/text.h"

namespace weir::match {

uint32_t fold_code_point(uint32_t code_point);  // beyond Unicode: unchanged

// The text without the final dot of a fully qualified name. The name of the root, ".", keeps its dot.
std::string_view without_final_dot(std::string_view name);

// normal(text, rule) without an allocation for what fits into the object (or needs no change at all).
class Normal {
 public:
  Normal(std::string_view text, TextRule rule);
  Normal(const Normal&) = delete;
  Normal& operator=(const Normal&) = delete;
  std::string_view view() const { return view_; }

 private:
  static constexpr size_t kInline = 1024;
  std::string_view view_;
  std::string long_text_;
  char short_text_[kInline];
};

}  // namespace weir::match
