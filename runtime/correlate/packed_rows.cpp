// The events stay with the rows of all rules: the state that is led on refers to them.
#include "runtime/correlate/packed_rows.h"

#include <utility>

#include "runtime/correlate/moment.h"

namespace weir::correlate {

PackedRows::PackedRows(const match::Program& program, uint32_t rule, RuleRows& rows)
    : LiveRule(false),
      program_(program),
      rule_(rule),
      rows_(rows),
      state_(program.rules[rule], program.rules[rule].correlation->warmup_us ? kEndOfTime : kBeginningOfTime) {
  state_.watch();
}

std::vector<Telling> PackedRows::decide(int64_t watermark, const Release&) {
  std::vector<Told> told;
  {
    RowReader reader = rows_.read(program_, rule_);
    std::vector<Row> instant;
    while (reader.next_instant(instant)) state_.advance(instant, told);
    failure_ = reader.failure();
  }
  rows_.forget(rule_);
  state_.decide(watermark, told);
  std::vector<Telling> tellings;
  for (Told& one : told) tellings.push_back({std::move(one), std::nullopt});
  return tellings;
}

}  // namespace weir::correlate
