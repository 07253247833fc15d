// Work that falls into parts which know nothing of each other, done by as many threads as there are cores for it.
#pragma once

#include <cstddef>
#include <functional>

namespace weir::compiler {

// Calls work(i) once for each i below `count`, from the first on, and comes back when all are done. The caller's thread
// takes its turns; there are never more threads than cores, nor so many that one has fewer than `worth` parts, which
// pay for starting it. `work` writes only where no other part does: the caller puts together what the parts found, in
// their order, so that nothing shows how many threads there were.
void on_threads(size_t count, size_t worth, const std::function<void(size_t)>& work);

}  // namespace weir::compiler
