// A page as one file. Whatever a rule says stays text: no markup, no link but to http(s), no character that
// hides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/doc/page.h"

namespace weir::cli::doc {

// Stands at the top of every page, in either format: what `weir doc` wrote, it may write again and take away.
inline constexpr std::string_view kWritten = "<!-- Written by `weir doc`; edit the rules, not this page. -->";

struct Format {
  const char* ending;  // ".html"
  const char* index;   // the file of the page "index"
  std::string (*render)(const Page& page);
};

const Format& html();      // the page needs the file style.css beside "index"
const Format& markdown();  // as code hosts show it, tables included
std::string style_sheet();

std::string file_of(const Format& format,
                    std::string_view page);  // "index" → "README.md", "rules/a" → "rules/a.md"

// From the page `from` to `target` (with its anchor): "../lists/a.md#b".
std::string link_between(const Format& format, std::string_view from, std::string_view target);

bool is_web_address(std::string_view target);  // http:// or https://, and no space or control character

}  // namespace weir::cli::doc
