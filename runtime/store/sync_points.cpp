// A VFS like the default one, whose files pass two fault points around xSync. The files' own table of methods
// is constant and of the default VFS, so each file gets a copy of it.
#include "runtime/store/sync_points.h"

#ifdef WEIR_FAULTS

#include <sqlite3.h>

#include <mutex>

#include "runtime/process/fault.h"

namespace weir::store {
namespace {

sqlite3_vfs* base = nullptr;
int (*real_sync)(sqlite3_file*, int) = nullptr;

int sync_with_points(sqlite3_file* file, int flags) {
  process::pass(process::Fault::before_fsync);
  const int code = real_sync(file, flags);
  process::pass(process::Fault::after_fsync);
  return code;
}

int open_with_points(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = base->xOpen(base, name, file, flags, out_flags);
  if (code != SQLITE_OK || !file->pMethods) return code;
  static std::mutex mutex;
  static const sqlite3_io_methods* seen[4] = {};
  static sqlite3_io_methods copies[4];
  std::lock_guard lock(mutex);
  for (int i = 0; i < 4; ++i) {
    if (!seen[i]) {
      seen[i] = file->pMethods;
      copies[i] = *file->pMethods;
      real_sync = copies[i].xSync;  // the same for every table of the default VFS
      copies[i].xSync = sync_with_points;
    }
    if (seen[i] != file->pMethods) continue;
    file->pMethods = &copies[i];
    break;
  }
  return code;
}

}  // namespace

void install_sync_points() {
  static std::once_flag once;
  std::call_once(once, [] {
    static sqlite3_vfs mine;
    sqlite3_initialize();
    base = sqlite3_vfs_find(nullptr);
    mine = *base;
    mine.zName = "weir";
    mine.pNext = nullptr;
    mine.xOpen = open_with_points;
    sqlite3_vfs_register(&mine, 1);
  });
}

}  // namespace weir::store

#endif
