// The sources that generated packs are about: small schemas with every shape that a field can have, and the
// same as tables for the two generators.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::differential {

enum class Kind : uint8_t { text, domain, address, integer, real, boolean, time, span, json };

struct Segment {
  std::string name;
  bool array = false;     // written `name[]`
  bool embedded = false;  // written `name{}`: a text that holds JSON
};
std::vector<Segment> segments_of(std::string_view path);

struct Field {
  std::string path;  // "parts[].sub[].key"
  Kind kind = Kind::text;
  std::vector<std::string> known = {};  // no other constant is written in rules
};

struct Call {
  std::string service, name;
  std::vector<Field> fields;
};

struct Source {
  std::string name;
  std::vector<Field> fields;          // that events are made of
  std::vector<Field> derived;         // only for rules: made of others, or the event time
  std::vector<std::string> lists;     // what `size` and blocks are of: "parts[]", "parts[].sub[]"
  std::vector<std::string> objects;   // blocks that are only a prefix
  std::vector<std::string> unshaped;  // json parts: every name below one is a field of it
  std::vector<Call> calls;
  std::string time;                                           // the field that holds the event time
  std::vector<std::pair<std::string, std::string>> required;  // path and an ordinary value, without the time
  bool columns = false;  // events are lines of the fields, in their order

  bool is_derived(const Field& field) const;
};

const std::vector<Source>& sources();
// The declarations of all of them, as a rule file. They take the names of the shipped schemas, which would
// take longer to read than everything else.
const std::string& schema_text();

}  // namespace weir::differential
