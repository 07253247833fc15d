// Cutting a stream into records, and going on after what is broken.
#include "runtime/ingest/splitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "runtime/ingest/plain_lines.h"

namespace weir::ingest {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kHeadBytes = 1024;          // what a file's kind is told by
constexpr size_t kLookAhead = 512;           // for the beginning of a record: brace, blanks, first key
constexpr uint64_t kFreeReread = 64u << 20;  // beyond, broken input is not looked at twice

bool has_control_characters(std::string_view head) {
  return std::any_of(head.begin(), head.end(), [](unsigned char c) {
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b;
  });
}

}  // namespace

void Splitter::run() {
  switch (recognise()) {
    case Kind::json:
      json();
      break;
    case Kind::text:
      text();
      break;
    case Kind::unknown:
      out_.skip(Skip::unknown_file, place());
      break;
    case Kind::nothing:
      break;
  }
  end_of_stream();
}

bool Splitter::run_part(Position& position, uint64_t part_bytes) {
  begin_ = position.line == 1 ? 0 : position.offset;  // a byte-order mark counts to the first
  part_bytes_ = part_bytes;
  window_.begin_at(position.offset, position.line);
  key_ = std::move(position.key);
  reread_ = position.reread;
  bool at_end = !json();
  if (at_end) {
    end_of_stream();
  } else {
    report_progress();
  }
  position = {window_.offset(), window_.line(), std::move(key_), reread_};
  return !at_end;
}

void Splitter::end_of_stream() {
  report_progress();
  if (stream_.error().empty()) return;
  if (depth_ == 0) {
    out_.unreadable_file(place(), stream_.error());
  } else {
    out_.unreadable(place(), stream_.error(), {});
  }
}

// Of a part only what is taken: what was read ahead belongs to the next.
void Splitter::report_progress() {
  if (depth_ == 0) out_.progress(part_bytes_ ? window_.offset() - begin_ : window_.bytes_read());
}

Splitter::Kind Splitter::recognise() {
  window_.need(kHeadBytes);
  std::string_view head = window_.rest();
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) {
    out_.unreadable_file(place(), "it is UTF-16; logs are read as UTF-8");
    return Kind::nothing;
  }
  if (head.starts_with("\xef\xbb\xbf")) window_.consume(3);
  if (!skip_separators()) return Kind::nothing;
  window_.need(kHeadBytes);
  head = window_.rest().substr(0, kHeadBytes);
  if (head[0] == '{') return Kind::json;
  if (head[0] == '[') {
    size_t next = skip_blanks(head, 1);
    if (next == head.size() || std::strchr("{[]", head[next])) return Kind::json;
  }
  if (head.starts_with("%PDF-") || has_control_characters(head)) return Kind::unknown;
  return Kind::text;
}

bool Splitter::fill() {
  bool more = window_.fill();
  report_progress();
  return more;
}

// Blanks, and commas between records; false when nothing follows.
bool Splitter::skip_separators() {
  do {
    std::string_view rest = window_.rest();
    size_t at = 0;
    while (at < rest.size() && (is_blank(rest[at]) || rest[at] == ',')) ++at;
    if (at > 0) window_.consume(at);
    if (at < rest.size()) return true;
  } while (fill());
  return false;
}

Place Splitter::place() const {
  if (depth_ > 0) return origin_;
  bool one_document = in_array_ && window_.line() == 1;
  return {origin_.file, one_document ? 0 : window_.line(), 0, window_.offset()};
}

// ---- JSON
// -------------------------------------------------------------------------------------------------------

// False at the end of the stream, true where the part ends.
bool Splitter::json() {
  while (!out_.stopped() && skip_separators()) {
    in_array_ = false;
    char c = window_.rest()[0];
    if (c == '{') {
      uint64_t begin = window_.offset();
      if (records_begin()) {
        elements(true);
      } else if (!plain_line()) {
        value(depth_);
      } else if (part_bytes_ && begin / part_bytes_ != window_.offset() / part_bytes_) {
        return true;
      }
    } else if (c == '[') {
      window_.consume(1);
      elements(false);
    } else {
      skip_broken({false, 1, "it is not JSON"}, true);
    }
  }
  return false;
}

// Takes a line that is_plain_line; everything else is read with care.
bool Splitter::plain_line() {
  for (;;) {
    std::string_view rest = window_.rest();
    size_t newline = window_.find_newline(0);
    size_t next = newline == kNone ? rest.size() : skip_blanks(rest, newline + 1);
    bool undecided = next == rest.size() && !window_.ended();
    if (undecided && rest.size() < Window::kBlockBytes) {
      fill();
      continue;
    }
    if (undecided && newline == kNone) return false;
    size_t size = newline == kNone ? rest.size() : newline;
    std::string_view line = rest.substr(0, last_filled(rest, size));
    if (!is_plain_line(line, rest.substr(next, 1))) return false;
    if (newline == kNone && !stream_.error().empty()) return false;
    out_.document(line, place(), depth_);
    if (newline == kNone) {
      window_.consume(size);
    } else {
      window_.consume_line(size + 1);
    }
    return true;
  }
}

// `{"Records":[`: taken when it is there.
bool Splitter::records_begin() {
  window_.need(kLookAhead);
  size_t size = records_prefix(window_.rest().substr(0, kLookAhead));
  if (size == 0) return false;
  window_.consume(size);
  return true;
}

void Splitter::elements(bool in_records) {
  in_array_ = true;
  bool broken = false;
  while (!out_.stopped()) {
    if (!skip_separators()) {
      if (!broken && stream_.error().empty()) out_.unreadable(place(), "ends within a list of records", {});
      return;
    }
    if (window_.rest()[0] == ']') {
      window_.consume(1);
      if (in_records) end_of_records(broken);
      return;
    }
    if (!value(depth_ + 1)) broken = true;
  }
}

// What else the object around a list of records holds is not about records.
void Splitter::end_of_records(bool broken) {
  Extent object = Extent::inside_object();
  do {
    size_t used;
    Extent::State state = object.feed(window_.rest(), used);
    window_.consume(used);
    if (state != Extent::State::more) return;  // when broken, json() meets what follows
  } while (fill());
  if (!broken && stream_.error().empty()) out_.unreadable(place(), "ends within an object", {});
}

bool Splitter::value(int depth) {
  Found found = read_value();
  if (!found.whole) {
    skip_broken(found, false);
    return false;
  }
  out_.document(window_.rest().substr(0, found.size), place(), depth);
  window_.consume(found.size);
  return true;
}

Splitter::Found Splitter::read_value() {
  window_.need(kLookAhead);
  if (!std::strchr("{[\"", window_.rest()[0])) return read_scalar();
  if (std::string_view key = first_key(window_.rest()); !key.empty()) key_ = key;
  Extent extent;
  size_t at = 0;
  do {
    while (at < window_.rest().size()) {
      std::string_view rest = window_.rest();
      size_t newline = window_.find_newline(at);
      size_t stop = newline == kNone ? rest.size() : newline + 1;
      size_t used;
      Extent::State state = extent.feed(rest.substr(at, stop - at), used);
      at += used;
      if (state == Extent::State::done) return {true, at, ""};
      if (state == Extent::State::broken) return {false, at, extent.reason()};
      if (newline != kNone && begins_anew(at, extent)) {
        return {false, at, "it is not finished where the next record begins"};
      }
      // Here, not once a block: looking whether a record begins anew reads on.
      if (at > out_.limits().max_document) {
        return {false, at, fmt::format("it is longer than {} bytes", out_.limits().max_document)};
      }
    }
  } while (fill());
  return {false, at, "ends within a record", true};
}

Splitter::Found Splitter::read_scalar() {
  std::string_view rest = window_.rest().substr(0, kLookAhead);
  size_t end = rest.find_first_of(",]} \t\r\n");
  if (end == 0 || end == kNone) return {false, 1, "it is not JSON"};
  return {true, end, ""};
}

// At the beginning of a line inside a value: true when a record begins there that cannot be part of it. A
// line that was cut off must not swallow those below.
bool Splitter::begins_anew(size_t at, const Extent& extent) {
  window_.need(at + kLookAhead);
  std::string_view rest = window_.rest();
  if (at >= rest.size() || rest[at] != '{') return false;
  char before = rest[last_filled(rest, at) - 1];
  bool fits = before == '[' || before == ':' || (before == ',' && extent.in_array());
  return !fits || (!key_.empty() && first_key(rest.substr(at)) == key_);
}

// ---- after something broken
// ------------------------------------------------------------------------------------------

void Splitter::skip_broken(const Found& found, bool stay_on_line) {
  const Place where = place();
  const uint64_t line = window_.line();
  const std::string head(window_.rest().substr(0, 80));
  // The place where a value broke says little about where the fault is: look again from its beginning, as
  // long as that stays cheap. What is only too long is passed over as a whole.
  bool too_long = found.size > out_.limits().max_document;
  bool again = !too_long && reread_ <= kFreeReread + window_.offset();
  uint64_t skipped = skip_to_restart(again ? 1 : found.size, stay_on_line);
  if (skipped < found.size) reread_ += found.size - skipped;
  bool cut_off = (found.at_end || stay_on_line) && window_.rest().empty() && !stream_.error().empty();
  if (cut_off) return;  // told with the stream's error
  bool far = in_array_ || window_.line() > line + 1;
  out_.unreadable(where, far ? fmt::format("{} ({} bytes passed over)", found.reason, skipped) : found.reason,
                  head);
}

uint64_t Splitter::skip_to_restart(size_t from, bool stay_on_line) {
  const uint64_t begin = window_.offset();
  for (;;) {
    size_t restart = find_restart(from, stay_on_line);
    if (restart != kNone) {
      window_.consume(restart);
      break;
    }
    // A record may begin in the last bytes without showing it yet.
    size_t size = window_.rest().size();
    if (size > kLookAhead) {
      size_t gone = size - kLookAhead;
      window_.consume(gone);
      from = from > gone ? from - gone : 1;
    }
    if (fill()) continue;
    window_.consume(window_.rest().size());
    break;
  }
  return window_.offset() - begin;
}

// Where the next record seems to begin: a brace at the beginning of a line, or what looks like the beginning
// of the records before, behind the end of another. With `stay_on_line`, the next line will do.
size_t Splitter::find_restart(size_t from, bool stay_on_line) {
  std::string_view rest = window_.rest();
  size_t line = std::min(from, rest.size()) - 1;
  while ((line = rest.find('\n', line)) != kNone) {
    ++line;
    if (stay_on_line || (line < rest.size() && (rest[line] == '{' || rest[line] == '['))) break;
  }
  size_t key = key_.empty() ? kNone : rest.substr(0, line).find(key_, from);
  for (; key != kNone; key = rest.substr(0, line).find(key_, key + 1)) {
    size_t brace = last_filled(rest, key);
    if (brace <= from || rest[brace - 1] != '{') continue;
    size_t before = last_filled(rest, brace - 1);
    if (before > 0 && std::strchr(",}[]", rest[before - 1])) return brace - 1;
  }
  return line;
}

// ---- text
// ---------------------------------------------------------------------------------------------------------

void Splitter::text() {
  while (!out_.stopped() && skip_separators()) text_line();
}

void Splitter::text_line() {
  while (window_.find_newline(0) == kNone && window_.rest().size() <= out_.limits().max_document && fill()) {
  }
  std::string_view rest = window_.rest();
  size_t newline = window_.find_newline(0);
  if (newline == kNone && !window_.ended()) {
    skip_broken({false, rest.size(), fmt::format("it is longer than {} bytes", out_.limits().max_document)},
                true);
    return;
  }
  if (newline == kNone && !stream_.error().empty()) {
    window_.consume(rest.size());  // half a line; told with the stream's error
    return;
  }
  std::string_view line = trimmed(rest.substr(0, newline));
  if (line.starts_with('{') && line.ends_with('}')) {
    out_.document(line, place(), depth_);
  } else {
    out_.text(line, place());
  }
  window_.consume(newline == kNone ? rest.size() : newline + 1);
}

}  // namespace weir::ingest
