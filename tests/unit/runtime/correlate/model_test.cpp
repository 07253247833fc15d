// The engine against the model, over random rules and rows.
#include "model.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "random_case.h"
#include "runtime/correlate/rule_state.h"

namespace weir::correlate {
namespace {

model::Answer answer_of(const Told& told, const match::Correlation& correlation) {
  model::Answer answer;
  answer.time = told.fire.time;
  answer.completing = told.fire.completing.event.get();
  answer.from = told.fire.from;
  answer.events = told.fire.events;
  answer.held_back = told.held_back;
  if (correlation.kind == match::Correlation::Kind::numbers)
    for (const Reading& reading : told.fire.readings) answer.readings.push_back(reading.value);
  for (const auto& [condition, place] : told.fire.steps) answer.steps.push_back(place.event.get());
  return answer;
}

std::vector<Told> engine(const model::Case& one) {
  match::RuleInfo rule;
  rule.has_correlation = true;
  rule.correlation = std::make_shared<match::Correlation>(one.correlation);
  if (one.suppress_us) rule.suppress_ms = *one.suppress_us / 1000;
  RuleState state(rule, one.ready_from);
  std::vector<Told> told;
  for (size_t i = 0, end = 0; i < one.rows.size(); i = end) {
    std::vector<Row> instant;
    for (; end < one.rows.size() && one.rows[end].time() == one.rows[i].time(); ++end)
      instant.push_back(one.rows[end]);
    state.advance(instant, told);
  }
  state.decide(one.horizon, told);
  return told;
}

// Of a number that only had to be compared, as many as decide were kept: it is at most what it should be, and
// says so.
void forgive_what_is_approximate(const Told& told, model::Answer& got, model::Answer& want) {
  for (size_t i = 0; i < got.readings.size(); ++i) {
    if (!told.fire.readings[i].approximate) continue;
    CHECK(told.fire.approximate);
    CHECK(*got.readings[i] < *want.readings[i]);
    got.readings[i] = want.readings[i];
  }
}

std::string rows_of(const model::Case& one) {
  std::string out = "span " + std::to_string(one.correlation.span_us) + "\n";
  for (const match::Chain& chain : one.correlation.chains) {
    out += chain.any_order ? "and:" : "then:";
    for (const auto& step : chain.steps)
      out += std::string(step.negated ? " not " : " ") + std::to_string(step.count) +
             one.correlation.conditions[step.condition];
    out += "\n";
  }
  for (const Row& row : one.rows) {
    out += "group " + std::to_string(row.group.low) + " @" + std::to_string(row.time()) + " " +
           row.place.event->order.source + row.place.event->order.id + (row.seen->counted ? " " : " exempt ");
    for (size_t i = 0; i < one.correlation.conditions.size(); ++i)
      if (row.holds(static_cast<uint32_t>(i))) out += one.correlation.conditions[i];
    out += "\n";
  }
  return out;
}

template <class Make>
void compare(int cases, Make make) {
  int failures = 0;
  size_t told = 0;
  for (int seed = 0; seed < cases && failures < 3; ++seed) {
    model::CaseMaker maker(static_cast<uint32_t>(seed));
    const model::Case one = make(maker);
    const std::vector<Told> tellings = engine(one);
    std::vector<model::Answer> answers = model::answers(one);
    std::string got, want;
    for (size_t i = 0; i < tellings.size(); ++i) {
      model::Answer answer = answer_of(tellings[i], one.correlation);
      if (i < answers.size()) forgive_what_is_approximate(tellings[i], answer, answers[i]);
      got += answer.text() + "\n";
    }
    for (const model::Answer& answer : answers) want += answer.text() + "\n";
    told += answers.size();
    if (got == want) continue;
    ++failures;
    FAIL_CHECK("seed ", seed, "\n", rows_of(one), "engine:\n", got, "model:\n", want);
  }
  CHECK(told > static_cast<size_t>(cases) / 2);  // the cases are about something
}

TEST_CASE("steps are what the definition says") {
  compare(20'000, [](model::CaseMaker& maker) { return maker.steps(); });
}
TEST_CASE("new is what the definition says") {
  compare(10'000, [](model::CaseMaker& maker) { return maker.first_seen(); });
}
TEST_CASE("numbers are what the definition says") {
  compare(20'000, [](model::CaseMaker& maker) { return maker.numbers(); });
}

}  // namespace
}  // namespace weir::correlate
