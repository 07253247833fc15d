// The common case is one call of simdjson; everything else happens only after it said no.
#include "runtime/match/json_reader.h"

#include "runtime/match/decode.h"
#include "runtime/match/json_scan.h"
#include "runtime/match/utf8.h"

namespace weir::match {
namespace {

using simdjson::dom::element;

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

// A parser keeps ten times the size of the longest text it has read; one giant must not stay for ever.
constexpr size_t kKeptBytes = 4u << 20;

const char* reason_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::CAPACITY:
      return kTooLarge;
    case simdjson::MEMALLOC:
      return "there is no memory to read it";
    case simdjson::DEPTH_ERROR:
      return "nested deeper than 512";
    case simdjson::UTF8_ERROR:
      return "not UTF-8";
    case simdjson::EMPTY:
      return "empty";
    default:
      return "not well-formed JSON";
  }
}

}  // namespace

std::optional<element> JsonReader::fail(const char* reason, std::optional<size_t> offset) {
  reason_ = reason;
  offset_ = offset;
  return std::nullopt;
}

std::optional<element> JsonReader::read(std::string_view text, bool padded) {
  if (text.size() > kMaxRecordBytes) return fail(reason_of(simdjson::CAPACITY), std::nullopt);
  if (parser_.capacity() > kKeptBytes && text.size() <= kKeptBytes) parser_ = simdjson::dom::parser();
  if (parser_.max_depth() != kMaxDepth) {
    const auto error = parser_.allocate(std::max<size_t>(text.size(), 4096), kMaxDepth);
    if (error != simdjson::SUCCESS) return fail(reason_of(error), std::nullopt);
  }
  element root;
  const auto error = parser_.parse(text.data(), text.size(), !padded).get(root);
  if (error == simdjson::SUCCESS) return root;
  if (error == simdjson::UTF8_ERROR) return fail(reason_of(error), find_bad_utf8(text));
  if (error == simdjson::CAPACITY || error == simdjson::MEMALLOC || error == simdjson::EMPTY) {
    return fail(reason_of(error), std::nullopt);
  }
  return read_repaired(text, error);
}

std::optional<element> JsonReader::read_repaired(std::string_view text, simdjson::error_code error) {
  const JsonScan scan = scan_json(text, kMaxDepth);
  if (scan.reason) return fail(scan.reason, scan.offset);
  element root;
  const auto second = parser_.parse(scan.repaired.data(), scan.repaired.size(), true).get(root);
  if (second == simdjson::SUCCESS) return root;
  return fail(reason_of(error), std::nullopt);
}

}  // namespace weir::match
