// A live feed by hand: events with the times of their delivery, and what is said at each of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pack.h"
#include "runtime/correlate/live.h"

namespace weir::correlate {

inline constexpr int64_t kSecond = 1'000'000;

class LiveFeed {
 public:
  explicit LiveFeed(const Pack& pack, const LiveOptions& options = {});

  // Delivered at that time, in microseconds since 1970.
  void take(const Pack::Line& line, int64_t delivered);
  // To all sources; or to one of them.
  void advance(int64_t delivered);
  void advance(uint16_t source, int64_t delivered);
  void end() { live_->end(); }
  // What was said since the last time, alerts as they left. Each must follow from what was said of it before.
  std::vector<Alert> said();

  // What is open, and what is final, by id.
  const std::map<std::string, Alert>& open() const { return open_; }
  const std::map<std::string, Alert>& final() const { return final_; }
  LiveCounts counts() const { return live_->counts(); }
  Live& live() { return *live_; }

  // Continues with another process that knows what was saved, and nothing else; it may be run otherwise.
  void restart();
  void restart(const LiveOptions& options);
  // What another process would be given.
  std::vector<SavedPart> saved();

 private:
  void follow(const Alert& alert);

  std::shared_ptr<const match::Program> program_;
  LiveOptions options_;
  std::unique_ptr<Live> live_;
  match::Decoder decoder_;
  std::vector<int64_t> delivered_;
  std::map<std::string, Alert> open_, final_;
  std::map<std::string, std::string> saved_;
};

}  // namespace weir::correlate
