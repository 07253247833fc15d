// A random pack as .weir text over the whole stateless language, and what events should hold to match it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/differential/items.h"

namespace weir::differential {

// A declaration; what a pack is made smaller by.
struct Piece {
  std::string text;  // an entry a line
};

// What the events for a rule are made from: for each of its sources.
struct Target {
  const Source* source = nullptr;
  std::vector<Hint> hints;
};

struct Pack {
  std::vector<Piece> pieces;  // without the schemas
  std::vector<std::pair<std::string, std::string>> list_files;
  std::vector<Target> targets;
  Constants constants;

  // What compiler::load_texts reads.
  std::vector<std::pair<std::string, std::string>> files() const;
  std::string text() const;  // of the pieces
};

Pack make_pack(uint64_t seed, uint32_t rules = 0);  // 0: a few

}  // namespace weir::differential
