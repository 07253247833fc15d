// What each operation of the IR does to values, without the IR: the one place that both engines call, so that
// they cannot disagree. compiler/ir.def says what the operations are.
//
// All are total, and none throws. A predicate looks at every value of a list, and holds when it holds for
// any; a function is applied to every value, and leaves out those it has no result for. Of operations on
// several lists at most kMaxCombinations combinations are looked at, the last list changing fastest.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "runtime/match/abi.h"
#include "runtime/match/regex.h"
#include "runtime/match/result_arena.h"
#include "runtime/match/sets.h"
#include "runtime/match/text.h"

namespace weir::match::operations {

inline constexpr uint32_t kMaxCombinations = 65536;

// ---- values
// ---------------------------------------------------------------------------------------------------

rt_value text_value(std::string_view text);  // borrows
rt_value integer_value(int64_t value);
rt_value boolean_value(bool value);
rt_value span_value(int64_t microseconds);
// Times carry their spelling: here the canonical one, in the arena.
rt_value time_value(int64_t microseconds, ResultArena& arena);

// The text by which a value is compared: of texts and times their bytes, of numbers the spelling in the
// record, or else the canonical one, of booleans `true` and `false`. The rest has none (null data).
struct Spelling {
  char buffer[48];
};
std::string_view spelled(const rt_value& value, Spelling& spelling) noexcept;
inline std::string_view text_of(const rt_value& value, Spelling& spelling) noexcept {
  if (value.kind == RT_TEXT) return {value.data != nullptr ? value.data : "", value.size};
  return spelled(value, spelling);
}

// ---- predicates on one list
// -------------------------------------------------------------------------------------

bool any_text(const TextSet& set, rt_list of) noexcept;
bool any_text(const Pattern& pattern, rt_list of) noexcept;
bool any_text(const Regex& regex, bool domain, rt_list of) noexcept;  // domain: a final dot is not looked at
bool any_address(const NetworkSet& set, rt_list of) noexcept;
bool any_number(const NumberSet& set, rt_list of) noexcept;
bool any_of_kind(rt_kind kind, rt_list of) noexcept;
bool nothing_there(rt_list of) noexcept;  // no value, or a null, or an empty array
bool all_nothing(rt_list of) noexcept;    // no value that is neither null nor an empty array

// ---- predicates on two lists
// ------------------------------------------------------------------------------------

bool any_less(rt_list left, rt_list right) noexcept;
bool any_less_equal(rt_list left, rt_list right) noexcept;
bool any_same(rt_list left, rt_list right, TextRule rule) noexcept;
bool any_same_address(rt_list left, rt_list right) noexcept;
bool any_part(rt_list left, rt_list right, TextRule rule) noexcept;  // left contains right
bool any_start(rt_list left, rt_list right, TextRule rule) noexcept;
bool any_end(rt_list left, rt_list right, TextRule rule) noexcept;
bool any_below(rt_list left, rt_list right) noexcept;

// The search through a whole event.
bool anywhere(const TextSet& set, const void* document) noexcept;
bool anywhere(const Pattern& pattern, const void* document) noexcept;

// ---- functions
// --------------------------------------------------------------------------------------------------

// False: no result. `arguments` has as many values as the function takes.
using Function = bool (*)(const rt_value* arguments, ResultArena& arena, rt_value& result) noexcept;

rt_list apply(Function function, std::span<const rt_list> lists, ResultArena& arena) noexcept;

// Named as in ir.def.
#define WEIR_FUNCTION(name) \
  bool name(const rt_value* arguments, ResultArena& arena, rt_value& result) noexcept
WEIR_FUNCTION(length);
WEIR_FUNCTION(lower);
WEIR_FUNCTION(entropy);
WEIR_FUNCTION(digit_ratio);
WEIR_FUNCTION(is_base64);
WEIR_FUNCTION(is_base32);
WEIR_FUNCTION(is_hex);
WEIR_FUNCTION(labels);
WEIR_FUNCTION(label);
WEIR_FUNCTION(longest_label);
WEIR_FUNCTION(public_suffix);
WEIR_FUNCTION(registered_domain);
WEIR_FUNCTION(subdomain);
WEIR_FUNCTION(is_private);
WEIR_FUNCTION(ip_version);
WEIR_FUNCTION(part);
WEIR_FUNCTION(json_text);
WEIR_FUNCTION(minute);
WEIR_FUNCTION(hour);
WEIR_FUNCTION(day);
WEIR_FUNCTION(weekday);
WEIR_FUNCTION(week);
WEIR_FUNCTION(month);
WEIR_FUNCTION(year);
WEIR_FUNCTION(add);
WEIR_FUNCTION(subtract);
WEIR_FUNCTION(multiply);
WEIR_FUNCTION(divide);
WEIR_FUNCTION(as_number);
#undef WEIR_FUNCTION

// The rows are `values`, by the numbers that the table knows them by.
rt_list lookup(const LookupTable& table, bool networks, const rt_value* rows, rt_list of,
               ResultArena& arena) noexcept;

// Nulls are none, and an empty array has none; of nothing, or of nulls alone, there is no number.
std::optional<uint32_t> count_values(rt_list of) noexcept;

}  // namespace weir::match::operations
