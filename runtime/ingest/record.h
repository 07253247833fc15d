// What every source of bytes gives: records, each with its place, and what could not be read, with a reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::ingest {

// Where a record stands, for people.
struct Place {
  std::string_view file;   // "-" for standard input
  uint64_t line = 0;       // from 1; 0 when the file has no lines (one JSON document)
  uint64_t record = 0;     // from 1 within the file
  uint64_t offset = 0;     // byte in the (decompressed) file
};

// "file:12" or "file, record 3".
std::string where_text(const Place& place);

struct Record {
  std::string_view bytes;  // match::kPadding readable bytes follow
  Place place;
  bool text = false;       // a line of text rather than JSON: for sources with columns
};

struct Problem {
  Place place;
  std::string reason;      // "the gzip stream ends early"
  std::string_view head;   // the first bytes, for people; may be empty
};

// Why a part of the input was passed over without being an error.
enum class Skip : uint8_t { digest, insight, control_message, notification, unknown_file, unknown_record };
const char* name_of(Skip why);
inline constexpr size_t kSkips = 6;

class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void record(const Record& record) = 0;       // bytes are good during the call
  virtual void unreadable(const Problem& problem) = 0;
  virtual void skipped(Skip why, const Place& place, uint64_t records) = 0;
  virtual void progress(uint64_t bytes) = 0;           // decompressed bytes read so far, of this file
};

}  // namespace weir::ingest
