// A record as simdjson's DOM, made when something first asks for it: what is rare need not be fast.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/match/json_reader.h"

namespace weir::match {

class LazyDocument {
 public:
  // The record may be read as long as it stays where it is; kPadding readable bytes follow it.
  void set(std::string_view record) {
    record_ = record;
    root_.reset();
  }
  // Reads the record now; else null, and reader() says why.
  std::optional<simdjson::dom::element> read(std::string_view record) {
    set(record);
    return root();
  }
  // Null for what cannot be read; asking again reads again then.
  std::optional<simdjson::dom::element> root() const {
    if (!root_) root_ = reader_.read(record_, true);
    return root_;
  }
  const JsonReader& reader() const { return reader_; }

 private:
  std::string_view record_;
  mutable JsonReader reader_;
  mutable std::optional<simdjson::dom::element> root_;
};

}  // namespace weir::match
