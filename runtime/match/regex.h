// Regular expressions, as RE2 means them: searched, linear in the text, no look-around.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::match {

struct RegexFlags {
  bool ignore_case = false;   // i
  bool multi_line = false;    // m: ^ and $ at line ends
  bool dot_all = false;       // s: . also matches a line end
  bool operator==(const RegexFlags&) const = default;
};

class Regex {
 public:
  static constexpr size_t kMaxProgramBytes = 8u << 20;

  // Not ok() when it does not compile: error() says what, error_offset() where in the expression.
  Regex(std::string_view expression, RegexFlags flags);
  bool ok() const;
  std::string error() const;
  size_t error_offset() const;
  bool needs_backtracking() const;  // look-around or a back-reference: E305 rather than E312

  bool matches(std::string_view text) const;
  // Texts of kShortestPart or more bytes in lower case, ASCII, of which each text that matches contains one at least,
  // if it is put into lower case, too. Empty: none can be told.
  static constexpr size_t kShortestPart = 4;
  std::vector<std::string> needed_parts() const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace weir::match
