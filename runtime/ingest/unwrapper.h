// Takes wraps off, one inside the other, and hands what remains to the receiver. One for each file. Once the
// system has not given the file further (Budget::failed) nothing is told: what is cut there is whole when it is
// read again.
#pragma once

#include <string>
#include <string_view>

#include "runtime/ingest/files.h"
#include "runtime/ingest/record.h"
#include "runtime/ingest/stream.h"

namespace weir::ingest {

class Unwrapper {
 public:
  // `records`: how many of the file came before.
  Unwrapper(const ReadLimits& limits, Budget& budget, uint64_t records, Receiver& receiver)
      : limits_(limits), budget_(budget), records_(records), receiver_(receiver) {}

  // One JSON value inside of `depth` wraps, with match::kPadding readable bytes behind it.
  void document(std::string_view bytes, const Place& place, int depth);
  // A string literal of JSON whose text is a document or a line.
  void literal(std::string_view value, const Place& place, int depth);
  // A string literal whose text is base64 of anything that a file may be.
  void base64(std::string_view value, const Place& place, int depth);
  void text(std::string_view line, const Place& place);

  // These number the record.
  void unreadable(const Place& place, std::string reason, std::string_view bytes);
  void skip(Skip why, const Place& place);
  // A problem of the file rather than of a record in it.
  void unreadable_file(const Place& place, std::string reason);

  void progress(uint64_t bytes) { receiver_.progress(bytes); }
  // A limit of the whole file was passed, or the system does not give it: nothing more of it is read.
  bool stopped() const { return budget_.exceeded() || budget_.failed; }
  const ReadLimits& limits() const { return limits_; }

 private:
  Place numbered(Place place);

  const ReadLimits& limits_;
  Budget& budget_;
  uint64_t records_;
  Receiver& receiver_;
};

}  // namespace weir::ingest
