// A rule's name has no zero byte, which ends it.
#include "runtime/correlate/live_parts.h"

#include <algorithm>

#include "runtime/correlate/moment.h"
#include "runtime/correlate/state_bytes.h"

namespace weir::correlate {
namespace {

constexpr size_t kIdentityBytes = 16, kNumberBytes = 8;

std::string big_endian(uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

uint64_t number_of(std::string_view bytes) {
  uint64_t number = 0;
  for (char byte : bytes.substr(0, kNumberBytes)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string without_clock(SavedHead head) {
  head.delivered.clear();
  for (SavedRule& rule : head.rules) rule.watermark = 0;
  StateWriter writer;
  writer(head);
  return writer.bytes();
}

}  // namespace

int64_t SavedHead::moment() const {
  int64_t moment = kBeginningOfTime;
  for (const auto& [source, to] : delivered) moment = std::max(moment, to);
  return moment;
}

bool SavedHead::is_but_later_than(const SavedHead& other) const {
  return without_clock(*this) == without_clock(other);
}

std::string part_key(char kind, std::string_view rule, std::string_view id) {
  return std::string(1, kind) + std::string(rule) + '\0' + std::string(id);
}
std::string part_key(char kind, std::string_view rule, const Identity128& identity) {
  return part_key(kind, rule, big_endian(identity.high) + big_endian(identity.low));
}
std::string part_key(char kind, std::string_view rule, uint64_t number) {
  return part_key(kind, rule, big_endian(number));
}
std::string part_key(char kind, uint64_t number) { return std::string(1, kind) + big_endian(number); }

bool read_part_key(std::string_view key, PartKey& of) {
  if (key.empty()) return false;
  of.kind = key[0];
  key.remove_prefix(1);
  if (of.kind == kEventPart || of.kind == kBatchPart) {
    of.number = number_of(key);
    return key.size() == kNumberBytes;
  }
  const size_t end = key.find('\0');
  if (end == std::string_view::npos) return false;
  of.rule = key.substr(0, end);
  key.remove_prefix(end + 1);
  if (of.kind == kOpenPart) {
    of.id = key;
    return true;
  }
  if (of.kind == kPackPart) {
    of.number = number_of(key);
    return key.size() == kNumberBytes;
  }
  if (key.size() != kIdentityBytes) return false;
  of.identity = {number_of(key), number_of(key.substr(kNumberBytes))};
  return of.kind == kGroupPart || of.kind == kSilencePart || of.kind == kOrdinalPart;
}

}  // namespace weir::correlate
