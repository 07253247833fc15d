// The page of a list: what is in it, where it comes from, and which rules look there; and of all lists
// together.
#include <fmt/format.h>

#include <algorithm>

#include "cli/doc/pages.h"

namespace weir::cli::doc {
namespace {

constexpr size_t kMostEntries = 500;  // shown of a list; the file has them all

// The comment at the head of a list's file: where its values come from, and when. Empty when it has none.
std::vector<std::string> file_comment(const compiler::Project& project, const compiler::ListInfo& list) {
  std::vector<std::string> lines;
  for (dsl::SourceId id = 0; id < project.sources.size() && !list.file.empty(); ++id) {
    if (project.sources.path(id) != list.file) continue;
    for (uint32_t line = 1; line <= project.sources.line_count(id); ++line) {
      std::string_view text = project.sources.line(id, line);
      if (!text.starts_with('#')) break;
      lines.emplace_back(text.substr(1));
    }
    break;
  }
  return lines;
}

// The comment right above a declaration.
std::vector<std::string> comment_above(const compiler::Project& project, dsl::Span span) {
  std::vector<std::string> lines;
  for (const auto& file : project.files) {
    if (file->source != span.source) continue;
    uint32_t wanted = project.sources.place(span.source, span.begin).line;
    for (auto comment = file->comments.rbegin(); comment != file->comments.rend(); ++comment) {
      uint32_t line = project.sources.place(span.source, comment->span.begin).line;
      if (line + 1 != wanted || !comment->own_line) continue;
      lines.insert(lines.begin(), comment->text.substr(1));
      wanted = line;
    }
  }
  return lines;
}

// Lines that are set in by two or more are a list; an empty one ends a paragraph.
void add_comment(const Book& book, const std::vector<std::string>& lines, std::vector<Block>& out) {
  std::string paragraph;
  auto flush = [&] {
    if (!paragraph.empty()) out.push_back(Paragraph{book.linked(paragraph)});
    paragraph.clear();
  };
  for (const std::string& line : lines) {
    size_t first = std::min(line.find_first_not_of(' '), line.size());
    std::string words = line.substr(first);
    if (words.empty()) {
      flush();
    } else if (first > 2) {
      flush();
      auto* items = out.empty() ? nullptr : std::get_if<Items>(&out.back());
      if (!items) items = &std::get<Items>(out.emplace_back(Items{}));
      items->items.push_back(book.linked(words));
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + words;
    }
  }
  flush();
}

std::string type_words(const compiler::ListInfo& list) {
  return std::string(compiler::name_of(list.type)) +
         (list.to ? fmt::format(" → {}", compiler::name_of(*list.to)) : "");
}

std::vector<std::string> entries_of(const Book& book, const compiler::ListInfo& list) {
  std::vector<std::string> entries;
  for (const auto& [key, value] : list.rows) entries.push_back(key + " → " + value);
  if (list.rows.empty())
    for (const dsl::Expr& value : list.values) {
      auto* text = std::get_if<dsl::Text>(&value.node);
      entries.push_back(text ? text->value : std::string(book.project.sources.text(value.span)));
    }
  return entries;
}

Line users_of(const Book& book, const std::map<std::string, std::vector<const RuleFacts*>>& by,
              const std::string& name) {
  auto users = by.find(name);
  return users == by.end() ? Line{text("no rule")} : book.rule_links(users->second);
}

}  // namespace

Page list_page(const Book& book, const std::string& name) {
  const compiler::ListInfo& list = book.project.lists.at(name);
  Page out{"lists/" + name, "The list " + name, {}};
  std::vector<std::string> comment = comment_above(book.project, list.list->span);
  add_comment(book, comment.empty() ? file_comment(book.project, list) : comment, out.blocks);
  std::vector<std::string> entries = entries_of(book, list);
  Table facts;
  facts.rows.push_back({{text("Type")}, {code(type_words(list))}});
  facts.rows.push_back({{text("Entries")}, {text(fmt::format("{}", entries.size()))}});
  facts.rows.push_back({{text("Declared in")}, {code(book.shown_file(list.list->span))}});
  if (list.list->from) facts.rows.push_back({{text("Values from")}, {code(list.list->from->value)}});
  if (list.added + list.removed > 0)
    facts.rows.push_back(
        {{text("Tuned")}, {text(fmt::format("{} added, {} removed", list.added, list.removed))}});
  facts.rows.push_back({{text("Used by")}, users_of(book, book.by_list, name)});
  out.blocks.push_back(std::move(facts));
  out.blocks.push_back(
      Paragraph{{text("A site changes it with "),
                 code(fmt::format("tune list {} {{ reason: \"…\" add: [\"…\"] }}", name)), text(".")}});
  if (!comment.empty() && !list.file.empty()) {
    out.blocks.push_back(Heading{"Where the values come from", ""});
    add_comment(book, file_comment(book.project, list), out.blocks);
  }
  out.blocks.push_back(Heading{"Entries", ""});
  if (entries.empty())
    out.blocks.push_back(Paragraph{{text("None as shipped: it waits for those of your site.")}});
  std::string lines;
  for (size_t i = 0; i < std::min(entries.size(), kMostEntries); ++i)
    lines += (i > 0 ? "\n" : "") + entries[i];
  if (!lines.empty()) out.blocks.push_back(Code{"", std::move(lines)});
  if (entries.size() > kMostEntries)
    out.blocks.push_back(
        Paragraph{{text(fmt::format("and {} more in the file.", entries.size() - kMostEntries))}});
  return out;
}

Page lists_page(const Book& book) {
  Page out{"lists", "Lists and shared selections", {}};
  Table lists{{"List", "Type", "Entries", "Used by"}, {}};
  for (const auto& [name, list] : book.project.lists)
    lists.rows.push_back({{page(name, "lists/" + name, true)},
                          {text(type_words(list))},
                          {text(fmt::format("{}", list.values.size() + list.rows.size()))},
                          users_of(book, book.by_list, name)});
  if (lists.rows.empty()) {
    out.blocks.push_back(Paragraph{{text("This project has no lists.")}});
  } else {
    out.blocks.push_back(std::move(lists));
  }
  for (const auto& [name, shared] : book.project.selections) {
    if (shared->broken) continue;
    out.blocks.push_back(Heading{"The selection " + name, "selection-" + name});
    add_comment(book, comment_above(book.project, shared->span), out.blocks);
    out.blocks.push_back(Code{"weir", clause_text(book, shared->span)});
    Line used{text("Used by ")};
    for (Inline& piece : users_of(book, book.by_selection, name)) used.push_back(std::move(piece));
    used.push_back(text("."));
    out.blocks.push_back(Paragraph{std::move(used)});
  }
  return out;
}

}  // namespace weir::cli::doc
