// A rule with a correlation on a feed of which nothing is decided before its end (LiveOptions::only_finals): its rows
// wait packed, and in a file beyond a budget, as in a replay. For rules that hear no alerts.
#pragma once

#include <string>

#include "runtime/correlate/live_rule.h"
#include "runtime/correlate/rule_rows.h"

namespace weir::correlate {

class PackedRows final : public LiveRule {
 public:
  // `rows`, those of all rules, outlive it.
  PackedRows(const match::Program& program, uint32_t rule, RuleRows& rows);

  std::vector<Preview> preview(int64_t) override { return {}; }
  // Once; all rows are led through the state, for the watermark is not before the last of them.
  std::vector<Telling> decide(int64_t watermark, const Release&) override;
  void set_ready_from(int64_t ready_from) override { state_.set_ready_from(ready_from); }
  RuleState* state() override { return &state_; }
  Silences& silences() override { return state_.silences(); }

  // Why rows are missing, after decide(); empty when none are.
  const std::string& failure() const { return failure_; }

 private:
  const match::Program& program_;
  uint32_t rule_;
  RuleRows& rows_;
  RuleState state_;
  std::string failure_;
};

}  // namespace weir::correlate
