// One JSON value → one rt_value, as its slot wants it (projection.h).
#pragma once

#include <simdjson.h>

#include <memory_resource>
#include <optional>
#include <string_view>

#include "runtime/match/abi.h"
#include "runtime/match/projection.h"

namespace weir::match {

using Arena = std::pmr::monotonic_buffer_resource;

std::string_view copy_into(Arena& arena, std::string_view text);

// `value` is no array. With `copy`, texts go into the arena: the document does not outlive the walk.
rt_value to_value(simdjson::dom::element value, Want want, Arena& arena, bool copy);

// What of an object or array is there to be seen: its compact JSON with Want::raw, else only that it is
// there.
rt_value to_whole(simdjson::dom::element value, Arena& arena);
rt_value empty_array();

// A time as a source writes it: RFC 3339, or a number.
std::optional<int64_t> read_time(std::string_view text);

}  // namespace weir::match
