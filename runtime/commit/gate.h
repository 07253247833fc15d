// Between two units of work: a gate that every worker passes, so that something may be changed while no unit is
// open. Whoever closes it need not wait: those who are inside may be many minutes on their way.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace weir::commit {

class Gate {
 public:
  // Waits while it is closed; false when `stop` was set meanwhile.
  bool enter(const std::atomic<bool>& stop) {
    std::unique_lock lock(mutex_);
    while (closed_ && !stop) opened_.wait_for(lock, std::chrono::milliseconds(100));
    if (stop) return false;
    ++inside_;
    return true;
  }
  // True when it is closed and nobody is inside any more.
  bool leave() {
    std::lock_guard lock(mutex_);
    return --inside_ == 0 && closed_;
  }

  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  void open() {
    {
      std::lock_guard lock(mutex_);
      closed_ = false;
    }
    opened_.notify_all();
  }
  bool empty() const {
    std::lock_guard lock(mutex_);
    return inside_ == 0;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  size_t inside_ = 0;
  bool closed_ = false;
};

}  // namespace weir::commit
