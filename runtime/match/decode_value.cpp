// The conversions that a schema's types ask for. What does not convert is kept as it is.
#include "runtime/match/decode_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>

#include "runtime/match/document.h"
#include "runtime/match/functions.h"
#include "runtime/match/text.h"

namespace weir::match {
namespace {

namespace dom = simdjson::dom;

constexpr double kMillisecondsAbove = 1e11;  // as seconds: the year 5138

rt_value make(rt_kind kind) {
  rt_value value{};
  value.kind = static_cast<uint8_t>(kind);
  return value;
}

rt_value with_text(rt_value value, std::string_view text) {
  value.data = text.data();
  value.size = static_cast<uint32_t>(text.size());
  return value;
}

rt_value make_integer(int64_t integer) {
  rt_value value = make(RT_INT);
  value.integer = integer;
  return value;
}

rt_value make_real(double real) {
  rt_value value = make(RT_REAL);
  value.real = real;
  return value;
}

rt_value make_time(int64_t microseconds) {
  rt_value value = make(RT_TIME);
  value.integer = microseconds;
  return value;
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

rt_value from_text(std::string_view text, Want want) {
  switch (want) {
    case Want::integer:
      if (const auto integer = read_number<int64_t>(text)) return with_text(make_integer(*integer), text);
      break;
    case Want::real:
      if (const auto real = read_real(text)) return with_text(make_real(*real), text);
      break;
    case Want::boolean:
      if (equal(text, "true", {})) return make(RT_TRUE);
      if (equal(text, "false", {})) return make(RT_FALSE);
      break;
    case Want::time:
      if (const auto time = read_time(text)) return with_text(make_time(*time), text);
      break;
    default:
      break;
  }
  return with_text(make(RT_TEXT), text);
}

rt_value from_boolean(bool truth, Want want) {
  if (want == Want::text) return with_text(make(RT_TEXT), truth ? "true" : "false");
  return make(truth ? RT_TRUE : RT_FALSE);
}

rt_value from_integer(int64_t integer, Want want, Arena& arena) {
  if (want == Want::integer) return make_integer(integer);
  if (want == Want::real) return make_real(static_cast<double>(integer));
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), integer).ptr;
  const std::string_view spelling = copy_into(arena, {digits, static_cast<size_t>(end - digits)});
  if (want == Want::text) return with_text(make(RT_TEXT), spelling);
  if (want == Want::time) {
    if (const auto time = time_of(integer)) return with_text(make_time(*time), spelling);
  }
  return with_text(make_integer(integer), spelling);
}

rt_value from_real(double real, std::string_view spelled, Want want, Arena& arena) {
  const std::string_view spelling = copy_into(arena, spelled);
  if (want == Want::text) return with_text(make(RT_TEXT), spelling);
  if (want == Want::time) {
    if (const auto time = time_of(real)) return with_text(make_time(*time), spelling);
  }
  return with_text(make_real(real), spelling);
}

}  // namespace

std::string_view copy_into(Arena& arena, std::string_view text) {
  if (text.empty()) return "";
  char* const place = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

rt_value to_value(dom::element value, Want want, Arena& arena, bool copy) {
  switch (value.type()) {
    case dom::element_type::STRING: {
      const std::string_view text = as_text(value);
      return from_text(copy ? copy_into(arena, text) : text, want);
    }
    case dom::element_type::BOOL:
      return from_boolean(value.get_bool().value_unsafe(), want);
    case dom::element_type::INT64:
      return from_integer(value.get_int64().value_unsafe(), want, arena);
    case dom::element_type::UINT64: {
      const uint64_t natural = value.get_uint64().value_unsafe();
      return from_real(static_cast<double>(natural), fmt::format_int(natural).c_str(), want, arena);
    }
    case dom::element_type::DOUBLE: {
      const double real = value.get_double().value_unsafe();
      return from_real(real, format_real(real), want, arena);
    }
    case dom::element_type::OBJECT:
      return make(RT_OBJECT);
    default:
      return make(RT_NULL);
  }
}

rt_value to_whole(dom::element value, Arena& arena) {
  std::string json;
  append_compact(json, value);
  return with_text(make(value.is_object() ? RT_OBJECT : RT_ARRAY), copy_into(arena, json));
}

rt_value empty_array() { return make(RT_ARRAY); }

std::optional<int64_t> read_time(std::string_view text) {
  if (const auto time = parse_time(text)) return time;
  if (const auto integer = read_number<int64_t>(text)) return time_of(*integer);
  if (const auto real = read_real(text)) return time_of(*real);
  return std::nullopt;
}

}  // namespace weir::match
