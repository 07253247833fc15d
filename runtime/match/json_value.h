// A value of a JSON document, whichever way the document was read: what the walk, the conversions and the
// hash ask of it. Two types have this interface: DomValue (here, over simdjson's DOM) and Cursor (over one's
// own structure).
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory_resource>
#include <string_view>

namespace weir::match {

using Arena = std::pmr::monotonic_buffer_resource;

enum class JsonKind : uint8_t { object, array, text, number, boolean, null };

struct JsonNumber {
  enum class Kind : uint8_t { integer, natural, real };  // natural: beyond the largest int64_t
  Kind kind = Kind::integer;
  union {
    int64_t integer = 0;
    uint64_t natural;
    double real;
  };
};

class DomValue {
 public:
  DomValue() = default;
  DomValue(simdjson::dom::element element) : element_(element) {}

  struct Member {
    std::string_view key;  // good until the next member is read
    simdjson::dom::element value;
  };

  JsonKind kind() const {
    using Type = simdjson::dom::element_type;
    switch (element_.type()) {
      case Type::OBJECT:
        return JsonKind::object;
      case Type::ARRAY:
        return JsonKind::array;
      case Type::STRING:
        return JsonKind::text;
      case Type::BOOL:
        return JsonKind::boolean;
      case Type::NULL_VALUE:
        return JsonKind::null;
      default:
        return JsonKind::number;
    }
  }

  // Each of these only of a value of that kind.
  simdjson::dom::array items() const { return element_.get_array().value_unsafe(); }
  bool truth() const { return element_.get_bool().value_unsafe(); }
  std::string_view text(Arena&) const { return text(); }  // good as long as the document and the arena
  std::string_view text() const { return element_.get_string().value_unsafe(); }  // good until the next call
  JsonNumber number() const {
    JsonNumber number;
    if (element_.is_int64()) {
      number.integer = element_.get_int64().value_unsafe();
    } else if (element_.is_uint64()) {
      number.kind = JsonNumber::Kind::natural;
      number.natural = element_.get_uint64().value_unsafe();
    } else {
      number.kind = JsonNumber::Kind::real;
      number.real = element_.get_double().value_unsafe();
    }
    return number;
  }
  // Calls see(key, value) for every member, in the order of the record, duplicates included.
  template <class See>
  void each_member(const See& see) const {
    const simdjson::dom::object object = element_.get_object().value_unsafe();
    for (const auto field : object) see(field.key, DomValue(field.value));
  }

  simdjson::dom::element element() const { return element_; }

 private:
  simdjson::dom::element element_;
};

}  // namespace weir::match
