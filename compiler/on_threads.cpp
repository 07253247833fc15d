// See on_threads.h.
#include "compiler/on_threads.h"

#include <algorithm>
#include <thread>

#include "runtime/match/side_by_side.h"

namespace weir::compiler {

void on_threads(size_t count, size_t worth, const std::function<void(size_t)>& work) {
  const size_t most = std::min<size_t>(std::thread::hardware_concurrency(), count / worth);
  match::side_by_side(static_cast<unsigned>(most), count, work);
}

}  // namespace weir::compiler
