// The page of a source: its fields, what they may hold, who reads them, and the calls that its schema knows.
#include <fmt/format.h>

#include <algorithm>

#include "cli/doc/pages.h"

namespace weir::cli::doc {
namespace {

constexpr size_t kMostReaders = 4;  // named beside a field; of more, only how many
constexpr size_t kMostKnown = 30;

std::string path_of(const compiler::FieldInfo& field) {
  std::string out;
  for (const compiler::FieldInfo::Segment& segment : field.path)
    out += (out.empty() ? "" : ".") + segment.name + (segment.array ? "[]" : "");
  return out;
}

Line values_of(const compiler::FieldInfo& field) {
  Line line;
  for (size_t i = 0; i < std::min(field.known.size(), kMostKnown); ++i) {
    if (i > 0) line.push_back(text(", "));
    line.push_back(code(field.known[i]));
  }
  if (field.known.size() > kMostKnown)
    line.push_back(text(fmt::format(" and {} more", field.known.size() - kMostKnown)));
  if (!field.known.empty() && field.open) line.push_back(text("; others may come"));
  return line;
}

Line meaning_of(const Book& book, const compiler::FieldInfo& field) {
  Line line = book.linked(field.description);
  auto next = [&] {
    if (!line.empty()) line.push_back(text(". "));
  };
  if (field.derived) {
    next();
    line.push_back(code("= " + std::string(book.project.sources.text(field.derived->span))));
  }
  if (Line values = values_of(field); !values.empty()) {
    next();
    line.insert(line.end(), values.begin(), values.end());
  }
  return line;
}

Line readers_of(const Book& book, const std::string& source, const compiler::FieldInfo& field) {
  auto readers = book.by_field.find(source + " " + field.name());
  if (readers == book.by_field.end()) return {};
  if (readers->second.size() > kMostReaders) return {text(fmt::format("{} rules", readers->second.size()))};
  return book.rule_links(readers->second);
}

void add_fields(const Book& book, const compiler::SchemaInfo& schema, Page& out) {
  Table table{{"Field", "Type", "What it is", "Read by"}, {}};
  for (const compiler::FieldInfo& field : schema.fields) {
    std::string type = compiler::name_of(field.type);
    if (field.required) type += ", required";
    table.rows.push_back({{anchor(source_anchor(field)), code(path_of(field))},
                          {text(type)},
                          meaning_of(book, field),
                          readers_of(book, schema.name, field)});
  }
  out.blocks.push_back(Heading{"Fields", ""});
  out.blocks.push_back(std::move(table));
}

// "hostedZoneId", "ttl int": of the part `of`, without it.
Line parts_of(const compiler::CallInfo& call, std::string_view of) {
  Line line;
  for (const compiler::FieldInfo& field : call.fields) {
    if (field.path.empty() || field.path[0].name != of) continue;
    std::string path = path_of(field);
    path.erase(0, std::min(path.find('.') + 1, path.size()));
    if (!line.empty()) line.push_back(text(", "));
    line.push_back(code(path));
    if (field.type != compiler::Type::string)
      line.push_back(text(fmt::format(" {}", compiler::name_of(field.type))));
  }
  return line;
}

void add_calls(const compiler::SchemaInfo& schema, Page& out) {
  std::map<std::string, std::vector<const compiler::CallInfo*>> by_service;
  for (const compiler::CallInfo& call : schema.calls) by_service[call.service].push_back(&call);
  for (auto& [service, calls] : by_service) {
    std::sort(calls.begin(), calls.end(), [](auto* a, auto* b) { return a->name < b->name; });
    out.blocks.push_back(Heading{"Calls of " + service, ""});
    out.blocks.push_back(Paragraph{{text(
        schema.is_complete(service) ? fmt::format("{} calls, all that the service has.", calls.size())
                                    : fmt::format("{} calls; the service has others.", calls.size()))}});
    Table table{{"Call", "Request parameters", "Response elements"}, {}};
    for (const compiler::CallInfo* call : calls)
      table.rows.push_back(
          {{code(call->name)}, parts_of(*call, "requestParameters"), parts_of(*call, "responseElements")});
    out.blocks.push_back(std::move(table));
  }
}

}  // namespace

Page source_page(const Book& book, const std::string& name) {
  const compiler::SchemaInfo& schema = book.project.schemas.at(name);
  Page out{"sources/" + name, "The source " + name, {}};
  if (!schema.title.empty()) out.blocks.push_back(Paragraph{book.linked(schema.title + ".")});
  Table facts;
  auto row = [&](const char* what, Line line) { facts.rows.push_back({{text(what)}, std::move(line)}); };
  row("Declared in", {code(book.shown_file(schema.span))});
  if (!schema.time_path.empty()) row("Time", {code(compiler::joined(schema.time_path))});
  row("Id", {schema.id_path.empty() ? text("none: equal records are different events")
                                    : code(compiler::joined(schema.id_path))});
  if (schema.columns) row("Format", {text("lines of columns")});
  if (auto rules = book.by_source.find(name); rules != book.by_source.end())
    row("Rules", book.rule_links(rules->second));
  out.blocks.push_back(std::move(facts));
  add_fields(book, schema, out);
  add_calls(schema, out);
  return out;
}

Page sources_page(const Book& book) {
  Page out{"sources", "Sources", {}};
  Table table{{"Source", "What it is", "Fields", "Calls", "Rules"}, {}};
  for (const auto& [name, schema] : book.project.schemas) {
    auto rules = book.by_source.find(name);
    table.rows.push_back(
        {{page(name, "sources/" + name, true)},
         {text(schema.title)},
         {text(fmt::format("{}", schema.fields.size()))},
         {text(schema.calls.empty() ? "" : fmt::format("{}", schema.calls.size()))},
         {text(fmt::format("{}", rules == book.by_source.end() ? 0 : rules->second.size()))}});
  }
  out.blocks.push_back(std::move(table));
  return out;
}

}  // namespace weir::cli::doc
