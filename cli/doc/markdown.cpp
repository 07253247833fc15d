// Markdown as code hosts show it (GitHub's: with tables). Every character that could be markup is escaped.
#include <fmt/format.h>

#include <algorithm>

#include "cli/doc/render.h"
#include "dsl/shown.h"

namespace weir::cli::doc {
namespace {

// `&lt;` and the like would be read as what they name; "ATT&CK" is nothing.
bool begins_entity(std::string_view text) {
  size_t end = text.find(';');
  return end != text.npos && end > 1 &&
         std::all_of(text.begin() + 1, text.begin() + ptrdiff_t(end),
                     [](char c) { return std::isalnum(uint8_t(c)) || c == '#'; });
}

std::string escaped(std::string_view words) {
  static constexpr std::string_view kMarkup = "\\`*[]|~";
  std::string safe = dsl::shown(words), out;
  for (size_t i = 0; i < safe.size(); ++i) {
    char c = safe[i];
    // Between letters an underscore is no emphasis, and names are full of them.
    bool word = c == '_' && i > 0 && i + 1 < safe.size() && std::isalnum(uint8_t(safe[i - 1])) &&
                std::isalnum(uint8_t(safe[i + 1]));
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&' && begins_entity(std::string_view(safe).substr(i)))
      out += "&amp;";
    else if (kMarkup.find(c) != kMarkup.npos || (c == '_' && !word))
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

// A paragraph that begins like a list, a rule or a quotation is still a paragraph.
std::string as_paragraph(std::string line) {
  size_t digits = 0;
  while (digits < line.size() && std::isdigit(uint8_t(line[digits]))) ++digits;
  if (digits > 0 && digits < line.size() && (line[digits] == '.' || line[digits] == ')'))
    line.insert(digits, "\\");
  else if (!line.empty() && (line[0] == '-' || line[0] == '+' || line[0] == '=' || line[0] == '#'))
    line.insert(0, "\\");
  return line;
}

// Code between more backticks than it holds.
std::string code_span(std::string_view words, bool in_table) {
  std::string safe = dsl::shown(words);
  if (in_table)
    for (size_t i = safe.size(); i-- > 0;)
      if (safe[i] == '|') safe.insert(i, "\\");
  size_t longest = 0, run = 0;
  for (char c : safe) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  std::string fence(longest + 1, '`');
  const char* pad = !safe.empty() && (safe.front() == '`' || safe.back() == '`') ? " " : "";
  return safe.empty() ? "" : fence + pad + safe + pad + fence;
}

// A target between angle brackets may hold anything but those and line ends.
std::string link(const std::string& words, std::string target) {
  std::string out;
  for (char c : target)
    out += c == '<' ? "%3C" : c == '>' ? "%3E" : c == '|' ? "%7C" : c == '\\' ? "%5C" : std::string(1, c);
  bool plain = out.find_first_of(" ()") == out.npos;
  return fmt::format("[{}]({})", words, plain ? out : "<" + out + ">");
}

std::string line_markdown(const std::string& from, const Line& line, bool in_table) {
  std::string out;
  for (const Inline& piece : line) {
    std::string words = piece.as_code ? code_span(piece.text, in_table) : escaped(piece.text);
    switch (piece.kind) {
      case Inline::Kind::text:
      case Inline::Kind::level:
        out += words;
        break;
      case Inline::Kind::code:
        out += code_span(piece.text, in_table);
        break;
      case Inline::Kind::strong:
        out += "**" + words + "**";
        break;
      case Inline::Kind::page:
        out += link(words, link_between(markdown(), from, piece.target));
        break;
      case Inline::Kind::url:
        out += is_web_address(piece.target) ? link(words, piece.target) : words;
        break;
      case Inline::Kind::anchor:
        out += fmt::format("<a id=\"{}\"></a>", piece.target);
        break;
    }
  }
  return out;
}

struct BlockMarkdown {
  const std::string& from;

  std::string operator()(const Heading& heading) const {
    std::string place = heading.anchor.empty() ? "" : fmt::format("<a id=\"{}\"></a>\n\n", heading.anchor);
    return place + "## " + escaped(heading.words) + "\n\n";
  }
  std::string operator()(const Paragraph& paragraph) const {
    return as_paragraph(line_markdown(from, paragraph.line, false)) + "\n\n";
  }
  std::string operator()(const Items& items) const {
    std::string out;
    for (size_t i = 0; i < items.items.size(); ++i)
      out += (items.numbered ? fmt::format("{}. ", i + 1) : "- ") +
             as_paragraph(line_markdown(from, items.items[i], false)) + "\n";
    return out + "\n";
  }
  std::string operator()(const Table& table) const {
    size_t columns = table.head.size();
    for (const auto& row : table.rows) columns = std::max(columns, row.size());
    std::string out = "|", rule = "|";
    for (size_t i = 0; i < columns; ++i) {
      out += " " + (i < table.head.size() ? escaped(table.head[i]) : "") + " |";
      rule += "---|";
    }
    out += "\n" + rule + "\n";
    for (const auto& row : table.rows) {
      out += "|";
      for (size_t i = 0; i < columns; ++i) {
        std::string cell = i < row.size() ? line_markdown(from, row[i], true) : "";
        out += " " + (table.head.empty() && i == 0 ? "**" + cell + "**" : cell) + " |";
      }
      out += "\n";
    }
    return out + "\n";
  }
  std::string operator()(const Code& code) const {
    std::string out, lines = code.lines;
    size_t longest = 2, run = 0;
    for (char c : lines) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
    for (size_t at = 0; at < lines.size();) {
      size_t end = std::min(lines.find('\n', at), lines.size());
      out += dsl::shown(std::string_view(lines).substr(at, end - at)) + "\n";
      at = end + 1;
    }
    std::string fence(longest + 1, '`');
    return fence + code.language + "\n" + out + fence + "\n\n";
  }
};

std::string render(const Page& page) {
  std::string out = std::string(kWritten) + "\n\n# " + escaped(page.title) + "\n\n";
  if (page.path.find('/') != page.path.npos || page.path != "index") {
    bool first = true;
    for (auto [words, target] : {std::pair("Rules", "index"),
                                 {"by level", "levels"},
                                 {"ATT&CK", "attack"},
                                 {"lists", "lists"},
                                 {"sources", "sources"}}) {
      out += (first ? "" : " · ") + link(escaped(words), link_between(markdown(), page.path, target));
      first = false;
    }
    out += "\n\n";
  }
  for (const Block& block : page.blocks) out += std::visit(BlockMarkdown{page.path}, block);
  out.pop_back();  // a block ends with an empty line, the file with a line end
  return out;
}

}  // namespace

const Format& markdown() {
  static const Format format{".md", "README.md", render};
  return format;
}

}  // namespace weir::cli::doc
