// Texts, numbers, lengths of time, dates and JSON.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <limits>

#include "dsl/build.h"
#include "dsl/limits.h"
#include "dsl/literal.h"
#include "dsl/tokens.h"

namespace weir::dsl {
namespace {

std::string without_underscores(std::string_view digits) {
  std::string plain;
  for (char c : digits)
    if (c != '_' && c != '%') plain += c;
  return plain;
}

template <class T>
bool read(std::string_view digits, T& value) {
  return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc();
}

int64_t milliseconds(std::string_view unit) {
  if (unit == "ms") return 1;
  switch (unit[0]) {
    case 's':
      return 1000;
    case 'm':
      return 60'000;
    case 'h':
      return 3'600'000;
    case 'd':
      return 86'400'000;
    default:
      return 604'800'000;
  }
}

}  // namespace

void report_depth(Diagnostics& diagnostics, Span span) {
  diagnostics
      .add(Code::E112, fmt::format("nesting deeper than {}", kMaxNesting), span,
           fmt::format("level {} begins here", kMaxNesting + 1))
      .help("give the inner part a name of its own: a `let`, a selection, or a rule");
}

void Build::too_deep(const Node& node) { report_depth(out_, span(node)); }

void Build::too_large(const Node& node) {
  out_.add(Code::E114, fmt::format("{} is too large", spelling(node)), span(node),
           "more than 9,223,372,036,854,775,807");
}

Text Build::text(const Node& node) {
  if (const auto plain = plain_inside(spelling(node)))
    return {std::string(*plain), {}, quote_of(spelling(node)), span(node)};
  Decoded decoded = decode_literal(spelling(node));
  if (decoded.bad_point) {
    const uint32_t at = node.begin + *decoded.bad_point;
    const uint32_t end = uint32_t(text_.find('}', at)) + 1;
    out_.add(Code::E103, fmt::format("`{}` is no character", text_.substr(at, end - at)), where_(at, end),
             "Unicode ends at 10FFFF, and D800 to DFFF are halves of a character");
  }
  return {std::move(decoded.value), std::move(decoded.wildcards), quote_of(spelling(node)), span(node)};
}

Number Build::number(const Node& node) {
  const std::string_view written = spelling(node);
  const std::string digits = without_underscores(written);
  Number number;
  number.span = span(node);
  number.percent = written.ends_with('%');
  if (!read(digits, number.value))
    number.value =
        digits[0] == '-' ? -std::numeric_limits<double>::max() : std::numeric_limits<double>::max();
  if (number.percent) number.value /= 100;
  number.is_integer = !number.percent && digits.find('.') == std::string::npos;
  if (number.is_integer && !read(digits, number.integer)) {
    number.overflow = true;
    number.digits = digits;
  }
  return number;
}

int64_t Build::integer(const Node& node) {
  int64_t value = 0;
  if (!read(without_underscores(spelling(node)), value)) too_large(node);
  return value;
}

Duration Build::duration(const Node& node) {
  const std::string_view written = spelling(node);
  Duration duration;
  duration.span = span(node);
  for (size_t at = 0; at < written.size();) {
    const size_t unit = written.find_first_not_of("0123456789_", at);
    const size_t next = std::min(written.find_first_of("0123456789", unit), written.size());
    int64_t count = 0, part = 0;
    if (!read(without_underscores(written.substr(at, unit - at)), count) ||
        __builtin_mul_overflow(count, milliseconds(written.substr(unit, next - unit)), &part) ||
        __builtin_add_overflow(duration.ms, part, &duration.ms)) {
      out_.add(Code::E107, fmt::format("`{}` is too long", written), duration.span,
               "more than 292 million years");
      return duration;
    }
    at = next;
  }
  return duration;
}

Date Build::date(const Node& node) {
  const std::string_view written = spelling(node);
  Date date;
  date.span = span(node);
  read(written.substr(0, 4), date.year);
  read(written.substr(5, 2), date.month);
  read(written.substr(8, 2), date.day);
  namespace chrono = std::chrono;
  const chrono::year_month month{chrono::year(date.year), chrono::month(unsigned(date.month))};
  if (chrono::year_month_day{month.year(), month.month(), chrono::day(unsigned(date.day))}.ok()) return date;
  std::string label = "a month is 01 to 12";
  if (month.month().ok()) {
    const auto last = chrono::year_month_day_last{month.year(), chrono::month_day_last{month.month()}};
    label = fmt::format("{:04}-{:02} has {} days, from 01", date.year, date.month, unsigned(last.day()));
  }
  out_.add(Code::E114, fmt::format("{} is not a day of the calendar", written), date.span, label);
  return date;
}

Json Build::json(const Node& node) {
  Json json;
  json.span = span(node);
  switch (node.kind) {
    case Kind::JsonString:
      json.kind = Json::Kind::string;
      json.text = decode_json_string(spelling(node));
      break;
    case Kind::JsonNumber:
      json.kind = Json::Kind::number;
      json.text = spelling(node);
      break;
    case Kind::JsonTrue:
    case Kind::JsonFalse:
      json.kind = Json::Kind::boolean;
      json.boolean = node.kind == Kind::JsonTrue;
      break;
    case Kind::JsonArray:
      json.kind = Json::Kind::array;
      json.elements.reserve(node.size());
      for (const Node* child : node.children) json.elements.push_back(this->json(*child));
      break;
    case Kind::JsonObject:
      json.kind = Json::Kind::object;
      json.members.reserve(node.size());
      for (const Node* child : node.children) {
        const Node& member = *child;
        json.members.push_back(
            {decode_json_string(spelling(member[0])), span(member[0]), this->json(member[1])});
      }
      break;
    default:
      break;
  }
  return json;
}

}  // namespace weir::dsl
