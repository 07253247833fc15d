// HTML 5: one file a page, one style sheet for all, nothing that runs.
#include <fmt/format.h>

#include "cli/doc/render.h"
#include "dsl/shown.h"

namespace weir::cli::doc {
namespace {

std::string escaped(std::string_view words) {
  std::string out;
  for (char c : dsl::shown(words)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

// Line ends stay; everything else that hides is shown.
std::string escaped_lines(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    size_t end = std::min(lines.find('\n'), lines.size());
    out += escaped(lines.substr(0, end)) + (end < lines.size() ? "\n" : "");
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

std::string inline_html(const std::string& from, const Inline& piece) {
  std::string words = escaped(piece.text);
  if (piece.as_code) words = "<code>" + words + "</code>";
  switch (piece.kind) {
    case Inline::Kind::text:
      return words;
    case Inline::Kind::code:
      return "<code>" + words + "</code>";
    case Inline::Kind::strong:
      return "<strong>" + words + "</strong>";
    case Inline::Kind::level:
      return fmt::format("<span class=\"level {0}\">{0}</span>", words);
    case Inline::Kind::page:
      return fmt::format("<a href=\"{}\">{}</a>", escaped(link_between(html(), from, piece.target)), words);
    case Inline::Kind::url:
      if (!is_web_address(piece.target)) return words;
      return fmt::format("<a href=\"{}\" rel=\"noreferrer\">{}</a>", escaped(piece.target), words);
    case Inline::Kind::anchor:
      return fmt::format("<span id=\"{}\"></span>", escaped(piece.target));
  }
  return {};
}

std::string line_html(const std::string& from, const Line& line) {
  std::string out;
  for (const Inline& piece : line) out += inline_html(from, piece);
  return out;
}

struct BlockHtml {
  const std::string& from;

  std::string operator()(const Heading& heading) const {
    return fmt::format("<h2{}>{}</h2>\n",
                       heading.anchor.empty() ? "" : fmt::format(" id=\"{}\"", escaped(heading.anchor)),
                       escaped(heading.words));
  }
  std::string operator()(const Paragraph& paragraph) const {
    return "<p>" + line_html(from, paragraph.line) + "</p>\n";
  }
  std::string operator()(const Items& items) const {
    const char* tag = items.numbered ? "ol" : "ul";
    std::string out = fmt::format("<{}>\n", tag);
    for (const Line& item : items.items) out += "<li>" + line_html(from, item) + "</li>\n";
    return out + fmt::format("</{}>\n", tag);
  }
  std::string operator()(const Table& table) const {
    std::string out =
        fmt::format("<div class=\"wide\"><table{}>\n", table.head.empty() ? " class=\"facts\"" : "");
    if (!table.head.empty()) {
      out += "<thead><tr>";
      for (const std::string& cell : table.head) out += "<th scope=\"col\">" + escaped(cell) + "</th>";
      out += "</tr></thead>\n";
    }
    out += "<tbody>\n";
    for (const std::vector<Line>& row : table.rows) {
      out += "<tr>";
      for (size_t i = 0; i < row.size(); ++i) {
        bool names = table.head.empty() && i == 0;
        out +=
            (names ? "<th scope=\"row\">" : "<td>") + line_html(from, row[i]) + (names ? "</th>" : "</td>");
      }
      out += "</tr>\n";
    }
    return out + "</tbody>\n</table></div>\n";
  }
  std::string operator()(const Code& code) const {
    return "<pre tabindex=\"0\"><code>" + escaped_lines(code.lines) + "</code></pre>\n";
  }
};

std::string render(const Page& page) {
  auto to = [&](const char* target) { return link_between(html(), page.path, target); };
  std::string root = page.path.find('/') == page.path.npos ? "" : "../";
  std::string out = fmt::format(
      "<!DOCTYPE html>\n{}\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<link rel=\"stylesheet\" href=\"{}style.css\">\n</head>\n<body>\n"
      "<header><nav aria-label=\"Pages\">",
      kWritten, escaped(page.title), root);
  for (auto [words, target] : {std::pair("Rules", "index"),
                               {"By level", "levels"},
                               {"ATT&CK", "attack"},
                               {"Lists", "lists"},
                               {"Sources", "sources"}})
    out += fmt::format("<a href=\"{}\"{}>{}</a>", to(target),
                       page.path == target ? " aria-current=\"page\"" : "", escaped(words));
  out += fmt::format("</nav></header>\n<main>\n<h1>{}</h1>\n", escaped(page.title));
  for (const Block& block : page.blocks) out += std::visit(BlockHtml{page.path}, block);
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace

const Format& html() {
  static const Format format{".html", "index.html", render};
  return format;
}

std::string style_sheet() {
  return R"css(/* Written by `weir doc`. */
:root {
  color-scheme: light dark;
  --ground: #fff; --raised: #f5f6f8; --line: #d9dde3; --words: #1c2128; --quiet: #57606a; --link: #0b5cad;
  --informational: #57606a; --low: #1f6f43; --medium: #8a5a00; --high: #b3360b; --critical: #a40e3c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --raised: #1d2229; --line: #343b45; --words: #e4e8ee; --quiet: #9aa4b1; --link: #7ab8ff;
    --informational: #9aa4b1; --low: #6fcf97; --medium: #f0b84a; --high: #ff8c61; --critical: #ff6b8f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--words); font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header { border-bottom: 1px solid var(--line); background: var(--raised); }
nav { max-width: 68rem; margin: 0 auto; padding: .6rem 1.2rem; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; }
nav a { text-decoration: none; }
nav a[aria-current] { color: var(--words); font-weight: 600; }
main { max-width: 68rem; margin: 0 auto; padding: 0 1.2rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 1.6rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-top: .2rem; }
p, ul, ol { max-width: 46rem; }
li { margin: .2rem 0; }
a { color: var(--link); text-underline-offset: .25em; }
a code { color: inherit; }
code, pre { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .87em; }
code { overflow-wrap: anywhere; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; line-height: 1.45; }
pre code { font-size: .84rem; overflow-wrap: normal; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
table.facts th { width: 10rem; color: var(--quiet); font-weight: 600; }
td code { overflow-wrap: break-word; }
td > a + code { display: block; color: var(--quiet); }
.level { font-weight: 600; color: var(--words); white-space: nowrap; }
.level.informational { color: var(--informational); }
.level.low { color: var(--low); }
.level.medium { color: var(--medium); }
.level.high { color: var(--high); }
.level.critical { color: var(--critical); }
@media print { header { display: none; } pre { white-space: pre-wrap; } }
)css";
}

}  // namespace weir::cli::doc
