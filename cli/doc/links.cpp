// Links between pages, the same for every format.
#include <algorithm>

#include "cli/doc/render.h"

namespace weir::cli::doc {

std::string file_of(const Format& format, std::string_view page) {
  return page == "index" ? format.index : std::string(page) + format.ending;
}

std::string link_between(const Format& format, std::string_view from, std::string_view target) {
  size_t mark = target.find('#');
  std::string_view page = target.substr(0, mark);
  std::string anchor = mark == target.npos ? "" : std::string(target.substr(mark));
  if (page == from)
    return anchor.empty() ? file_of(format, page).substr(page.find('/') == page.npos ? 0 : page.find('/') + 1)
                          : anchor;
  std::string up = from.find('/') == from.npos ? "" : "../";
  return up + file_of(format, page) + anchor;
}

bool is_web_address(std::string_view target) {
  if (!target.starts_with("https://") && !target.starts_with("http://")) return false;
  return std::all_of(target.begin(), target.end(), [](char c) { return uint8_t(c) > 0x20 && c != 0x7F; });
}

}  // namespace weir::cli::doc
