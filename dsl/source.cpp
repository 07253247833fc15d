#include "dsl/source.h"

#include <algorithm>

namespace weir::dsl {

SourceId SourceMap::add(std::string path, std::string text) {
  File file{std::move(path), std::move(text), {0}};
  for (size_t end = file.text.find('\n'); end != std::string::npos; end = file.text.find('\n', end + 1))
    file.line_begins.push_back(uint32_t(end + 1));
  files_.push_back(std::move(file));
  return SourceId(files_.size() - 1);
}

Place SourceMap::place(SourceId id, uint32_t offset) const {
  const File& file = files_[id];
  offset = std::min(offset, uint32_t(file.text.size()));
  auto after = std::upper_bound(file.line_begins.begin(), file.line_begins.end(), offset);
  uint32_t begin = *(after - 1);
  Place place;
  place.line = uint32_t(after - file.line_begins.begin());
  for (uint32_t i = begin; i < offset; ++i)
    if ((uint8_t(file.text[i]) & 0xC0) != 0x80) ++place.column;  // count first bytes of characters
  return place;
}

std::string_view SourceMap::line(SourceId id, uint32_t line) const {
  const File& file = files_[id];
  if (line == 0 || line > file.line_begins.size()) return {};
  uint32_t begin = file.line_begins[line - 1];
  size_t end = line < file.line_begins.size() ? file.line_begins[line] - 1 : file.text.size();
  std::string_view text = std::string_view(file.text).substr(begin, end - begin);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace weir::dsl
