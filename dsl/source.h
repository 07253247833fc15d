// Where text comes from: the files of a project, and places in them.
//
// A Span is a byte range in one source; it stays valid for the life of the SourceMap that gave it.
// Everything that is reported to a person is reported through one of these.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace weir::dsl {

using SourceId = uint32_t;

struct Span {
  SourceId source = 0;
  uint32_t begin = 0;  // byte offset of the first byte
  uint32_t end = 0;    // one past the last byte; begin == end is an insertion point
  bool operator==(const Span&) const = default;
};

// From the beginning of `first` to the end of `last`; both are of one source.
inline Span join(Span first, Span last) { return {first.source, first.begin, last.end}; }

struct Place {
  uint32_t line = 1;    // from 1
  uint32_t column = 1;  // from 1, in characters (UTF-8 code points), not bytes
};

class SourceMap {
 public:
  // `path` is what messages show; `text` is kept as it is, a byte-order mark included.
  SourceId add(std::string path, std::string text);

  const std::string& path(SourceId id) const { return files_[id].path; }
  std::string_view text(SourceId id) const { return files_[id].text; }
  std::string_view text(Span span) const {
    return text(span.source).substr(span.begin, span.end - span.begin);
  }
  size_t size() const { return files_.size(); }

  Place place(SourceId id, uint32_t offset) const;
  uint32_t line_count(SourceId id) const { return uint32_t(files_[id].line_begins.size()); }
  // The line (from 1) without its line end; empty when there is no such line.
  std::string_view line(SourceId id, uint32_t line) const;
  uint32_t line_begin(SourceId id, uint32_t line) const { return files_[id].line_begins[line - 1]; }

 private:
  struct File {
    std::string path, text;
    std::vector<uint32_t> line_begins;
  };
  std::deque<File> files_;  // a deque, so that string_views into a file outlive later adds
};

}  // namespace weir::dsl
