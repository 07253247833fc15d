// From a tree of YAML to values: each read names its key, checks its kind, fills in variables and secrets;
// what nobody asked for is an unknown key.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/config/secrets.h"
#include "cli/config/shape.h"
#include "cli/config/yaml.h"

namespace weir::config {

// 250ms, 4h, 1h30m: microseconds.
std::optional<int64_t> read_duration(std::string_view text);
// As one writes them: `10s`, `64MiB`.
std::string duration_text(int64_t us);
std::string size_text(uint64_t bytes);

// Where variables and secrets come from: the process's own, or a test's.
struct Surroundings {
  std::function<std::optional<std::string>(const std::string& name)> variable;
  std::function<std::optional<std::string>(const std::string& path, std::string& problem)> file;
};

class Reader {
 public:
  // `secrets` are in no sentence that it adds, nor are those that it reads.
  Reader(dsl::Diagnostics& diagnostics, const Surroundings& surroundings, std::vector<std::string> secrets)
      : diagnostics_(diagnostics), surroundings_(surroundings), secrets_(std::move(secrets)) {}

  dsl::Diagnostic& add(dsl::Code code, std::string title, dsl::Span span, std::string label = {}) {
    return diagnostics_.add(code, without(std::move(title), secrets_), span, std::move(label));
  }
  size_t error_count() const { return diagnostics_.error_count(); }
  // All that texts and secrets turned out to be, in the order in which they were read.
  const std::string& filled_in() const { return filled_in_; }
  // Wrong values give nothing, and an error.
  std::optional<std::string> path(const Node& node);                // a text that is not empty
  std::optional<std::vector<std::string>> paths(const Node& node);
  std::optional<std::string> text(const Node& node);                // `${NAME}` and `${NAME:-text}` filled in
  std::optional<std::vector<std::string>> texts(const Node& node);  // a list, or one text
  std::optional<std::string> secret(const Node& node);              // text, {env: NAME} or {file: PATH}
  std::vector<std::string> secrets(const Node& node);               // one, or a list of them
  std::optional<int64_t> duration_us(const Node& node);             // 250ms, 4h, 1h30m
  std::optional<int64_t> time_us(const Node& node);                 // 2026-01-31T08:00:00Z
  std::optional<uint64_t> bytes(const Node& node);                  // 64MiB, 10GB, 512
  std::optional<uint64_t> number(const Node& node, uint64_t least, uint64_t most);

 private:
  std::optional<std::string> filled(const Node& node);
  dsl::Diagnostics& diagnostics_;
  const Surroundings& surroundings_;
  std::vector<std::string> secrets_;
  std::string filled_in_;
};

// A map that is being read. finish() reports the keys that its shape does not have.
class Section {
 public:
  // `what` is for messages: "the source trail". The shape may be known only when a key was read.
  Section(Reader& reader, const Node& map, std::string what, const Shape* shape = nullptr);
  void is(const Shape& shape) { shape_ = &shape; }

  const Node* find(const char* key);     // null when it is not there, or says nothing
  const Node* require(const char* key);  // an error, then
  // A key that belongs to another section: what finish() says of it.
  void elsewhere(const char* key, std::string help) { elsewhere_.emplace_back(key, std::move(help)); }
  const Node& map() const { return map_; }
  const std::string& what() const { return what_; }
  void finish();

 private:
  Reader& reader_;
  const Node& map_;
  std::string what_;
  const Shape* shape_;
  std::vector<std::pair<std::string, std::string>> elsewhere_;
};

}  // namespace weir::config
