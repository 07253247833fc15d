// Times and spans are a few microseconds: the arithmetic is the same.
#include "random_case.h"

#include <algorithm>

namespace weir::correlate::model {

using match::Aggregate;
using match::Chain;
using match::Correlation;
using match::WindowCondition;
using match::WindowNumber;

void CaseMaker::rows(Case& one, int64_t most, int64_t times) {
  const int64_t count = 1 + upto(most), groups = 1 + upto(1);
  const bool dense = chance(30);
  const bool by_other = chance(25);
  one.correlation.conditions = {"a", "b", "c", "d"};
  one.correlation.values.resize(kValues);
  for (int64_t i = 0; i < count; ++i) {
    auto event = std::make_shared<StoredEvent>();
    event->order = {upto(dense ? times / 3 : times), chance(50) ? "one" : "two",
                    std::to_string(100 + upto(899)) + "." + std::to_string(i)};
    event->content = static_cast<uint64_t>(i);
    auto seen = std::make_shared<Observation>();
    seen->conditions = uint64_t{1} << upto(kConditions - 1);
    if (chance(25)) seen->conditions |= uint64_t{1} << upto(kConditions - 1);
    seen->counted = !chance(15);
    for (uint32_t v = 0; v < kValues; ++v) {
      auto& values = seen->values.emplace_back();
      for (int64_t n = chance(70) ? 1 : upto(2); n > 0; --n) {
        const int64_t number = upto(4);
        RowValue value{{0, static_cast<uint64_t>(number) + 1}, {}};
        if (number < 4)
          value.number = chance(50) ? Number::of(number) : Number::of(0.25 * static_cast<double>(number));
        if (value.number.kind == Number::Kind::real) value.identity.high = 1;
        values.push_back(value);
      }
    }
    Row row;
    const int64_t group = upto(groups - 1);
    row.group = {0, static_cast<uint64_t>(group) + 1};
    row.place = {event, 0, by_other ? Identity128{7, static_cast<uint64_t>(upto(1))} : row.group};
    row.seen = seen;
    one.rows.push_back(row);
    if (groups > 1 && chance(10)) {  // an array of keys
      row.group.low = static_cast<uint64_t>(1 - group) + 1;
      row.place.combination = 1;
      if (!by_other) row.place.silence = row.group;
      one.rows.push_back(row);
    }
  }
  std::sort(one.rows.begin(), one.rows.end(), [](const Row& a, const Row& b) { return comes_before(a, b); });
  if (chance(50)) one.horizon = one.rows.back().time();
  if (chance(20)) one.ready_from = upto(times / 2);
}

void CaseMaker::suppress(Case& one) {
  if (chance(40)) one.suppress_us = 1 + upto(12);
  if (one.suppress_us) *one.suppress_us *= 1000;  // RuleInfo says it in milliseconds
}

Aggregate CaseMaker::aggregate() {
  Aggregate aggregate;
  aggregate.kind = static_cast<Aggregate::Kind>(upto(6));
  const auto value = static_cast<uint32_t>(upto(kValues - 1));
  if (aggregate.kind != Aggregate::Kind::count) aggregate.values = {value};
  if (aggregate.kind == Aggregate::Kind::distinct && chance(30)) aggregate.values.push_back(1 - value);
  if (aggregate.kind == Aggregate::Kind::percentile) aggregate.parameter = static_cast<double>(upto(20) * 5);
  if (chance(40)) aggregate.where = static_cast<uint32_t>(upto(kConditions - 1));
  return aggregate;
}

void CaseMaker::condition_tree(Correlation& correlation) {
  auto leaves = static_cast<uint32_t>(correlation.condition.size());
  if (leaves == 1) return;
  WindowCondition top;
  const WindowCondition::Kind kinds[] = {WindowCondition::Kind::all, WindowCondition::Kind::any,
                                         WindowCondition::Kind::at_least};
  top.kind = kinds[upto(2)];
  top.least = static_cast<uint32_t>(1 + upto(leaves - 1));
  for (uint32_t i = 0; i < leaves; ++i) {
    if (chance(20)) {
      WindowCondition turned;
      turned.kind = WindowCondition::Kind::negate;
      turned.operands = {i};
      correlation.condition.push_back(turned);
      top.operands.push_back(static_cast<uint32_t>(correlation.condition.size() - 1));
    } else {
      top.operands.push_back(i);
    }
  }
  correlation.condition.push_back(top);
}

Case CaseMaker::numbers() {
  Case one;
  Correlation& c = one.correlation;
  c.kind = Correlation::Kind::numbers;
  c.window = static_cast<Correlation::Window>(chance(50) ? 0 : 1 + upto(1));
  c.span_us = (1 + upto(9)) * 1000;
  rows(one, 14, 30);
  for (Row& row : one.rows)
    row.place.event = [&] {
      auto event = std::make_shared<StoredEvent>(*row.place.event);
      event->order.time *= 1000;
      return event;
    }();
  if (one.horizon != INT64_MAX) one.horizon *= 1000;
  if (one.ready_from != INT64_MIN) one.ready_from *= 1000;
  suppress(one);
  const bool only_compared = chance(50);  // such aggregates may be cut short
  const int64_t leaves = 1 + upto(2);
  for (int64_t i = 0; i < leaves; ++i) {
    c.aggregates.push_back(aggregate());
    const auto index = static_cast<uint32_t>(c.aggregates.size() - 1);
    WindowNumber left;
    left.kind = WindowNumber::Kind::aggregate;
    left.aggregate = index;
    c.numbers.push_back(left);
    auto of_left = static_cast<uint32_t>(c.numbers.size() - 1);
    WindowNumber right;
    right.constant = static_cast<double>(upto(8)) / 2;
    if (!only_compared && chance(40)) {
      right.kind = chance(70) ? WindowNumber::Kind::baseline : WindowNumber::Kind::spread;
      right.aggregate = index;
      right.over_us = c.span_us * (1 + upto(4));
      if (!c.warmup_us) c.warmup_us = upto(10) * 1000;
    }
    c.numbers.push_back(right);
    auto of_right = static_cast<uint32_t>(c.numbers.size() - 1);
    if (!only_compared && chance(40)) {
      WindowNumber made;
      made.kind = static_cast<WindowNumber::Kind>(static_cast<int>(WindowNumber::Kind::add) + upto(3));
      made.left = of_left;
      made.right = static_cast<uint32_t>(upto(of_right));
      c.numbers.push_back(made);
      of_left = static_cast<uint32_t>(c.numbers.size() - 1);
    }
    WindowCondition leaf;
    leaf.compare = static_cast<WindowCondition::Compare>(upto(5));
    if (chance(50)) leaf.compare = WindowCondition::Compare::greater_equal;
    leaf.left = of_left;
    leaf.right = of_right;
    c.condition.push_back(leaf);
  }
  condition_tree(c);
  return one;
}

Chain CaseMaker::chain() {
  Chain chain;
  chain.any_order = chance(25);
  const int64_t length = 1 + upto(3);
  for (int64_t i = 0; i < length; ++i) {
    match::CorrelationStep step;
    step.condition = static_cast<uint32_t>(upto(kConditions - 1));
    step.negated = chance(25);
    chain.steps.push_back(step);
  }
  if (std::all_of(chain.steps.begin(), chain.steps.end(), [](auto& step) { return step.negated; }))
    chain.steps[static_cast<size_t>(upto(length - 1))].negated = false;
  if (!chain.any_order && chance(30))
    for (match::CorrelationStep& step : chain.steps)
      if (!step.negated) {
        step.count = static_cast<uint32_t>(1 + upto(2));
        break;
      }
  return chain;
}

Case CaseMaker::steps() {
  Case one;
  one.correlation.kind = Correlation::Kind::steps;
  one.correlation.span_us = 1 + upto(11);
  rows(one, 13, 24);
  suppress(one);
  if (one.suppress_us) *one.suppress_us = 1000;
  one.correlation.chains.push_back(chain());
  while (chance(25)) one.correlation.chains.push_back(chain());
  return one;
}

Case CaseMaker::first_seen() {
  Case one;
  one.correlation.kind = Correlation::Kind::first_seen;
  one.correlation.span_us = 1 + upto(14);
  rows(one, 14, 40);
  suppress(one);
  if (one.suppress_us) *one.suppress_us = 1000;
  for (int64_t leaves = 1 + (chance(30) ? 1 : 0); leaves > 0; --leaves) {
    WindowCondition leaf;
    leaf.kind = WindowCondition::Kind::is_new;
    leaf.values = {static_cast<uint32_t>(upto(kValues - 1))};
    if (chance(40)) leaf.values.push_back(1 - leaf.values[0]);
    one.correlation.condition.push_back(leaf);
  }
  condition_tree(one.correlation);
  return one;
}

}  // namespace weir::correlate::model
