// The scanner behind the splitter and the envelopes; a few bytes at a time inside strings, by table outside.
#include "runtime/ingest/json_walk.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace weir::ingest {
namespace {

enum Class : uint8_t { kForeign, kPlain, kQuote, kOpen, kClose };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> table = {};
  for (unsigned char c : std::string_view(" \t\r\n,:+-.0123456789eEtrufalsn")) table[c] = kPlain;
  table[static_cast<unsigned char>('"')] = kQuote;
  table[static_cast<unsigned char>('{')] = table[static_cast<unsigned char>('[')] = kOpen;
  table[static_cast<unsigned char>('}')] = table[static_cast<unsigned char>(']')] = kClose;
  return table;
}
constexpr auto kClasses = make_classes();

// The next `"`, `\` or control character. Eight bytes at a time: the lowest bit set marks the first one, bits
// above it may be borrowed and do not count.
const char* end_of_plain_text(const char* p, const char* end) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - p >= 8; p += 8) {
      uint64_t word;
      std::memcpy(&word, p, 8);
      uint64_t quote = word ^ (kOnes * '"'), slash = word ^ (kOnes * '\\');
      uint64_t hit =
          ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | ((word - kOnes * 0x20) & ~word);
      if (hit &= kHigh) return p + (std::countr_zero(hit) >> 3);
    }
  }
  while (p < end && *p != '"' && *p != '\\' && static_cast<uint8_t>(*p) >= 0x20) ++p;
  return p;
}

// The end of the value at bytes[at]; npos when it is none.
size_t value_end(std::string_view bytes, size_t at) {
  if (at >= bytes.size()) return std::string_view::npos;
  char c = bytes[at];
  if (c == '{' || c == '[' || c == '"') {
    size_t used;
    Extent extent;
    bool whole = extent.feed(bytes.substr(at), used) == Extent::State::done;
    return whole ? at + used : std::string_view::npos;
  }
  size_t end = at;
  while (end < bytes.size() && kClasses[static_cast<uint8_t>(bytes[end])] == kPlain && bytes[end] != ',' &&
         bytes[end] != ':' && !is_blank(bytes[end])) {
    ++end;
  }
  return end > at ? end : std::string_view::npos;
}

}  // namespace

size_t skip_blanks(std::string_view bytes, size_t at) {
  while (at < bytes.size() && is_blank(bytes[at])) ++at;
  return at;
}

std::string_view trimmed(std::string_view bytes) {
  bytes.remove_prefix(skip_blanks(bytes));
  while (!bytes.empty() && is_blank(bytes.back())) bytes.remove_suffix(1);
  return bytes;
}

// ---- Extent
// -------------------------------------------------------------------------------------------------

Extent Extent::inside_object() {
  Extent extent;
  extent.open(false);
  return extent;
}

bool Extent::in_array() const {
  if (depth_ == 0 || depth_ > kTypedDepth) return true;
  uint64_t level = depth_ - 1;
  return arrays_[level / 64] >> (level % 64) & 1;
}

bool Extent::open(bool array) {
  if (depth_ < kTypedDepth) {
    uint64_t bit = uint64_t{1} << (depth_ % 64);
    if (array) {
      arrays_[depth_ / 64] |= bit;
    } else {
      arrays_[depth_ / 64] &= ~bit;
    }
  }
  ++depth_;
  return true;
}

bool Extent::close(bool array) {
  bool fits = depth_ > 0 && (depth_ > kTypedDepth || in_array() == array);
  if (fits) --depth_;
  return fits;
}

Extent::State Extent::feed(std::string_view bytes, size_t& used) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  auto stop = [&](State state, const char* reason) {
    used = static_cast<size_t>(p - bytes.data());
    reason_ = reason;
    return state;
  };
  while (p < end) {
    if (escaped_) {
      escaped_ = false;
      ++p;
      continue;
    }
    if (in_string_) {
      p = end_of_plain_text(p, end);
      if (p == end) break;
      if (*p == '\n') return stop(State::broken, "a text is not closed on its line");
      in_string_ = *p != '"';
      escaped_ = *p == '\\';
      ++p;
      if (!in_string_ && depth_ == 0) return stop(State::done, "");
      continue;
    }
    switch (kClasses[static_cast<uint8_t>(*p)]) {
      case kForeign:
        return stop(State::broken, "a character that is not JSON stands outside of a text");
      case kQuote:
        in_string_ = true;
        break;
      case kOpen:
        open(*p == '[');
        break;
      case kClose:
        if (!close(*p == ']')) return stop(State::broken, "a bracket closes what was not opened");
        if (depth_ == 0) {
          ++p;
          return stop(State::done, "");
        }
        break;
      default:
        break;
    }
    ++p;
  }
  return stop(State::more, "");
}

// ---- walking what is whole
// ------------------------------------------------------------------------------------

Members::Members(std::string_view object) : bytes_(object), at_(1) { broken = !object.starts_with('{'); }

bool Members::next() {
  if (broken) return false;
  at_ = skip_blanks(bytes_, at_);
  if (at_ < bytes_.size() && bytes_[at_] == ',') at_ = skip_blanks(bytes_, at_ + 1);
  if (at_ < bytes_.size() && bytes_[at_] == '}') return false;
  broken = true;
  if (at_ >= bytes_.size() || bytes_[at_] != '"') return false;
  size_t key_end = value_end(bytes_, at_);
  if (key_end == std::string_view::npos) return false;
  size_t colon = skip_blanks(bytes_, key_end);
  if (colon >= bytes_.size() || bytes_[colon] != ':') return false;
  size_t begin = skip_blanks(bytes_, colon + 1);
  size_t end = value_end(bytes_, begin);
  if (end == std::string_view::npos) return false;
  key = bytes_.substr(at_ + 1, key_end - at_ - 2);
  value = bytes_.substr(begin, end - begin);
  at_ = end;
  broken = false;
  return true;
}

Elements::Elements(std::string_view array) : bytes_(array), at_(1) { broken = !array.starts_with('['); }

bool Elements::next() {
  if (broken) return false;
  at_ = skip_blanks(bytes_, at_);
  if (at_ < bytes_.size() && bytes_[at_] == ',') at_ = skip_blanks(bytes_, at_ + 1);
  if (at_ < bytes_.size() && bytes_[at_] == ']') return false;
  size_t end = value_end(bytes_, at_);
  broken = end == std::string_view::npos;
  if (broken) return false;
  value = bytes_.substr(at_, end - at_);
  at_ = end;
  return true;
}

std::string_view first_key(std::string_view object) {
  constexpr size_t kMaxKey = 128;
  if (!object.starts_with('{')) return {};
  size_t begin = skip_blanks(object.substr(0, kMaxKey), 1);
  if (begin >= object.size() || object[begin] != '"') return {};
  size_t end = object.substr(begin + 1, kMaxKey).find_first_of("\"\\\n");
  if (end == std::string_view::npos || object[begin + 1 + end] != '"') return {};
  return object.substr(begin, end + 2);
}

}  // namespace weir::ingest
