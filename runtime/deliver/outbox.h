// The outbox, drained: each sink has a thread and goes at its own pace. What was delivered, and what went
// wrong, is told to whoever commits; what was delivered is gone from the outbox with the next commit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/deliver/paced_sink.h"
#include "runtime/deliver/route.h"
#include "runtime/deliver/sink.h"
#include "runtime/process/notice.h"

namespace weir::deliver {

struct NamedSink {
  std::string name;
  std::unique_ptr<Sink> sink;  // one of the two
  std::unique_ptr<PacedSink> paced;
  bool final_only = false;  // of `sink`: what may still change is not for it
};

// Belongs into one commit.
struct Done {
  std::vector<store::Delivery> deliveries;
  std::vector<store::AlertRow> alerts;  // about sinks, to the others
  bool empty() const { return deliveries.empty() && alerts.empty(); }
};

class Outbox {
 public:
  // `done` is called when there is something for take_done(). Without `routing` a sink's trouble is only
  // logged.
  Outbox(store::Store& store, std::vector<NamedSink> sinks, process::Notify notify,
         std::function<void()> done, std::optional<Routing> routing = std::nullopt);
  ~Outbox();

  // Opens the sinks; a sentence when one of them cannot be used. What take_done() gives then must be
  // committed before run().
  std::string open();
  void run();
  void stop();    // waits for what is being sent
  void reopen();  // soon

  Done take_done();
  void committed(bool more);  // what was taken is in the store; `more`: there may be new rows
  bool idle() const;  // nothing was left to send when the sinks looked last, and nothing is to be taken

 private:
  struct Line;
  void say_unclaimed() const;  // rows of sinks that are not there any more
  store::Store& store_;
  process::Notify notify_;
  std::optional<Routing> routing_;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace weir::deliver
