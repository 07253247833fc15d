// A rule with a correlation on a live feed.
#pragma once

#include "runtime/correlate/live_rule.h"

namespace weir::correlate {

class LiveRows final : public LiveRule {
 public:
  explicit LiveRows(const match::RuleInfo& rule);

  void add(Row row) override;
  void wake(int64_t from, int64_t to) override;
  std::vector<Preview> preview(int64_t delivered) override;
  std::vector<Telling> decide(int64_t watermark, const Release& release) override;
  void set_ready_from(int64_t ready_from) override;
  RuleState* state() override { return &state_; }
  Silences& silences() override { return state_.silences(); }

 private:
  void stay(const Identity128& group, int64_t until);
  void preview_of(const PendingRows::Groups& component, int64_t delivered, std::vector<Preview>& previews);

  RuleState state_;
};

}  // namespace weir::correlate
