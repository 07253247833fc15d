// What glibc's allocator is told by a process that loads rules: half a million small pieces, made once, and
// half of them dropped once the rules run. Elsewhere both do nothing.
#pragma once

namespace weir::process {

// The heap grows in large steps, and its beginning lies on large pages where the kernel has them: asking for
// memory 128 KiB at a time, and touching it 4 KiB at a time, is a quarter of what a start costs. Once, before
// there are threads.
void prepare_heap();

// What was freed goes back to the kernel: after rules were loaded, whose syntax trees are larger than what is
// kept.
void give_back_heap();

}  // namespace weir::process
