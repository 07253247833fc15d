// The conversions that a schema's types ask for. What does not convert is kept as it is.
#include "runtime/match/decode_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "runtime/match/functions.h"
#include "runtime/match/text.h"
#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

constexpr double kMillisecondsAbove = 1e11;  // as seconds: the year 5138

void spell(rt_value& out, std::string_view text) {
  out.data = text.data();
  out.size = static_cast<uint32_t>(text.size());
  if (is_ascii(text)) out.flags = RT_ASCII;
}

void set_integer(rt_value& out, rt_kind kind, int64_t integer) {
  out.kind = static_cast<uint8_t>(kind);
  out.integer = integer;
}

void set_real(rt_value& out, double real) {
  out.kind = RT_REAL;
  out.real = real;
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

std::optional<double> read_real(std::string_view text) {
  const auto number = read_number<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<int64_t> time_of(int64_t number) {
  int64_t microseconds = 0;
  const int64_t unit = std::abs(static_cast<double>(number)) > kMillisecondsAbove ? 1000 : 1'000'000;
  if (__builtin_mul_overflow(number, unit, &microseconds)) return std::nullopt;
  return microseconds;
}

std::optional<int64_t> time_of(double number) {
  // A whole number is one time, with a point or without: as a double it would lose microseconds.
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (std::abs(number) < kTwoTo63 && number == std::trunc(number)) {
    return time_of(static_cast<int64_t>(number));
  }
  const double microseconds = number * (std::abs(number) > kMillisecondsAbove ? 1e3 : 1e6);
  if (!(std::abs(microseconds) < 9.2e18)) return std::nullopt;
  return std::llround(microseconds);
}

void set_integer_as(rt_value& out, int64_t integer, Want want, Arena& arena) {
  if (want == Want::integer) return set_integer(out, RT_INT, integer);
  if (want == Want::real) return set_real(out, static_cast<double>(integer));
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), integer).ptr;
  spell(out, copy_into(arena, {digits, static_cast<size_t>(end - digits)}));
  const auto time = want == Want::time ? time_of(integer) : std::nullopt;
  if (want == Want::text) {
    out.kind = RT_TEXT;
  } else if (time) {
    set_integer(out, RT_TIME, *time);
  } else {
    set_integer(out, RT_INT, integer);
  }
}

void set_real_as(rt_value& out, double real, std::string_view spelling, Want want, Arena& arena) {
  spell(out, copy_into(arena, spelling));
  const auto time = want == Want::time ? time_of(real) : std::nullopt;
  if (want == Want::text) {
    out.kind = RT_TEXT;
  } else if (time) {
    set_integer(out, RT_TIME, *time);
  } else {
    set_real(out, real);
  }
}

}  // namespace

std::string_view copy_into(Arena& arena, std::string_view text) {
  if (text.empty()) return "";
  char* const place = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

void set_text(rt_value& out, std::string_view text, Want want) {
  switch (want) {
    case Want::boolean:
      if (text == "false") return set_boolean(out, false, want);  // as it is nearly always written
      if (equal(text, "true", {})) return set_boolean(out, true, want);
      if (equal(text, "false", {})) return set_boolean(out, false, want);
      break;
    case Want::integer:
      if (const auto integer = read_number<int64_t>(text)) {
        set_integer(out, RT_INT, *integer);
        return spell(out, text);
      }
      break;
    case Want::real:
      if (const auto real = read_real(text)) {
        set_real(out, *real);
        return spell(out, text);
      }
      break;
    case Want::time:
      if (const auto time = read_time(text)) {
        set_integer(out, RT_TIME, *time);
        return spell(out, text);
      }
      break;
    default:
      break;
  }
  out.kind = RT_TEXT;
  spell(out, text);
}

void set_boolean(rt_value& out, bool truth, Want want) {
  if (want == Want::text) {
    out.kind = RT_TEXT;
    spell(out, truth ? "true" : "false");
  } else {
    out.kind = truth ? RT_TRUE : RT_FALSE;
  }
}

void set_number(rt_value& out, const JsonNumber& number, Want want, Arena& arena) {
  switch (number.kind) {
    case JsonNumber::Kind::integer:
      return set_integer_as(out, number.integer, want, arena);
    case JsonNumber::Kind::natural:
      return set_real_as(out, static_cast<double>(number.natural), fmt::format_int(number.natural).c_str(),
                         want, arena);
    case JsonNumber::Kind::real:
      return set_real_as(out, number.real, format_real(number.real), want, arena);
  }
}

void set_whole(rt_value& out, rt_kind kind, std::string_view compact_json, Arena& arena) {
  const std::string_view json = copy_into(arena, compact_json);
  out.kind = static_cast<uint8_t>(kind);
  out.data = json.data();
  out.size = static_cast<uint32_t>(json.size());
}

std::optional<int64_t> read_time(std::string_view text) {
  if (const auto time = parse_time(text)) return time;
  if (const auto integer = read_number<int64_t>(text)) return time_of(*integer);
  if (const auto real = read_real(text)) return time_of(*real);
  return std::nullopt;
}

}  // namespace weir::match
