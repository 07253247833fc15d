// See deadline.h.
#include "cli/live/deadline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "cli/live/supervisor.h"

namespace weir::cli {
namespace {

constexpr auto kLook = std::chrono::milliseconds(100);

}  // namespace

Deadline::Deadline(const commit::Requests& requests, int64_t within_us, int exit_code, process::Notify log)
    : requests_(requests), within_us_(within_us), exit_code_(exit_code), log_(std::move(log)), thread_([this] { run(); }) {}

Deadline::~Deadline() {
  {
    std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Deadline::run() {
  std::unique_lock lock(mutex_);
  while (!over_ && !requests_.stop) changed_.wait_for(lock, kLook);
  if (over_) return;
  tell_supervisor("STOPPING=1");
  if (changed_.wait_for(lock, std::chrono::microseconds(within_us_), [&] { return over_; })) return;
  log_(process::Severity::error,
       fmt::format("not ended {} s after it was told to: it ends now; what is committed is safe, the rest comes again",
                   within_us_ / 1'000'000));
  ::_exit(exit_code_);
}

}  // namespace weir::cli
