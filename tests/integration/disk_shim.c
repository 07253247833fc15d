/* Preloaded into a program, it makes the disk below one folder fail, and writes down what reaches it.

     DISK_FOLDER=PATH            files whose path begins so; others are left alone
     DISK_FAIL=CALL:ERRNO:N[:M]  the N-th `open`, `write`, `sync` or `read` fails with the number ERRNO, and M - 1 more after it
     DISK_TRACE=FILE             one entry an operation, in the order in which they ended (run_disk.py reads it):
                                   W path offset size\n and the bytes | T path size\n | S path\n (synced)
                                   H status\n (an HTTP answer is sent) | F call\n (was made to fail)

   Shared memory is not seen: SQLite makes its index of the log anew. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { kFiles = 4096 };
enum call { kOpen, kWrite, kSync, kRead, kCalls };
static const char* const kNames[kCalls] = {"open", "write", "sync", "read"};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char* names[kFiles];
static const char* folder;
static int trace = -1, fail_call = -1, fail_errno, fail_times = 1;
static long fail_at, calls;

__attribute__((constructor)) static void read_environment(void) {
  folder = getenv("DISK_FOLDER");
  const char* to = getenv("DISK_TRACE");
  if (to) trace = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const char* fail = getenv("DISK_FAIL");
  char name[16] = "";
  if (fail && sscanf(fail, "%15[a-z]:%d:%ld:%d", name, &fail_errno, &fail_at, &fail_times) >= 3)
    for (int i = 0; i < kCalls; ++i)
      if (strcmp(name, kNames[i]) == 0) fail_call = i;
}

static void* real(const char* name) { return dlsym(RTLD_NEXT, name); }

static void note(const void* bytes, size_t size) {
  if (trace >= 0) syscall(SYS_write, trace, bytes, size);
}
static void note_line(const char* format, ...) {
  char line[512];
  va_list list;
  va_start(list, format);
  const int size = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  note(line, (size_t)size);
}

/* Whether this call is to fail; errno is set. With the mutex held. */
static int fails(enum call call) {
  if ((int)call != fail_call) return 0;
  ++calls;
  if (calls < fail_at || calls >= fail_at + fail_times) return 0;
  note_line("F %s\n", kNames[call]);
  errno = fail_errno;
  return 1;
}

static const char* name_of(int file) { return file >= 0 && file < kFiles ? names[file] : NULL; }
static int is_ours(const char* path) { return folder && path && strncmp(path, folder, strlen(folder)) == 0; }

#define OPEN(NAME)                                                                  \
  int NAME(const char* path, int flags, ...) {                                      \
    va_list list;                                                                   \
    va_start(list, flags);                                                          \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;   \
    va_end(list);                                                                   \
    int (*next)(const char*, int, ...) = (int (*)(const char*, int, ...))real(#NAME); \
    if (!is_ours(path)) return next(path, flags, mode);                             \
    pthread_mutex_lock(&mutex);                                                     \
    const int file = fails(kOpen) ? -1 : next(path, flags, mode);                   \
    if (file >= 0 && file < kFiles) {                                               \
      free(names[file]);                                                            \
      names[file] = strdup(path);                                                   \
      if (flags & O_TRUNC) note_line("T %s 0\n", path);                             \
    }                                                                               \
    pthread_mutex_unlock(&mutex);                                                   \
    return file;                                                                    \
  }
OPEN(open)
OPEN(open64)

int close(int file) {
  int (*next)(int) = (int (*)(int))real("close");
  if (!name_of(file)) return next(file);
  pthread_mutex_lock(&mutex);
  free(names[file]);
  names[file] = NULL;
  pthread_mutex_unlock(&mutex);
  return next(file);
}

static void note_write(int file, off_t offset, const void* bytes, ssize_t size) {
  if (size <= 0) return;
  note_line("W %s %lld %zd\n", names[file], (long long)offset, size);
  note(bytes, (size_t)size);
}

ssize_t write(int file, const void* bytes, size_t size) {
  ssize_t (*next)(int, const void*, size_t) = (ssize_t(*)(int, const void*, size_t))real("write");
  if (!name_of(file)) return next(file, bytes, size);
  pthread_mutex_lock(&mutex);
  const ssize_t done = fails(kWrite) ? -1 : next(file, bytes, size);
  note_write(file, done > 0 ? lseek(file, 0, SEEK_CUR) - done : 0, bytes, done);
  pthread_mutex_unlock(&mutex);
  return done;
}

#define PWRITE(NAME)                                                                                         \
  ssize_t NAME(int file, const void* bytes, size_t size, off_t offset) {                                     \
    ssize_t (*next)(int, const void*, size_t, off_t) = (ssize_t(*)(int, const void*, size_t, off_t))real(#NAME); \
    if (!name_of(file)) return next(file, bytes, size, offset);                                              \
    pthread_mutex_lock(&mutex);                                                                              \
    const ssize_t done = fails(kWrite) ? -1 : next(file, bytes, size, offset);                               \
    note_write(file, offset, bytes, done);                                                                   \
    pthread_mutex_unlock(&mutex);                                                                            \
    return done;                                                                                             \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

#define READ(NAME)                                                                                           \
  ssize_t NAME(int file, void* bytes, size_t size, off_t offset) {                                           \
    ssize_t (*next)(int, void*, size_t, off_t) = (ssize_t(*)(int, void*, size_t, off_t))real(#NAME);         \
    if (!name_of(file)) return next(file, bytes, size, offset);                                              \
    pthread_mutex_lock(&mutex);                                                                              \
    const int failed = fails(kRead);                                                                         \
    pthread_mutex_unlock(&mutex);                                                                            \
    return failed ? -1 : next(file, bytes, size, offset);                                                    \
  }
READ(pread)
READ(pread64)

#define SYNC(NAME)                                                    \
  int NAME(int file) {                                                \
    int (*next)(int) = (int (*)(int))real(#NAME);                     \
    if (!name_of(file)) return next(file);                            \
    pthread_mutex_lock(&mutex);                                       \
    const int code = fails(kSync) ? -1 : next(file);                  \
    if (code == 0) note_line("S %s\n", names[file]);                  \
    pthread_mutex_unlock(&mutex);                                     \
    return code;                                                      \
  }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(NAME)                                                \
  int NAME(int file, off_t size) {                                    \
    int (*next)(int, off_t) = (int (*)(int, off_t))real(#NAME);       \
    if (!name_of(file)) return next(file, size);                      \
    pthread_mutex_lock(&mutex);                                       \
    const int code = next(file, size);                                \
    if (code == 0) note_line("T %s %lld\n", names[file], (long long)size); \
    pthread_mutex_unlock(&mutex);                                     \
    return code;                                                      \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

static void note_answer(const void* bytes, size_t size) {
  if (size < 12 || memcmp(bytes, "HTTP/1.1 ", 9) != 0) return;
  pthread_mutex_lock(&mutex);
  note_line("H %.3s\n", (const char*)bytes + 9);
  pthread_mutex_unlock(&mutex);
}

ssize_t sendmsg(int file, const struct msghdr* message, int flags) {
  ssize_t (*next)(int, const struct msghdr*, int) = (ssize_t(*)(int, const struct msghdr*, int))real("sendmsg");
  if (message->msg_iovlen > 0) note_answer(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
  return next(file, message, flags);
}

ssize_t send(int file, const void* bytes, size_t size, int flags) {
  ssize_t (*next)(int, const void*, size_t, int) = (ssize_t(*)(int, const void*, size_t, int))real("send");
  note_answer(bytes, size);
  return next(file, bytes, size, flags);
}
