// Every key of weir.yaml, as tables: the reader refuses what is not in them, and the JSON Schema for editors is made
// of them. A key is read in config.cpp and its neighbours, and stands here with what is known of its values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::config {

struct Shape;

struct Key {
  enum class Kind : uint8_t {
    text,
    texts,     // one, or a list
    secret,    // a text, {env: NAME} or {file: PATH}
    secrets,   // one, or a list
    headers,   // a map from names to secrets
    duration,
    size,
    number,    // least … most
    choice,
    levels,    // one, or a list: `high`, `">=high"`
    time,      // 2026-01-31T08:00:00Z
    group,     // a map from names of `group_by` to texts
    section,   // of one shape
    sections,  // a list of them
    named,     // a map from names to sections; which shape, their `type` says
  };
  const char* name;
  Kind kind;
  const char* says;  // for whoever edits the file
  bool required = false;
  const char* standard = nullptr;  // what holds without it
  uint64_t least = 0, most = 0;
  std::vector<const char*> choices;
  std::vector<const Shape*> shapes;  // section, sections: one; named: any of them
};

struct Shape {
  const char* name;  // of `named`: what `type` says
  std::vector<Key> keys;
  std::vector<std::pair<const char*, const char*>> needs = {};  // a key that means something only beside another

  const Key* find(std::string_view key) const;
  std::vector<std::string> names() const;
};

const Shape& whole_shape();  // of the file
const Shape& route_shape();
const Shape& silence_shape();
const Shape& store_shape();
const Shape& serve_shape();
const Shape& limits_shape();
const Shape& log_shape();
const Shape& tls_shape();
const Shape& secret_shape();
const std::vector<const Shape*>& source_shapes();
const std::vector<const Shape*>& sink_shapes();
const Shape& shape_named(const std::vector<const Shape*>& shapes, std::string_view type);  // it is there

inline constexpr const char* kNameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
inline constexpr size_t kLongestName = 60;  // of a source or a sink

}  // namespace weir::config
