// What of an event is read: the paths that the pack names, as one tree of keys per source, so that a decoder
// makes one pass over the keys of a record. Compiled from the pack; used by runtime/match/decode.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::match {

// How a slot wants its values: the type that the schema declares.
enum class Want : uint8_t {
  text,     // string, ip, domain: numbers and booleans become their spelling
  integer,  // a text that is a decimal integer becomes one; anything else is kept as it is
  real,
  boolean,  // a text "true" or "false" in any case becomes one
  time,     // RFC 3339 text, or a number: seconds, above 1e11 milliseconds
  any,      // a part that the schema does not shape: each value as it is
  raw,      // as any, but an object or array, empty or not, is one value with its compact JSON
            // (json_text, alert fields)
};

inline constexpr uint32_t kNone = UINT32_MAX;

struct Step {
  enum class Kind : uint8_t { key, index };
  Kind kind = Kind::key;
  std::string key;
  int32_t index = 0;  // with Kind::index; negative counts from the end. What is no array is its only element.
  bool operator==(const Step&) const = default;
};

struct AxisSpec {
  uint32_t parent = 0;      // axis 0 is the event
  std::vector<Step> path;   // from an element of the parent to the array
  // Elements: those of the array. A value that is no array is one element. When nothing is there (or null), there
  // is no element, or, with `or_self`, one element without any values (a block after a path that is no array).
  bool or_self = false;
  bool operator==(const AxisSpec&) const = default;
};

struct SlotSpec {
  uint32_t axis = 0;
  std::vector<Step> path;  // from an element of the axis; empty is the element itself
  Want want = Want::any;
  bool operator==(const SlotSpec&) const = default;
};

// Arrays that a path crosses without an index step are flattened into the slot (at any depth). A path that
// goes on below a text looks into the text, if it is JSON.
struct Projection {
  std::vector<AxisSpec> axes = {AxisSpec{}};  // [0] is the event
  std::vector<SlotSpec> slots;
};

}  // namespace weir::match
