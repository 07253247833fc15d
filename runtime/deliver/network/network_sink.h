// A sink over HTTP: what schedule.h says is to be told goes out as its writer writes it, at the sink's pace,
// until the other side has taken it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/deliver/alert_facts.h"
#include "runtime/deliver/network/http.h"
#include "runtime/deliver/network/schedule.h"
#include "runtime/deliver/network/told_alerts.h"
#include "runtime/deliver/network/verdict.h"
#include "runtime/deliver/network/writer.h"
#include "runtime/deliver/paced_sink.h"

namespace weir::deliver {

using Clock = std::function<int64_t()>;  // microseconds since 1970

struct Pace {
  double per_minute = 60;  // 0: as fast as answers come
  double burst = 5;
};

class NetworkSink final : public PacedSink {
 public:
  struct Parts {
    std::unique_ptr<Writer> writer;
    std::unique_ptr<Transport> transport;
    std::vector<Route> routes;      // those that lead to it; what none of them fits is told alone
    uint64_t storm_per_minute = 0;  // of routes that do not say it
    Pace pace;
    bool final_only = false;
    Clock clock;
    Random random;
  };
  explicit NetworkSink(Parts parts);

  void open(const store::SinkPosition& position) override;
  void tried_before(int64_t attempts, int64_t next_at) override;
  size_t room() const override { return schedule_.room(); }
  Turn turn(std::vector<store::OutboxRow> fresh) override;
  void interrupt() override;

 private:
  void accept(store::OutboxRow row, int64_t now, Turn& turn);
  bool send_one(const Message& message, Turn& turn);  // false: not now
  void settle(const Message& message, Turn& turn);
  void set_aside(const Message& message, const std::string& reason, Turn& turn);
  void failed(const Message& message, const Judgement& judgement, int64_t now, Turn& turn);
  size_t way_of(const AlertFacts& facts) const;
  void works_again(Turn& turn);
  std::string saved_state(int64_t now);

  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Transport> transport_;
  std::vector<Route> routes_;
  std::vector<Grouping> ways_;  // of each route, and one for what none of them fits
  bool groups_ = false;
  bool final_only_;
  Clock clock_;
  Schedule schedule_;
  TokenBucket bucket_;
  Backoff backoff_;
  ToldAlerts told_;
  std::unordered_set<std::string> withdrawn_;  // ids whose withdrawal waits
  std::unordered_set<std::string> reopened_;   // of those, such that are told open again behind it
  int64_t failed_at_ = 0, not_before_ = 0;
  std::optional<int64_t> failing_since_;
  std::optional<SinkTrouble::Kind> trouble_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace weir::deliver
