// What is asked of a whole JSON document. Everywhere of duplicate keys the last wins, at its own place.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace weir::match {

// What an element is known to be, by value: a loop over `value.get_array().value_unsafe()` would outlive it.
inline simdjson::dom::array as_array(simdjson::dom::element value) {
  return value.get_array().value_unsafe();
}
inline simdjson::dom::object as_object(simdjson::dom::element value) {
  return value.get_object().value_unsafe();
}
inline std::string_view as_text(simdjson::dom::element value) { return value.get_string().value_unsafe(); }

void append_compact(std::string& out, simdjson::dom::element value);

}  // namespace weir::match
