// A process that was told to stop ends: in good order, or, when something hangs, without it. What is committed is
// safe either way, and the rest was never acknowledged.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "runtime/commit/pipeline.h"
#include "runtime/process/notice.h"

namespace weir::cli {

class Deadline {
 public:
  // Ends the process with `exit_code` when it is there still `within` microseconds after the request to stop.
  Deadline(const commit::Requests& requests, int64_t within_us, int exit_code, process::Notify log);
  ~Deadline();  // it ended in time

 private:
  void run();
  const commit::Requests& requests_;
  const int64_t within_us_;
  const int exit_code_;
  process::Notify log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace weir::cli
