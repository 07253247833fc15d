// The trouble of one sink: told once when it begins and once when it is over, across restarts, as alerts to
// the other sinks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/deliver/own_alert.h"
#include "runtime/deliver/paced_sink.h"

namespace weir::deliver {

class TroubleOfSink {
 public:
  // Without `routing` nothing is told and nothing kept.
  TroubleOfSink(std::string sink, const Routing* routing) : sink_(std::move(sink)), routing_(routing) {}

  void restore(store::Store& store);
  bool is(SinkTrouble::Kind kind) const { return now_ && now_->kind == kind; }

  News begin(const SinkTrouble& trouble, int64_t now);  // nothing when it is in this trouble already
  News end(int64_t now);                                // nothing when it is in none

 private:
  struct Since {
    SinkTrouble::Kind kind;
    int64_t at;
  };
  std::string note_name() const;
  store::AlertRow row(const char* state, const std::string& message) const;

  std::string sink_;
  const Routing* routing_;
  std::optional<Since> now_;
};

}  // namespace weir::deliver
