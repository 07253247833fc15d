// See heap.h.
#include "runtime/process/heap.h"

#include <cstdint>
#include <cstdlib>  // and with it whether this is glibc

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace weir::process {

#ifdef __GLIBC__
void prepare_heap() {
  constexpr size_t kStep = 16u << 20,
                   kFirst = 100'000;  // kFirst: more than is free, less than gets a mapping of its own
  constexpr uintptr_t kLargePage = 2u << 20;
  ::mallopt(M_TOP_PAD, kStep);
  void* volatile const first = std::malloc(kFirst);  // volatile, or the compiler leaves it out
  const auto end = reinterpret_cast<uintptr_t>(::sbrk(0)) & ~(kLargePage - 1);
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(first) + kLargePage - 1) & ~(kLargePage - 1);
  if (begin < end && end - begin <= kStep)
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  std::free(first);
}

void give_back_heap() { ::malloc_trim(0); }
#else
void prepare_heap() {}
void give_back_heap() {}
#endif

}  // namespace weir::process
