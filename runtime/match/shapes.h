// Records of one kind have the same tokens in the same order, whatever stands in them: a *shape*. What follows from the
// shape alone is found out when it comes for the second time, and remembered: that it is one object by the grammar, and
// where each bracket closes. A log has few shapes: of 2,900 events of a real account's CloudTrail, 64 make up 86 %.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/match/tokens.h"

namespace weir::match {

struct Shape {
  uint64_t hash = 0;
  uint64_t serial = 0;          // another one for each that is remembered; 0: none is
  uint32_t count = 0;           // of tokens
  std::vector<char> kinds;        // as of Tokens
  std::vector<uint32_t> closes;   // by token: the last token of the value that begins here
  std::vector<uint32_t> scalars;  // tokens that are scalars, but no texts
};

// Those that came lately, within bounds: 512 of up to 1,024 tokens each. The memory of one thread.
class Shapes {
 public:
  static constexpr size_t kMost = 512;
  static constexpr uint32_t kMostTokens = 1024;

  // The number of the shape of these tokens, below kMost, when it is remembered; else kMost.
  size_t find(const Tokens& tokens);
  // After find() did not find it: `closes` and `scalars` are its. It may be remembered, or only that it came.
  void note(const Tokens& tokens, const std::vector<uint32_t>& closes, const std::vector<uint32_t>& scalars);

  const Shape& operator[](size_t number) const { return shapes_[number]; }

 private:
  static constexpr size_t kWays = 2;  // as of a cache: a shape is remembered in one of so many places

  struct Set {
    uint64_t came = 0;     // the hash of the last that was not found
    uint32_t oldest = 0;   // way
  };

  std::vector<Shape> shapes_ = std::vector<Shape>(kMost);
  std::array<Set, kMost / kWays> sets_;
  uint64_t hash_ = 0;  // of the tokens that find() was last asked for
  uint64_t remembered_ = 0;  // how many were, ever
};

}  // namespace weir::match
