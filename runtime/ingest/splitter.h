// A stream of bytes → the documents and lines in it, whatever stands between them.
//
//   {"a":1}\n{"b":2}      a document a line; the common case, found by its line end alone
//   {"a":1}{"b":2}        joined without a separator, as Firehose does
//   {\n  "a": 1\n}        over many lines
//   {"Records":[ … ]}     element by element, so that a file of any size is read in little memory
//   [ … ]                 likewise
//   1.0 2017-12-13T… Z12  lines of text
//
// What is broken is reported once, and reading goes on where the next record seems to begin.
#pragma once

#include <string>

#include "runtime/ingest/json_walk.h"
#include "runtime/ingest/unwrapper.h"
#include "runtime/ingest/window.h"

namespace weir::ingest {

class Splitter {
 public:
  // With `depth` 0 records get places of their own in origin.file; below, all stand at `origin`.
  Splitter(ByteStream& stream, Unwrapper& out, const Place& origin, int depth)
      : stream_(stream), window_(stream), out_(out), origin_(origin), depth_(depth) {}

  void run();

  // Where a reader of JSON stands between two documents, and what it remembers of those before.
  struct Position {
    uint64_t offset = 0;
    uint64_t line = 1;
    std::string key;
    uint64_t reread = 0;
  };
  // Documents of JSON from `position` on, where the stream begins, until a plain line ends that reaches a
  // later multiple of `part_bytes`; false at the end of the stream. At depth 0 only.
  bool run_part(Position& position, uint64_t part_bytes);

 private:
  enum class Kind : uint8_t { json, text, unknown, nothing };
  struct Found {  // what reading on to the end of a value gave
    bool whole = false;
    size_t size = 0;      // of the value, or how much of the window was looked at
    std::string reason;   // when it is not whole
    bool at_end = false;  // because the stream ended
  };

  Kind recognise();
  bool fill();
  void report_progress();
  void end_of_stream();
  bool skip_separators();
  Place place() const;

  bool json();
  bool plain_line();
  bool records_begin();
  void elements(bool in_records);
  void end_of_records(bool broken);
  bool value(int depth);
  Found read_value();
  Found read_scalar();
  bool begins_anew(size_t at, const Extent& extent);
  void skip_broken(const Found& found, bool stay_on_line);
  uint64_t skip_to_restart(size_t from, bool stay_on_line);
  size_t find_restart(size_t from, bool stay_on_line);

  void text();
  void text_line();

  ByteStream& stream_;
  Window window_;
  Unwrapper& out_;
  Place origin_;
  int depth_;
  bool in_array_ = false;
  std::string key_;      // the first key of the last object that had one: what the next record looks like
  uint64_t begin_ = 0, part_bytes_ = 0;  // of run_part()
  uint64_t reread_ = 0;  // bytes looked at twice because something was broken
};

}  // namespace weir::ingest
