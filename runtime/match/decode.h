// Bytes → slots: one record at a time, by the projection of its source.
//
// Every record is validated as a whole (UTF-8, grammar, numbers) before any rule sees it. Clean records are
// read fast, by their structure alone (structure.h); all others by simdjson's DOM, the reference, whose word
// is the last: what either reads is the same, to the bit. Two things that a parser could be tricked by are
// defined here: of duplicate keys the last wins, and the escape of a lone surrogate becomes U+FFFD; neither
// makes a record unreadable. A number that neither 64 bits nor a double can hold becomes the text of its
// spelling. The spelling of other numbers is decimal for integers and the shortest that reads back for reals
// ("1.50" is 1.5).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/match/abi.h"
#include "runtime/match/program.h"

namespace weir::match {

// How many bytes past the end of a record must be readable (their content does not matter).
inline constexpr size_t kPadding = 64;
// Far more than AWS lets a record be. Parsing one takes up to thirteen times its size, in each thread.
inline constexpr size_t kMaxRecordBytes = 16u << 20;
inline constexpr uint32_t kMaxDepth = 512;           // of a record
inline constexpr uint32_t kMaxValuesPerSlot = 65536;  // beyond, the record is unreadable: never half-read

enum class DecodeStatus : uint8_t {
  ok,
  foreign,     // well-formed, but of none of the sources: an event of something else
  unreadable,  // `reason` says why
};

struct Decoded {
  DecodeStatus status = DecodeStatus::ok;
  const char* reason = "";   // unreadable: a short sentence; static
  std::string detail;        // "no `eventTime`", or empty
  uint32_t offset = 0;       // unreadable: byte in the record, when `has_offset`
  bool has_offset = false;
};

enum class Decoding : uint8_t {
  fast,
  reference,  // every record by the DOM: slower, and with the same result
};

class Decoder {
 public:
  explicit Decoder(std::shared_ptr<const Program> program, Decoding decoding = Decoding::fast);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Finds the source of a record by its required fields (the schema with the most of them wins; the sources
  // are tried most-demanding first) and fills event(). `record` must have kPadding readable bytes behind it,
  // and stay where it is as long as anything is asked of the event, whose texts may lie in it. With `only`,
  // no other source is considered. A record that has at least half of the required fields of its best source
  // is unreadable ("no `eventTime`"), one that has fewer is foreign.
  Decoded decode(std::string_view record, uint32_t only = kNone);

  // A text line of a `columns` source: columns are cut at single spaces, "-" is an absent one. Lines of no such
  // source are foreign: those without a time where it belongs, or (unless `only` asks for the source) with
  // the right number of columns but no readable time. With a time and another number of columns a line is unreadable.
  Decoded decode_columns(std::string_view line, uint32_t only = kNone);

  // decode() in three steps, of which most events need but the first. The source, the time, the id, and the slots
  // that Program::may_match and generic rules look at; the other slots of event() are empty.
  Decoded recognise(std::string_view record, uint32_t only = kNone);
  // With those that Program::match looks at, for the rules that may_match gave. False when the event would hold more
  // than kMaxValuesPerSlot values at one path.
  bool complete(rt_reach reach = RT_ALL_RULES);
  // With all, which Program::eval wants: once the event has matched. False as above. event() has another serial then.
  bool complete_rest();

  // The last event that decode() accepted; good until the next call, or until the record is gone.
  const rt_event& event() const;

  // Of the last event: its whole record as compact JSON (the record's own key order, duplicate keys resolved).
  std::string compact_json() const;
  // Of the last event: a hash that does not depend on white space, key order or escapes.
  uint64_t canonical_hash() const;
  // Of the last event: the id, or empty.
  std::string_view id() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// True when `test` holds for the text of any scalar below the document (not for names); used by the search
// through a whole event. Numbers and booleans are tested by their spelling.
using LeafTest = bool (*)(const void* context, std::string_view text);
bool any_leaf(const void* document, LeafTest test, const void* context);

}  // namespace weir::match
