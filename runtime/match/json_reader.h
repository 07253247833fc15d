// simdjson's parser with the house's rules for what it refuses (see decode.h). Inside runtime/match only.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace weir::match {

inline constexpr const char* kTooLarge = "larger than 16 MiB";  // kMaxRecordBytes

class JsonReader {
 public:
  // The root, good until the next read(). With `padded`, kPadding readable bytes follow the text. Else null,
  // and reason() and offset() say why.
  std::optional<simdjson::dom::element> read(std::string_view text, bool padded);
  const char* reason() const { return reason_; }
  std::optional<size_t> offset() const { return offset_; }

 private:
  std::optional<simdjson::dom::element> fail(const char* reason, std::optional<size_t> offset);
  std::optional<simdjson::dom::element> read_repaired(std::string_view text, simdjson::error_code error);

  simdjson::dom::parser parser_;
  const char* reason_ = "";
  std::optional<size_t> offset_;
};

}  // namespace weir::match
