// Things that have nothing to do with each other, done by several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

namespace weir::match {

// Calls work(i) for each i below `count`, by up to `threads` threads, this one among them.
template <class Work>
void side_by_side(unsigned threads, size_t count, Work work) {
  std::atomic<size_t> next = 0;
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  try {
    for (unsigned i = 1; i < threads && i < count; ++i) others.emplace_back(run);
  } catch (const std::system_error&) {  // no more threads to be had
  }
  run();
}

}  // namespace weir::match
