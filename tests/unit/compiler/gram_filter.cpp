// The filter of four-byte grams finds every place where one begins, and reads nothing outside the text.
#include "compiler/gram_filter.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <set>
#include <string>
#include <vector>

using weir::compiler::GramFilter;

TEST_CASE("every place of a gram is found") {
  std::mt19937_64 random(5);
  size_t present = 0, passed = 0, places = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string letters = round % 2 == 0 ? "abcdefghijklmnopqrstuvwxyz0123456789-/.:" : "ab\x01\x7f\xff";
    const auto drawn = [&](size_t size) {
      std::vector<char> text(size);
      for (char& c : text) c = letters[random() % letters.size()];
      return text;
    };
    const std::vector<char> text = drawn(GramFilter::kShortest + random() % 100);
    std::set<uint32_t> grams;
    for (size_t many = 1 + random() % 20; many > 0; --many) {
      const std::vector<char> other = drawn(4);
      uint32_t gram;
      std::memcpy(&gram, random() % 4 == 0 ? text.data() + random() % (text.size() - 3) : other.data(), sizeof gram);
      grams.insert(gram);
    }
    const GramFilter filter({grams.begin(), grams.end()});
    if (!filter.is_of_use()) return;  // this processor does without
    std::set<size_t> found;
    filter.each({text.data(), text.size()}, [&](size_t at) { found.insert(at); });
    for (size_t at = 0; at + 4 <= text.size(); ++at) {
      uint32_t gram;
      std::memcpy(&gram, text.data() + at, sizeof gram);
      const bool is_present = grams.count(gram) != 0;
      if (is_present) REQUIRE(found.count(at) == 1);
      present += is_present;
    }
    REQUIRE((found.empty() || *found.rbegin() + 4 <= text.size()));
    if (round % 2 == 0) passed += found.size(), places += text.size() - 3;
  }
  CHECK(present > 1000);
  CHECK(passed * 5 < places);  // and most others are not
}

TEST_CASE("without grams, and with too many, the filter is of no use") {
  CHECK_FALSE(GramFilter().is_of_use());
  CHECK_FALSE(GramFilter(std::vector<uint32_t>{}).is_of_use());
  CHECK_FALSE(GramFilter(std::vector<uint32_t>(GramFilter::kMost + 1, 7)).is_of_use());
}
