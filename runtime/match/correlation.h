// What a rule over many events counts, waits for or remembers (language.md, 6), as the compiler hands it to
// runtime/correlate.
//
// Trees are flat arrays in which operands stand before their users; the last element is the root. What is asked of
// an event (keys, values, conditions) is numbered here; the roots that answer, for each source of the rule, are in
// RuleOnSource under the same numbers, kNone where a source has no such thing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::match {

// When two values are the same: by the type of the expression.
enum class Identity : uint8_t {
  exact,    // letter by letter
  domain,   // without a final dot and regard to case
  address,  // by value, however it is written
};

struct CorrelationValue {  // of an event: a part of the key, or what an aggregate or `new` looks at
  std::string text;        // as the rule writes it
  Identity identity = Identity::exact;
};

struct Aggregate {
  enum class Kind : uint8_t { count, distinct, sum, average, minimum, maximum, percentile, sample };
  Kind kind = Kind::count;
  std::vector<uint32_t> values;       // of Correlation::values; distinct: one or more, the rest but count: one
  std::optional<uint32_t> where;      // of Correlation::conditions: only such events
  double parameter = 0;               // percentile: 0 to 100; sample: how many, 1 to 20
  bool of_durations = false;          // its values are lengths of time, in microseconds
  std::string text;                   // as the rule writes it, one space after commas: its name in an alert's `values`
  bool operator==(const Aggregate&) const = default;
};

// A number over the window. Division by nothing is missing, and so is what is made of something missing.
struct WindowNumber {
  enum class Kind : uint8_t { constant, aggregate, baseline, spread, add, subtract, multiply, divide };
  Kind kind = Kind::constant;
  double constant = 0;       // lengths of time in microseconds
  uint32_t aggregate = 0;    // aggregate, baseline, spread: of Correlation::aggregates
  int64_t over_us = 0;       // baseline, spread: how far back
  uint32_t left = 0, right = 0;
  std::string text;          // baseline, spread: as the rule writes it, its name in an alert's `values`
};

// A condition over the window: leaves compare numbers (Kind::numbers) or ask for something new (Kind::first_seen).
struct WindowCondition {
  enum class Kind : uint8_t { compare, is_new, all, any, negate, at_least };
  enum class Compare : uint8_t { less, less_equal, equal, not_equal, greater_equal, greater };
  Kind kind = Kind::compare;
  Compare compare = Compare::greater_equal;
  uint32_t left = 0, right = 0;        // compare: of Correlation::numbers
  std::vector<uint32_t> values;        // is_new: of Correlation::values
  std::vector<uint32_t> operands;      // the rest: of Correlation::condition
  uint32_t least = 0;                  // at_least
  std::string text;                    // as the rule writes it
};

struct CorrelationStep {
  uint32_t condition = 0;  // of Correlation::conditions
  bool negated = false;
  uint32_t count = 1;      // `3 failed`; only of the first step of a chain
};

struct Chain {                 // `a then not b then c`; with any_order `a and b and not c`
  bool any_order = false;
  std::vector<CorrelationStep> steps;
};

struct Correlation {
  enum class Kind : uint8_t { numbers, steps, first_seen };
  enum class Window : uint8_t { sliding, tumbling, tumbling_closed };
  Kind kind = Kind::numbers;
  Window window = Window::sliding;
  int64_t span_us = 0;
  std::optional<int64_t> warmup_us;
  uint64_t state_bytes = 64u << 20;            // the budget of the rule
  uint64_t least_group_bytes = 0;              // what a group takes that has seen one event
  uint64_t group_bytes = 0;                    // what it takes at its worst; first_seen: without its values

  std::vector<CorrelationValue> group_by;
  std::vector<CorrelationValue> values;
  std::vector<std::string> conditions;         // names of selections: of `where` and of steps; at most 64

  std::vector<Aggregate> aggregates;           // those of the condition, then those that only messages show
  std::vector<WindowNumber> numbers;           // those of the condition, then those of messages
  std::vector<WindowCondition> condition;      // Kind::numbers and Kind::first_seen
  std::vector<Chain> chains;                   // Kind::steps: any of them

  // Of all that shapes the state (language.md, 7, Restart): state of another shape is not taken up.
  uint64_t shape = 0;
};

}  // namespace weir::match
