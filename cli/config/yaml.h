// YAML → a tree in which every value knows its place. Strict: a key that stands twice, a tag, a second
// document, nesting and aliases without end are errors.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/source.h"

namespace weir::config {

inline constexpr int kMostDepth = 32;
inline constexpr size_t kMostNodes = 100'000;  // with what aliases stand for

struct Node {
  enum class Kind : uint8_t { scalar, list, map };
  Kind kind = Kind::scalar;
  dsl::Span span;
  std::string text;                            // scalar
  bool quoted = false;                         // scalar: `"5"` is a text, and `""` is not nothing
  std::vector<Node> items;                     // list
  std::vector<std::pair<Node, Node>> members;  // map; keys are scalars, each once

  bool is_nothing() const {
    return kind == Kind::scalar && !quoted && (text.empty() || text == "~" || text == "null");
  }
};

// Nothing when the file cannot be read as YAML; at least one error was added then. An empty file is an empty
// map. Places are those of `source`, which need not be in any map of sources yet.
std::optional<Node> parse_yaml(const std::string& text, dsl::SourceId source, dsl::Diagnostics& diagnostics);

}  // namespace weir::config
