// Where JSON values begin and end, without parsing what is inside.
//
// A parser needs the whole document and an index several times its size, and gives up at the first error. To
// cut a stream into records less is needed and more is wanted: it goes on at any block boundary, holds one
// record at a time, and says soon that something is broken. What it lets pass the decoder still validates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::ingest {

inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
size_t skip_blanks(std::string_view bytes, size_t at = 0);  // bytes.size() when there is nothing else
std::string_view trimmed(std::string_view bytes);

// Follows one object, array or string to its end, in pieces of any size.
class Extent {
 public:
  enum class State : uint8_t { more, done, broken };

  Extent() = default;
  static Extent inside_object();  // the `{` was seen before

  // `used`: how many of `bytes` belong to the value, or stand before the place where it broke.
  State feed(std::string_view bytes, size_t& used);

  bool in_string() const { return in_string_; }
  bool in_array() const;                          // what encloses the next byte; true when too deep to know
  const char* reason() const { return reason_; }  // when broken: a sentence

 private:
  bool open(bool array);
  bool close(bool array);

  static constexpr size_t kTypedDepth = 1024;  // below that, only depth is counted
  uint64_t arrays_[kTypedDepth / 64] = {};
  uint64_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  const char* reason_ = "";
};

// The members of an object that is whole, as they are written: key without its quotes, escapes left alone.
class Members {
 public:
  explicit Members(std::string_view object);
  bool next();  // false at the end, or where the object is broken
  std::string_view key, value;
  bool broken = false;

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

// The elements of an array that is whole.
class Elements {
 public:
  explicit Elements(std::string_view array);
  bool next();
  std::string_view value;
  bool broken = false;

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

// The first key of an object with its quotes, `"eventVersion"`; empty when it has none that is short and
// plain.
std::string_view first_key(std::string_view object);

}  // namespace weir::ingest
