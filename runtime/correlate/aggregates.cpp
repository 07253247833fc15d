// One case for each kind of aggregate.
#include "runtime/correlate/aggregates.h"

#include <algorithm>
#include <iterator>

namespace weir::correlate {
namespace {

using match::Aggregate;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

template <class Use>
void each_number(const Row& row, uint32_t value, Use use) {
  for (const RowValue& one : row.seen->values[value])
    if (one.number.kind != Number::Kind::none) use(one.number);
}

void add_to_sample(Sample& sample, const Aggregate& aggregate, const Row& row) {
  for (const RowValue& value : row.seen->values[aggregate.values[0]]) {
    std::erase_if(sample.values, [&](const Sample::Value& old) { return old.identity == value.identity; });
    sample.values.push_back({value.identity, row.time(), std::string(row.seen->text_of(value))});
    if (sample.values.size() > std::max<size_t>(1, static_cast<size_t>(aggregate.parameter)))
      sample.values.erase(sample.values.begin());
  }
}

}  // namespace

AggregateState::AggregateState(const Plan& plan, uint32_t aggregate) {
  switch (plan.correlation->aggregates[aggregate].kind) {
    case Aggregate::Kind::count:
      break;
    case Aggregate::Kind::distinct:
      state_ = DistinctWindow();
      break;
    case Aggregate::Kind::sum:
    case Aggregate::Kind::average:
      state_ = SumWindow();
      break;
    case Aggregate::Kind::minimum:
    case Aggregate::Kind::maximum:
      state_ = ExtremeWindow();
      break;
    case Aggregate::Kind::percentile:
      state_ = RankWindow();
      break;
    case Aggregate::Kind::sample:
      state_ = Sample();
      break;
  }
}

void AggregateState::make(uint8_t kind) {
  using State = decltype(state_);
  const State kinds[] = {CountWindow(), SumWindow(), ExtremeWindow(), RankWindow(), DistinctWindow(), Sample()};
  static_assert(std::size(kinds) == std::variant_size_v<State>);
  if (kind > kSampleOfEvents) --kind;
  if (kind < std::size(kinds)) state_ = kinds[kind];
}

bool AggregateState::fit(const Plan& plan, uint32_t aggregate) {
  const AggregateState fresh(plan, aggregate);
  if (fresh.state_.index() != state_.index()) return false;
  const auto* distinct = std::get_if<DistinctWindow>(&state_);
  if (distinct && distinct->sampling() && plan.kept.aggregates[aggregate].values > 0) *this = fresh;
  return true;
}

void AggregateState::add(const Plan& plan, uint32_t index, const Row& row, int64_t pane_us) {
  const Aggregate& aggregate = plan.correlation->aggregates[index];
  if (aggregate.where && !row.holds(*aggregate.where)) return;
  const match::Kept::OfAggregate& keep = plan.kept.aggregates[index];
  size_t entries = pane_us > 0 ? keep.entries : 0;
  const int64_t time = row.time();
  std::visit(Overloaded{
                 [&](CountWindow& window) { window.add({time}, entries, pane_us); },
                 [&](SumWindow& window) {
                   each_number(row, aggregate.values[0], [&](const Number& number) {
                     window.add({time, number}, entries, pane_us);
                   });
                 },
                 [&](ExtremeWindow& window) {
                   each_number(row, aggregate.values[0], [&](const Number& number) {
                     window.add(time, number, aggregate.kind == Aggregate::Kind::maximum, pane_us);
                   });
                 },
                 [&](RankWindow& window) {
                   each_number(row, aggregate.values[0], [&](const Number& number) {
                     window.add({time, number.as_double()}, kExactEntries, pane_us);
                   });
                 },
                 [&](DistinctWindow& window) {
                   each_combination(*row.seen, aggregate.values,
                                    [&](const Identity128& value) { window.add(value, time, keep.values); });
                 },
                 [&](Sample& sample) { add_to_sample(sample, aggregate, row); },
             },
             state_);
}

void AggregateState::leave_until(int64_t begin, int64_t now) {
  std::visit(Overloaded{
                 [&](DistinctWindow& window) { window.leave_until(begin, now); },
                 [&](Sample& sample) {
                   std::erase_if(sample.values, [&](const Sample::Value& old) { return old.time <= begin; });
                 },
                 [&](auto& window) { window.leave_until(begin); },
             },
             state_);
}

Reading AggregateState::read(const Plan& plan, uint32_t index, int64_t begin) const {
  const Aggregate& aggregate = plan.correlation->aggregates[index];
  return std::visit(
      Overloaded{
          [&](const CountWindow& window) -> Reading {
            return {static_cast<double>(window.total().count), window.approximate(begin)};
          },
          [&](const SumWindow& window) -> Reading {
            const Sum& total = window.total();
            if (aggregate.kind == Aggregate::Kind::sum) return {total.sum.value(), window.approximate(begin)};
            if (total.count == 0) return {};
            return {total.sum.value() / static_cast<double>(total.count), window.approximate(begin)};
          },
          [&](const ExtremeWindow& window) -> Reading {
            return {window.value(), window.approximate()};
          },
          [&](const RankWindow& window) -> Reading {
            return {window.total().percentile(aggregate.parameter), window.total().sketched()};
          },
          [&](const DistinctWindow& window) -> Reading {
            const bool approximate = window.approximate(begin);
            return {window.count(), approximate, approximate && !window.sampling()};
          },
          [&](const Sample&) -> Reading { return {}; },
      },
      state_);
}

size_t AggregateState::bytes() const {
  return std::visit(Overloaded{
                        [](const Sample& sample) {
                          size_t bytes = heap_of(sample.values);
                          for (const Sample::Value& value : sample.values) bytes += heap_of(value.text);
                          return bytes;
                        },
                        [](const auto& window) { return window.bytes(); },
                    },
                    state_);
}

}  // namespace weir::correlate
