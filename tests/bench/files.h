// The bench of whole scans of files: what reading .json.gz costs, and what a second thread brings.
#pragma once

namespace weir::bench {

// False when something goes wrong, not when a goal is missed.
bool bench_files(int rounds, bool json);

}  // namespace weir::bench
