// The functions of the language over rt_values: which kinds they take, and what they leave out.
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "runtime/match/functions.h"
#include "runtime/match/json_unescape.h"
#include "runtime/match/operations.h"

namespace weir::match::operations {
namespace {

// The text of an argument. A function that gives a part of its argument gives it through part_of(): the part
// may lie in the spelling, which does not last.
struct Argument {
  explicit Argument(const rt_value& value) : text(text_of(value, spelling)) {}
  bool ok() const { return text.data() != nullptr; }
  bool in_spelling(std::string_view part) const {
    return part.data() >= spelling.buffer && part.data() < spelling.buffer + sizeof spelling.buffer;
  }

  Spelling spelling;
  std::string_view text;
};

rt_value part_of(const Argument& argument, std::string_view part, ResultArena& arena) {
  return text_value(argument.in_spelling(part) ? arena.keep(part) : part);
}

bool give(rt_value value, rt_value& result) {
  result = value;
  return true;
}

bool give_real(double real, rt_value& result) {
  if (!std::isfinite(real)) return false;
  result.real = real == 0 ? 0.0 : real;
  result.kind = RT_REAL;
  return true;
}

template <typename Part>
bool part_of_text(const rt_value& value, ResultArena& arena, rt_value& result, Part part) {
  const Argument argument(value);
  if (!argument.ok()) return false;
  const std::optional<std::string_view> found = part(argument.text);
  return found && give(part_of(argument, *found, arena), result);
}

template <typename Test>
bool test_of_text(const rt_value& value, rt_value& result, Test test) {
  const Argument argument(value);
  return argument.ok() && give(boolean_value(test(argument.text)), result);
}

std::optional<Address> address_of(const rt_value& value) {
  const Argument argument(value);
  return argument.ok() ? parse_address(argument.text) : std::nullopt;
}

// A time, or a text that is one: parts without a schema have no other.
std::optional<Calendar> calendar_of(const rt_value& value) {
  if (value.kind == RT_TIME) return calendar(value.integer);
  if (value.kind != RT_TEXT) return std::nullopt;
  const std::optional<int64_t> time = parse_time({value.data, value.size});
  return time ? std::optional(calendar(*time)) : std::nullopt;
}

template <typename Part>
bool part_of_time(const rt_value& value, rt_value& result, Part part) {
  const std::optional<Calendar> parts = calendar_of(value);
  return parts && give(integer_value(part(*parts)), result);
}

bool is_number(const rt_value& value) { return value.kind == RT_INT || value.kind == RT_REAL; }
double real_of(const rt_value& value) {
  return value.kind == RT_INT ? static_cast<double>(value.integer) : value.real;
}

// A length of time times a number; what leaves 64 bits has no result.
bool scale(int64_t span, const rt_value& by, rt_value& result) {
  int64_t scaled = 0;
  if (by.kind == RT_INT) {
    return !__builtin_mul_overflow(span, by.integer, &scaled) && give(span_value(scaled), result);
  }
  const double product = std::nearbyint(static_cast<double>(span) * by.real);
  constexpr double kLimit = 9223372036854775808.0;
  if (!(product >= -kLimit && product < kLimit)) return false;
  return give(span_value(static_cast<int64_t>(product)), result);
}

// -?digits(.digits)?([eE][+-]?digits)?
bool is_decimal(std::string_view text) {
  size_t at = 0;
  const auto digits = [&] {
    const size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > begin;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.' && (++at, !digits())) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

}  // namespace

#define WEIR_FUNCTION(name)                                                                  \
  bool name([[maybe_unused]] const rt_value* arguments, [[maybe_unused]] ResultArena& arena, \
            rt_value& result) noexcept

// ---- texts
// --------------------------------------------------------------------------------------------------------

WEIR_FUNCTION(length) {
  const Argument argument(arguments[0]);
  return argument.ok() && give(integer_value(match::length(argument.text)), result);
}

WEIR_FUNCTION(lower) {
  const Argument argument(arguments[0]);
  return argument.ok() && give(text_value(arena.keep(match::lower(argument.text))), result);
}

WEIR_FUNCTION(entropy) {
  const Argument argument(arguments[0]);
  return argument.ok() && give_real(match::entropy(argument.text), result);
}

WEIR_FUNCTION(digit_ratio) {
  const Argument argument(arguments[0]);
  return argument.ok() && give_real(match::digit_ratio(argument.text), result);
}

WEIR_FUNCTION(is_base64) { return test_of_text(arguments[0], result, match::is_base64); }
WEIR_FUNCTION(is_base32) { return test_of_text(arguments[0], result, match::is_base32); }
WEIR_FUNCTION(is_hex) { return test_of_text(arguments[0], result, match::is_hex); }

WEIR_FUNCTION(part) {
  const Argument separator(arguments[1]);
  if (!separator.ok() || separator.text.empty() || arguments[2].kind != RT_INT) return false;
  return part_of_text(arguments[0], arena, result, [&](std::string_view text) {
    return match::part(text, separator.text, arguments[2].integer);
  });
}

WEIR_FUNCTION(json_text) {
  const rt_value& value = arguments[0];
  if (value.kind == RT_OBJECT || value.kind == RT_ARRAY) {
    if (value.size == 0) return false;
    char* const buffer = static_cast<char*>(arena.take(value.size));
    return give(text_value({buffer, unescape_json({value.data, value.size}, buffer)}), result);
  }
  return part_of_text(value, arena, result, [&](std::string_view text) {
    if (!may_be_json(text)) return std::optional(text);
    char* const copy = static_cast<char*>(arena.take(text.size()));
    std::memcpy(copy, text.data(), text.size());
    return std::optional(std::string_view(copy, compact_json(copy, text.size())));
  });
}

WEIR_FUNCTION(as_number) {
  if (is_number(arguments[0])) return give(arguments[0], result);
  if (arguments[0].kind != RT_TEXT) return false;
  const std::string_view text(arguments[0].data, arguments[0].size);
  if (!is_decimal(text)) return false;
  int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error == std::errc() && end == text.data() + text.size()) return give(integer_value(integer), result);
  double real = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), real).ec != std::errc()) return false;
  return give_real(real, result);
}

// ---- domains
// ------------------------------------------------------------------------------------------------------

WEIR_FUNCTION(labels) {
  const Argument argument(arguments[0]);
  return argument.ok() && give(integer_value(match::labels(argument.text)), result);
}

WEIR_FUNCTION(label) {
  if (arguments[1].kind != RT_INT) return false;
  return part_of_text(arguments[0], arena, result,
                      [&](std::string_view text) { return match::label(text, arguments[1].integer); });
}

WEIR_FUNCTION(longest_label) {
  return part_of_text(arguments[0], arena, result,
                      [](std::string_view text) { return std::optional(match::longest_label(text)); });
}

WEIR_FUNCTION(public_suffix) { return part_of_text(arguments[0], arena, result, match::public_suffix); }
WEIR_FUNCTION(registered_domain) {
  return part_of_text(arguments[0], arena, result, match::registered_domain);
}
WEIR_FUNCTION(subdomain) { return part_of_text(arguments[0], arena, result, match::subdomain); }

// ---- addresses
// ----------------------------------------------------------------------------------------------------

WEIR_FUNCTION(is_private) {
  const std::optional<Address> address = address_of(arguments[0]);
  return address && give(boolean_value(match::is_private(*address)), result);
}

WEIR_FUNCTION(ip_version) {
  const std::optional<Address> address = address_of(arguments[0]);
  return address && give(integer_value(match::ip_version(*address)), result);
}

// ---- times
// --------------------------------------------------------------------------------------------------------

WEIR_FUNCTION(minute) {
  return part_of_time(arguments[0], result, [](const Calendar& parts) { return parts.minute; });
}
WEIR_FUNCTION(hour) {
  return part_of_time(arguments[0], result, [](const Calendar& parts) { return parts.hour; });
}
WEIR_FUNCTION(day) {
  return part_of_time(arguments[0], result, [](const Calendar& parts) { return parts.day; });
}
WEIR_FUNCTION(weekday) {
  return part_of_time(arguments[0], result, [](const Calendar& parts) { return parts.weekday; });
}
WEIR_FUNCTION(week) {
  return part_of_time(arguments[0], result, [](const Calendar& parts) { return parts.week; });
}
WEIR_FUNCTION(month) {
  return part_of_time(arguments[0], result, [](const Calendar& parts) { return parts.month; });
}
WEIR_FUNCTION(year) {
  return part_of_time(arguments[0], result, [](const Calendar& parts) { return parts.year; });
}

// ---- arithmetic
// ---------------------------------------------------------------------------------------------------

WEIR_FUNCTION(add) {
  const rt_value &a = arguments[0], &b = arguments[1];
  int64_t sum = 0;
  if (a.kind == RT_INT && b.kind == RT_INT) {
    if (!__builtin_add_overflow(a.integer, b.integer, &sum)) return give(integer_value(sum), result);
  }
  if (is_number(a) && is_number(b)) return give_real(real_of(a) + real_of(b), result);
  const bool spans = a.kind == RT_SPAN && b.kind == RT_SPAN;
  const bool time = (a.kind == RT_TIME && b.kind == RT_SPAN) || (a.kind == RT_SPAN && b.kind == RT_TIME);
  if ((!spans && !time) || __builtin_add_overflow(a.integer, b.integer, &sum)) return false;
  return give(spans ? span_value(sum) : time_value(sum, arena), result);
}

WEIR_FUNCTION(subtract) {
  const rt_value &a = arguments[0], &b = arguments[1];
  int64_t difference = 0;
  if (a.kind == RT_INT && b.kind == RT_INT) {
    if (!__builtin_sub_overflow(a.integer, b.integer, &difference))
      return give(integer_value(difference), result);
  }
  if (is_number(a) && is_number(b)) return give_real(real_of(a) - real_of(b), result);
  const bool span = a.kind == b.kind && (a.kind == RT_SPAN || a.kind == RT_TIME);
  const bool time = a.kind == RT_TIME && b.kind == RT_SPAN;
  if ((!span && !time) || __builtin_sub_overflow(a.integer, b.integer, &difference)) return false;
  return give(span ? span_value(difference) : time_value(difference, arena), result);
}

WEIR_FUNCTION(multiply) {
  const rt_value &a = arguments[0], &b = arguments[1];
  if (a.kind == RT_INT && b.kind == RT_INT) {
    int64_t product = 0;
    if (!__builtin_mul_overflow(a.integer, b.integer, &product)) return give(integer_value(product), result);
  }
  if (is_number(a) && is_number(b)) return give_real(real_of(a) * real_of(b), result);
  if (a.kind == RT_SPAN && is_number(b)) return scale(a.integer, b, result);
  return is_number(a) && b.kind == RT_SPAN && scale(b.integer, a, result);
}

WEIR_FUNCTION(divide) {
  const rt_value &a = arguments[0], &b = arguments[1];
  if (is_number(a) && is_number(b)) return real_of(b) != 0 && give_real(real_of(a) / real_of(b), result);
  if (a.kind != RT_SPAN || b.kind != RT_SPAN || b.integer == 0) return false;
  return give_real(static_cast<double>(a.integer) / static_cast<double>(b.integer), result);
}

#undef WEIR_FUNCTION

}  // namespace weir::match::operations
