// The outbox, drained: each sink has a thread and goes at its own pace. What was delivered is told to whoever
// commits, and is gone from the outbox with the next commit.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/deliver/sink.h"
#include "runtime/process/notice.h"

namespace weir::deliver {

struct NamedSink {
  std::string name;
  std::unique_ptr<Sink> sink;
};

class Outbox {
 public:
  // `done` is called when there is something for take_done().
  Outbox(store::Store& store, std::vector<NamedSink> sinks, process::Notify notify,
         std::function<void()> done);
  ~Outbox();

  // Opens the sinks; a sentence when one of them cannot be used. What take_done() gives then must be
  // committed before run().
  std::string open();
  void run();
  void stop();    // waits for what is being sent
  void reopen();  // soon

  std::vector<store::Delivery> take_done();
  void committed(bool more);  // what was taken is in the store; `more`: there may be new rows
  bool idle() const;  // nothing was left to send when the sinks looked last, and nothing is to be taken

 private:
  struct Line;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace weir::deliver
