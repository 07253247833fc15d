// Events as trees while they are made and made smaller: keys may stand twice, scalars are kept as they are
// written, and an object may be written as a text that holds JSON.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/constants.h"

namespace weir::differential {

struct Member;
struct Json {
  enum class Form : uint8_t { object, array, scalar };
  Form form = Form::object;
  std::vector<Member> members;
  std::vector<Json> items;
  std::string source;  // of a scalar
  bool embedded = false;
};
struct Member {
  std::string key;  // as written between its quotes
  Json value;
};

std::string to_text(const Json& json);
// `text` as JSON, some of it as \u escapes.
std::string json_string(Dice& dice, const std::string& text);
Json scalar(Dice& dice, const Scalar& value);

// Puts a value at a path, making what is missing on the way; of every array on the way it is element
// `element` (the last there is, and one more at most).
void put(Json& root, const std::vector<Segment>& path, Json value, uint32_t element);

// One change that makes the event another shape: a value of another type, an array or an object around it, a
// key twice, something left out.
void disturb(Dice& dice, Json& root, const std::string& kept_key);

}  // namespace weir::differential
