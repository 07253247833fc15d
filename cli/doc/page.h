// A page before it is HTML or Markdown: what is said, not how it looks. Texts are raw; escaping is the
// renderers'.
//
// Pages are named by paths without an ending ("index", "rules/NAME"), at most one folder deep; links name
// pages the same way, with "#ANCHOR" at the end when a place in one is meant.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace weir::cli::doc {

struct Inline {
  enum class Kind : uint8_t {
    text,
    code,
    strong,
    level,   // one of the five: HTML colours it
    page,    // a link to the page `target`
    url,     // a link to `target`, of the web
    anchor,  // nothing to see: the place `target` of this page
  };
  Kind kind = Kind::text;
  std::string text, target;
  bool as_code = false;  // of a link
};
using Line = std::vector<Inline>;

inline Inline text(std::string words) { return {Inline::Kind::text, std::move(words), {}}; }
inline Inline code(std::string words) { return {Inline::Kind::code, std::move(words), {}}; }
inline Inline strong(std::string words) { return {Inline::Kind::strong, std::move(words), {}}; }
inline Inline level(std::string name) { return {Inline::Kind::level, std::move(name), {}}; }
inline Inline url(std::string words, std::string target) {
  return {Inline::Kind::url, std::move(words), std::move(target)};
}
inline Inline page(std::string words, std::string target, bool as_code = false) {
  return {Inline::Kind::page, std::move(words), std::move(target), as_code};
}
inline Inline anchor(std::string name) { return {Inline::Kind::anchor, {}, std::move(name)}; }

struct Heading {
  std::string words, anchor;  // anchor empty: none
};
struct Paragraph {
  Line line;
};
struct Items {
  std::vector<Line> items;
  bool numbered = false;
};
struct Table {
  std::vector<std::string> head;  // empty: the first column names the rows
  std::vector<std::vector<Line>> rows;
};
struct Code {
  std::string language, lines;  // language: weir, json or empty
};
using Block = std::variant<Heading, Paragraph, Items, Table, Code>;

struct Page {
  std::string path, title;
  std::vector<Block> blocks;
};

struct File {
  std::string path, contents;  // relative to the folder of the pages
};

}  // namespace weir::cli::doc
