// Printing values.
#include "runtime/correlate/value_text.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <string_view>

#include "runtime/match/functions.h"
#include "runtime/match/json.h"
#include "runtime/match/text.h"

namespace weir::correlate {
namespace {

std::string_view bytes_of(const rt_value& value) {
  return value.data ? std::string_view(value.data, value.size) : std::string_view();
}

bool is_whole(double real) { return std::trunc(real) == real && std::fabs(real) < 0x1p63; }

void append_number(int64_t number, std::string& out) {
  char digits[20];
  out.append(digits, std::to_chars(digits, std::end(digits), number).ptr);
}

// Kind and size stand before the text, so that no two different lists are the same bytes.
void append_part(uint8_t kind, std::string_view text, std::string& out) {
  char head[24];
  char* end = std::to_chars(head, std::end(head), kind).ptr;
  *end++ = ':';
  end = std::to_chars(end, std::end(head), text.size()).ptr;
  *end++ = ':';
  out.append(head, end);
  out += text;
}

void append_named_thing(std::string_view text, match::Identity identity, std::string& out) {
  if (identity == match::Identity::domain) return append_part(RT_TEXT, match::normal(text, {.domain = true}), out);
  if (identity == match::Identity::address)
    if (const auto address = match::parse_address(text))
      return append_part(RT_TEXT, {reinterpret_cast<const char*>(address->bytes), sizeof address->bytes}, out);
  append_part(RT_TEXT, text, out);
}

void append_one_identity(const rt_value& value, match::Identity identity, std::string& out) {
  if (value.kind == RT_TEXT) return append_named_thing(bytes_of(value), identity, out);
  std::string text;
  uint8_t kind = value.kind;
  if (kind == RT_REAL && is_whole(value.real)) {
    kind = RT_INT;
    append_number(static_cast<int64_t>(value.real), text);
  } else if (kind == RT_TIME) {
    append_number(value.integer, text);  // not as it is written: the offset may differ
  } else {
    append_text(value, text);
  }
  append_part(kind, text, out);
}

}  // namespace

void append_text(const rt_value& value, std::string& out) {
  switch (value.kind) {
    case RT_NULL:
      out += "null";
      break;
    case RT_FALSE:
      out += "false";
      break;
    case RT_TRUE:
      out += "true";
      break;
    case RT_INT:
      append_number(value.integer, out);
      break;
    case RT_REAL:
      out += match::format_real(value.real);
      break;
    case RT_TIME:
      if (value.data) {
        out += bytes_of(value);
      } else {
        out += match::format_time(value.integer);
      }
      break;
    case RT_SPAN:
      out += match::format_duration(value.integer);
      break;
    case RT_OBJECT:
      out += value.size > 0 ? bytes_of(value) : "{}";
      break;
    case RT_ARRAY:
      out += value.size > 0 ? bytes_of(value) : "[]";
      break;
    default:
      out += bytes_of(value);
      break;
  }
}

void append_json(const rt_value& value, std::string& out) {
  bool quoted = value.kind == RT_TEXT || value.kind == RT_TIME || value.kind == RT_SPAN;
  if (value.kind == RT_REAL && !std::isfinite(value.real)) {
    out += "null";  // JSON has no spelling for it
  } else if (quoted) {
    std::string text;
    append_text(value, text);
    match::append_json_string(out, text);
  } else {
    append_text(value, out);
  }
}

std::string json_of(rt_list list) {
  if (list.count == 0) return "null";
  std::string out;
  if (list.count > 1) out += '[';
  for (uint32_t i = 0; i < list.count; ++i) {
    if (i > 0) out += ',';
    append_json(list.values[i], out);
  }
  if (list.count > 1) out += ']';
  return out;
}

void append_identity(rt_list list, match::Identity identity, std::string& out) {
  append_number(list.count, out);
  out += ';';
  for (uint32_t i = 0; i < list.count; ++i) append_one_identity(list.values[i], identity, out);
}

}  // namespace weir::correlate
