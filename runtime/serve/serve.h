// What a running Weir says of itself, over HTTP: /metrics for Prometheus, /healthz and /readyz for whoever
// starts and stops it. On an address of its own, so that it can stay on loopback while sources listen to the
// world.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/process/metrics.h"
#include "runtime/process/notice.h"

namespace weir::serve {

// One thing that must hold before events are taken: "the store can be written".
struct Condition {
  std::string name;  // "store"
  bool holds = false;
  std::string why;  // a sentence, when it does not
  std::string note;  // what else there is to say of it
};

struct ServeOptions {
  std::string listen = "127.0.0.1:9180";
  const process::Metrics* metrics = nullptr;  // outlives the server
  // Called by the server's thread; must not wait. `alive`: whether the loop that commits still turns.
  std::function<bool()> alive;
  std::function<std::vector<Condition>()> ready;
  process::Notify notify;
};

class Serve {
 public:
  // Null, and a sentence, when the address cannot be had.
  static std::unique_ptr<Serve> open(ServeOptions options, std::string& problem);
  ~Serve();
  uint16_t port() const;

 private:
  struct Impl;
  explicit Serve(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::serve
