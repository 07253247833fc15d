// Predicates, and how functions are applied to lists. The functions themselves are in
// operations_functions.cpp.
#include "runtime/match/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/match/decode.h"
#include "runtime/match/functions.h"
#include "runtime/match/numbers.h"

namespace weir::match::operations {
namespace {

std::string_view kept(std::string_view text, Spelling& spelling) {
  const size_t size = std::min(text.size(), sizeof spelling.buffer);
  std::copy_n(text.begin(), size, spelling.buffer);
  return {spelling.buffer, size};
}

template <typename Test>
bool any(rt_list of, Test test) {
  for (uint32_t i = 0; i < of.count; ++i) {
    if (test(of.values[i])) return true;
  }
  return false;
}

template <typename Test>
bool any_spelling(rt_list of, Test test) {
  return any(of, [&](const rt_value& value) {
    Spelling spelling;
    const std::string_view text = text_of(value, spelling);
    return text.data() != nullptr && test(text);
  });
}

template <typename Test>
bool any_pair(rt_list left, rt_list right, Test test) {
  uint32_t pairs = 0;
  for (uint32_t i = 0; i < left.count; ++i) {
    for (uint32_t j = 0; j < right.count; ++j) {
      if (++pairs > kMaxCombinations) return false;
      if (test(left.values[i], right.values[j])) return true;
    }
  }
  return false;
}

template <typename Test>
bool any_pair_of_spellings(rt_list left, rt_list right, Test test) {
  return any_pair(left, right, [&](const rt_value& a, const rt_value& b) {
    Spelling spelling_a, spelling_b;
    const std::string_view text_a = text_of(a, spelling_a);
    const std::string_view text_b = text_of(b, spelling_b);
    return text_a.data() != nullptr && text_b.data() != nullptr && test(text_a, text_b);
  });
}

bool is_number(const rt_value& value) { return value.kind == RT_INT || value.kind == RT_REAL; }

enum class Order : uint8_t { less, equal, greater, none };

template <typename T>
Order order(T a, T b) {
  return a < b ? Order::less : b < a ? Order::greater : a == b ? Order::equal : Order::none;
}

Order order_numbers(const rt_value& a, const rt_value& b) {
  if (a.kind == RT_INT && b.kind == RT_INT) return order(a.integer, b.integer);
  if (a.kind == RT_REAL && b.kind == RT_REAL) return order(a.real, b.real);
  if (a.kind == RT_REAL) return order(compare(a.real, b.integer), 0);
  return order(0, compare(b.real, a.integer));
}

// Of numbers, times and lengths of time; what cannot be ordered has none.
Order order_values(const rt_value& a, const rt_value& b) {
  if (is_number(a) && is_number(b)) return order_numbers(a, b);
  if (a.kind == b.kind && (a.kind == RT_TIME || a.kind == RT_SPAN)) return order(a.integer, b.integer);
  return Order::none;
}

bool same(const rt_value& a, const rt_value& b, TextRule rule) {
  if (a.kind == RT_TEXT && b.kind == RT_TEXT) {
    Spelling unused;
    return equal(text_of(a, unused), text_of(b, unused), rule);
  }
  if (a.kind == RT_TRUE || a.kind == RT_FALSE) return a.kind == b.kind;
  return order_values(a, b) == Order::equal;
}

bool nothing(const rt_value& value) { return value.kind == RT_NULL || value.kind == RT_ARRAY; }

}  // namespace

// ---- values
// -----------------------------------------------------------------------------------------------------

rt_value text_value(std::string_view text) {
  rt_value value{};
  value.data = text.data() != nullptr ? text.data() : "";
  value.size = static_cast<uint32_t>(text.size());
  value.kind = RT_TEXT;
  return value;
}

rt_value integer_value(int64_t integer) {
  rt_value value{};
  value.integer = integer;
  value.kind = RT_INT;
  return value;
}

rt_value boolean_value(bool boolean) {
  rt_value value{};
  value.kind = boolean ? RT_TRUE : RT_FALSE;
  return value;
}

rt_value span_value(int64_t microseconds) {
  rt_value value = integer_value(microseconds);
  value.kind = RT_SPAN;
  return value;
}

rt_value time_value(int64_t microseconds, ResultArena& arena) {
  rt_value value = text_value(arena.keep(format_time(microseconds)));
  value.integer = microseconds;
  value.kind = RT_TIME;
  return value;
}

std::string_view spelled(const rt_value& value, Spelling& spelling) noexcept {
  switch (value.kind) {
    case RT_FALSE:
      return "false";
    case RT_TRUE:
      return "true";
    case RT_INT: {
      if (value.data != nullptr && value.size != 0) return {value.data, value.size};
      const fmt::format_int digits(value.integer);
      return kept({digits.data(), digits.size()}, spelling);
    }
    case RT_REAL:
      if (value.data != nullptr && value.size != 0) return {value.data, value.size};
      return kept(format_real(value.real), spelling);
    case RT_TIME:
      if (value.data != nullptr && value.size != 0) return {value.data, value.size};
      return kept(format_time(value.integer), spelling);
    default:
      return {};
  }
}

// ---- predicates on one list
// ---------------------------------------------------------------------------------------

bool any_text(const TextSet& set, rt_list of) noexcept {
  return any(of, [&](const rt_value& value) {
    Spelling spelling;
    const std::string_view text = text_of(value, spelling);
    return text.data() != nullptr && set.matches(text, (value.flags & RT_ASCII) != 0);
  });
}

bool any_text(const Pattern& pattern, rt_list of) noexcept {
  return any_spelling(of, [&](std::string_view text) { return pattern.matches(text); });
}

bool any_text(const Regex& regex, bool domain, rt_list of) noexcept {
  return any_spelling(of, [&](std::string_view text) {
    if (domain && text.ends_with('.')) text.remove_suffix(1);
    return regex.matches(text);
  });
}

bool any_address(const NetworkSet& set, rt_list of) noexcept {
  return any_spelling(of, [&](std::string_view text) {
    const std::optional<Address> address = parse_address(text);
    return address && set.contains(*address);
  });
}

bool any_number(const NumberSet& set, rt_list of) noexcept {
  return any(of, [&](const rt_value& value) {
    if (value.kind == RT_INT) return set.contains(value.integer);
    return value.kind == RT_REAL && set.contains(value.real);
  });
}

bool any_of_kind(rt_kind kind, rt_list of) noexcept {
  return any(of, [&](const rt_value& value) { return value.kind == kind; });
}

bool nothing_there(rt_list of) noexcept { return of.count == 0 || any(of, nothing); }

bool all_nothing(rt_list of) noexcept {
  return !any(of, [](const rt_value& value) { return !nothing(value); });
}

// ---- predicates on two lists
// --------------------------------------------------------------------------------------

bool any_less(rt_list left, rt_list right) noexcept {
  return any_pair(left, right,
                  [](const rt_value& a, const rt_value& b) { return order_values(a, b) == Order::less; });
}

bool any_less_equal(rt_list left, rt_list right) noexcept {
  return any_pair(left, right, [](const rt_value& a, const rt_value& b) {
    const Order order = order_values(a, b);
    return order == Order::less || order == Order::equal;
  });
}

bool any_same(rt_list left, rt_list right, TextRule rule) noexcept {
  return any_pair(left, right, [&](const rt_value& a, const rt_value& b) { return same(a, b, rule); });
}

bool any_same_address(rt_list left, rt_list right) noexcept {
  return any_pair_of_spellings(left, right, [](std::string_view a, std::string_view b) {
    if (equal(a, b, TextRule{})) return true;
    const std::optional<Address> address = parse_address(a);
    return address && address == parse_address(b);
  });
}

bool any_part(rt_list left, rt_list right, TextRule rule) noexcept {
  return any_pair_of_spellings(left, right,
                               [&](std::string_view a, std::string_view b) { return contains(a, b, rule); });
}

bool any_start(rt_list left, rt_list right, TextRule rule) noexcept {
  return any_pair_of_spellings(
      left, right, [&](std::string_view a, std::string_view b) { return starts_with(a, b, rule); });
}

bool any_end(rt_list left, rt_list right, TextRule rule) noexcept {
  return any_pair_of_spellings(left, right,
                               [&](std::string_view a, std::string_view b) { return ends_with(a, b, rule); });
}

bool any_below(rt_list left, rt_list right) noexcept {
  return any_pair_of_spellings(left, right,
                               [](std::string_view a, std::string_view b) { return below(a, b); });
}

bool anywhere(const TextSet& set, const void* document) noexcept {
  return any_leaf(
      document,
      [](const void* context, std::string_view text) {
        return static_cast<const TextSet*>(context)->matches(text);
      },
      &set);
}

bool anywhere(const Pattern& pattern, const void* document) noexcept {
  return any_leaf(
      document,
      [](const void* context, std::string_view text) {
        return static_cast<const Pattern*>(context)->matches(text);
      },
      &pattern);
}

// ---- functions
// ----------------------------------------------------------------------------------------------------

rt_list apply(Function function, std::span<const rt_list> lists, ResultArena& arena) noexcept {
  constexpr size_t kMaxArguments = 3;
  uint64_t combinations = 1;
  for (const rt_list& list : lists) {
    combinations = std::min<uint64_t>(combinations * list.count, uint64_t{kMaxCombinations} << 16);
  }
  combinations = std::min<uint64_t>(combinations, kMaxCombinations);
  if (combinations == 0 || lists.size() > kMaxArguments) return {};

  rt_value* const results = arena.take_array<rt_value>(combinations);
  uint32_t count = 0;
  std::array<uint32_t, kMaxArguments> at = {};
  std::array<rt_value, kMaxArguments> arguments;
  for (uint64_t n = 0; n < combinations; ++n) {
    for (size_t i = 0; i < lists.size(); ++i) arguments[i] = lists[i].values[at[i]];
    rt_value result{};
    if (function(arguments.data(), arena, result)) results[count++] = result;
    for (size_t i = lists.size(); i-- > 0;) {
      if (++at[i] < lists[i].count) break;
      at[i] = 0;
    }
  }
  return {results, count};
}

rt_list lookup(const LookupTable& table, bool networks, const rt_value* rows, rt_list of,
               ResultArena& arena) noexcept {
  rt_value* const results = of.count == 0 ? nullptr : arena.take_array<rt_value>(of.count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < of.count; ++i) {
    Spelling spelling;
    const std::string_view text = text_of(of.values[i], spelling);
    if (text.data() == nullptr) continue;
    uint32_t row = LookupTable::kNoRow;
    if (!networks) {
      row = table.find_domain(text);
    } else if (const std::optional<Address> address = parse_address(text)) {
      row = table.find(*address);
    }
    if (row != LookupTable::kNoRow) results[count++] = rows[row];
  }
  return {results, count};
}

std::optional<uint32_t> count_values(rt_list of) noexcept {
  uint32_t count = 0;
  bool there = false;
  for (uint32_t i = 0; i < of.count; ++i) {
    count += nothing(of.values[i]) ? 0 : 1;
    there = there || of.values[i].kind != RT_NULL;
  }
  return there ? std::optional(count) : std::nullopt;
}

}  // namespace weir::match::operations
