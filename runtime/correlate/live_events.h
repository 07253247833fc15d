// A rule without a correlation on a live feed, whose alerts may be silenced by earlier ones, or come of alerts
// that may yet be withdrawn.
#pragma once

#include "runtime/correlate/live_rule.h"

namespace weir::correlate {

class LiveEvents final : public LiveRule {
 public:
  LiveEvents(const match::Program& program, uint32_t rule, FireAlerts& alerts);

  std::vector<Preview> preview(int64_t delivered) override;
  std::vector<Telling> decide(int64_t watermark, const Release& release) override;
  Silences& silences() override { return silences_; }

 private:
  void tell(std::vector<Row> rows, Silences& silences, std::vector<Telling>& told, std::vector<OrderKey>* held);
  void order(std::vector<Row>& equals);

  const match::Program& program_;
  uint32_t rule_;
  FireAlerts& alerts_;
  Silences silences_;
};

}  // namespace weir::correlate
