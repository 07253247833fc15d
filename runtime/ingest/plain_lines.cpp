// See plain_lines.h.
#include "runtime/ingest/plain_lines.h"

#include "runtime/ingest/json_walk.h"

namespace weir::ingest {
namespace {

// Whether a document ends and another begins within the line: `}{`, with or without blanks between. It may
// also be part of a text; then the careful way is taken for nothing.
bool holds_several(std::string_view line) {
  size_t at = 0;
  while ((at = line.find('}', at)) != std::string_view::npos) {
    at = skip_blanks(line, at + 1);
    if (at < line.size() && line[at] == '{') return true;
  }
  return false;
}

}  // namespace

bool is_plain_line(std::string_view line, std::string_view after) {
  return line.size() < kMaxPlainLine && line.back() == '}' && (after.empty() || after[0] == '{') &&
         !holds_several(line);
}

size_t records_prefix(std::string_view rest) {
  size_t at = 1;
  for (std::string_view word : {"\"Records\"", ":", "["}) {
    at = skip_blanks(rest, at);
    if (!rest.substr(at).starts_with(word)) return 0;
    at += word.size();
  }
  return at;
}

size_t last_filled(std::string_view bytes, size_t end) {
  while (end > 0 && is_blank(bytes[end - 1])) --end;
  return end;
}

}  // namespace weir::ingest
