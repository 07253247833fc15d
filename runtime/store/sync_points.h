// Fault points around every fsync of the store; nothing in a build without WEIR_FAULTS.
#pragma once

namespace weir::store {

// Before the first connection is opened.
#ifdef WEIR_FAULTS
void install_sync_points();
#else
inline void install_sync_points() {}
#endif

}  // namespace weir::store
