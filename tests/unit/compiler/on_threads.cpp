// Each part is done, and once, however many there are.
#include "compiler/on_threads.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using weir::compiler::on_threads;

TEST_CASE("each part is done once") {
  for (const size_t worth : {1u, 8u, 1000u})
    for (const size_t count : {0u, 1u, 2u, 7u, 64u, 1000u}) {
      CAPTURE(worth);
      CAPTURE(count);
      std::vector<int> done(count);
      on_threads(count, worth, [&](size_t i) { ++done[i]; });
      CHECK(std::count(done.begin(), done.end(), 1) == std::ptrdiff_t(count));
    }
}
