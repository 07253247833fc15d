// Seeded choices: the same on every machine, so that a seed is all that a report needs.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace weir::differential {

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  uint64_t number() { return engine_(); }
  uint32_t below(uint32_t n) { return uint32_t(engine_() % n); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  bool percent(uint32_t chance) { return below(100) < chance; }

  template <class T>
  const T& of(const std::vector<T>& items) {
    return items[below(uint32_t(items.size()))];
  }
  std::string word(const std::vector<const char*>& words) { return of(words); }

 private:
  std::mt19937_64 engine_;  // its numbers are defined by the standard
};

}  // namespace weir::differential
