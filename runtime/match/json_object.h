// A JSON object or array, written member by member in the order in which they come.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/match/json.h"

namespace weir::match {

class JsonObject {
 public:
  void raw(std::string_view key, std::string_view json) {
    out_ += out_.empty() ? '{' : ',';
    append_json_string(out_, key);
    out_ += ':';
    out_ += json;
  }
  void text(std::string_view key, std::string_view value) {
    std::string json;
    append_json_string(json, value);
    raw(key, json);
  }
  void text_or_null(std::string_view key, std::string_view value) {
    if (value.empty()) {
      raw(key, "null");
    } else {
      text(key, value);
    }
  }
  void number(std::string_view key, uint64_t value) { raw(key, std::to_string(value)); }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    std::string json = "[";
    for (const std::string& value : values) {
      if (json.size() > 1) json += ',';
      append_json_string(json, value);
    }
    raw(key, json + ']');
  }
  // Values are JSON.
  void named(std::string_view key, const std::vector<std::pair<std::string, std::string>>& members) {
    JsonObject object;
    for (const auto& [name, json] : members) object.raw(name, json);
    raw(key, object.done());
  }
  bool empty() const { return out_.empty(); }
  std::string done() const { return out_.empty() ? "{}" : out_ + '}'; }

 private:
  std::string out_;
};

class JsonArray {
 public:
  void raw(std::string_view json) {
    out_ += out_.empty() ? '[' : ',';
    out_ += json;
  }
  bool empty() const { return out_.empty(); }
  std::string done() const { return out_.empty() ? "[]" : out_ + ']'; }

 private:
  std::string out_;
};

}  // namespace weir::match
