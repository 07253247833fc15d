// One JSON value → one rt_value, as its slot wants it (projection.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/match/abi.h"
#include "runtime/match/json_value.h"
#include "runtime/match/projection.h"

namespace weir::match {

std::string_view copy_into(Arena& arena, std::string_view text);

// Each fills `out`, whose bytes are zero. (In place: a value that is put together and then copied stalls the
// copy.)
void set_text(rt_value& out, std::string_view text, Want want);
void set_boolean(rt_value& out, bool truth, Want want);
void set_number(rt_value& out, const JsonNumber& number, Want want, Arena& arena);
void set_whole(rt_value& out, rt_kind kind, std::string_view compact_json, Arena& arena);

// `value` is no array; of an object no more than that it is one is told. With `copy`, texts go into the
// arena: the document does not outlive the walk.
template <class Value>
void set_value(rt_value& out, const Value& value, Want want, Arena& arena, bool copy) {
  switch (value.kind()) {
    case JsonKind::text: {
      const std::string_view text = value.text(arena);
      return set_text(out, copy ? copy_into(arena, text) : text, want);
    }
    case JsonKind::boolean:
      return set_boolean(out, value.truth(), want);
    case JsonKind::number:
      return set_number(out, value.number(), want, arena);
    case JsonKind::object:
      out.kind = RT_OBJECT;
      return;
    default:
      out.kind = RT_NULL;
  }
}

// A time as a source writes it: RFC 3339, or a number.
std::optional<int64_t> read_time(std::string_view text);

}  // namespace weir::match
