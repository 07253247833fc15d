// See on_threads.h.
#include "compiler/on_threads.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace weir::compiler {

void on_threads(size_t count, size_t worth, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  const auto take_turns = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> others;
  const size_t most = std::min<size_t>(std::thread::hardware_concurrency(), count / worth);
  try {
    for (size_t i = 1; i < most; ++i) others.emplace_back(take_turns);
  } catch (const std::system_error&) {  // no more threads to be had: those there are do it
  }
  take_turns();
}

}  // namespace weir::compiler
