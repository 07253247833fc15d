// Declarations and clauses as documents. The comments that belong to them are in dsl/format_parts, the leaves
// in dsl/format_values, widths and line breaks in dsl/layout.
#include "dsl/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/clause_order.h"
#include "dsl/format_parts.h"

namespace weir::dsl {

namespace {

// Entries with equal numbers are aligned with each other.
enum Alignment : int { kNever = -1, kKeys, kSelections, kItems, kLets, kFeeds, kArrivals, kFields };

constexpr uint32_t kHeadKey = 8;  // `version:`; longer keys of a rule's head are not aligned
constexpr uint32_t kTailKey = 10;

const char* type_name(TypeName type) {
  switch (type) {
    case TypeName::string:
      return "string";
    case TypeName::integer:
      return "int";
    case TypeName::real:
      return "float";
    case TypeName::boolean:
      return "bool";
    case TypeName::time:
      return "time";
    case TypeName::ip:
      return "ip";
    case TypeName::domain:
      return "domain";
    case TypeName::json:
      return "json";
  }
  return "";
}

class Formatter : private PartMaker {
 public:
  using PartMaker::PartMaker;
  std::string run();

 private:
  // ---- declarations
  Part operator()(const Rule& rule);
  Part operator()(const List& list);
  Part operator()(const SharedSelection& shared);
  Part operator()(const Tune& tune);
  Part operator()(const Schema& schema);

  // ---- clauses
  Part operator()(const Meta& meta);
  Part operator()(const Level& level);
  Part operator()(const Let& let);
  Part operator()(const Params& params);
  Part operator()(const Detection& detection);
  Part operator()(const Correlation& correlation);
  Part operator()(const Suppress& suppress);
  Part operator()(const Custom& custom);
  Part operator()(const Test& test);
  Part operator()(const Exempt& exempt);
  Part operator()(const Amend& amend);
  Part operator()(const Field& field);
  Part operator()(const ApiCall& call);
  Part operator()(const Format& format);

  Part operator()(const Feed& feed);
  Part operator()(const Expect& expect);
  Part operator()(const Selection& selection);
  Part operator()(const Item& item);
  Part operator()(const std::unique_ptr<Block>& block);
  Doc map(const Map& map);
  Doc body(const Selection& selection);
  std::string list_line(const std::vector<Expr>& values);

  template <class Clauses>
  std::vector<Part> each(const Clauses& clauses);
  template <class Clauses>
  std::vector<Part> each_placed(const Clauses& clauses);
  void sort_rule(std::vector<Part>& parts);
};

template <class Clauses>
std::vector<Part> Formatter::each(const Clauses& clauses) {
  std::vector<Part> parts;
  for (const auto& clause : clauses)
    if constexpr (requires { clause.index(); })
      parts.push_back(std::visit([this](const auto& one) { return (*this)(one); }, clause));
    else
      parts.push_back((*this)(clause));
  return parts;
}

template <class Clauses>
std::vector<Part> Formatter::each_placed(const Clauses& clauses) {
  std::vector<Part> parts = each(clauses);
  for (size_t i = 0; i < parts.size(); ++i) {
    ClausePlace place = place_of(clauses[i]);
    parts[i].place = {place.group, place.rank};
  }
  return parts;
}

std::string Formatter::list_line(const std::vector<Expr>& values) {
  std::string line = "[";
  for (size_t i = 0; i < values.size(); ++i) line += (i > 0 ? ", " : "") + values_.line(values[i]);
  return line + ']';
}

// ---- declarations -----------------------------------------------------------------------------------------

void sort_parts(std::vector<Part>& parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.place < b.place; });
}

// Blank lines between groups; within one only where the author set two tests or lets apart.
void Formatter::sort_rule(std::vector<Part>& parts) {
  sort_parts(parts);
  int tests = place_of(RuleClause(Test{})).group, lets = place_of(RuleClause(Let{})).group;
  int head = place_of(RuleClause(Level{})).group;
  for (size_t i = 0; i < parts.size(); ++i) {
    int group = parts[i].place.first;
    bool next_group = i > 0 && parts[i - 1].place.first != group;
    parts[i].blank_before = next_group || (parts[i].blank_before && (group == tests || group == lets));
    if (group != head || parts[i].align != kKeys) continue;
    if (parts[i].columns[0].size() <= kHeadKey)
      parts[i].min_width = kHeadKey;
    else
      parts[i].align = kNever;
  }
  for (Part& part : parts)
    if (part.align == kKeys && part.columns[0].size() > kTailKey) part.align = kNever;
}

Part Formatter::operator()(const Rule& rule) {
  uint32_t open = brace_after(rule.name.span.end);
  std::vector<Part> parts = each_placed(rule.clauses);
  Doc body = block(open, rule.span.end, std::move(parts), " ", true);
  sort_rule(body.parts);
  return clause(rule.span, "rule " + rule.name.text, open, std::move(body));
}

Part Formatter::operator()(const List& list) {
  std::string head = fmt::format("list {}: {}", list.name.text, type_name(list.type));
  if (list.to) head += fmt::format(" -> {}", type_name(*list.to));
  if (list.from) {
    return leaf(list.span, [&] { return part(list.span, {head + " from"}, values_.literal(*list.from)); });
  }
  uint32_t open = brace_after(list.name.span.end);
  std::vector<Part> parts;
  for (const Expr& value : list.values)
    parts.push_back(leaf(value.span, [&] { return part(value.span, {}, values_.doc(value)); }));
  return clause(list.span, head, open, block(open, list.span.end, std::move(parts), "; "));
}

Part Formatter::operator()(const SharedSelection& shared) {
  Part result = (*this)(shared.selection);
  result.columns[0] = "selection " + result.columns[0];
  result.align = kNever;
  result.begin = shared.span.begin;
  result.end = shared.span.end;
  hoist(result, shared.span.begin, shared.selection.span.begin);
  return result;
}

Part Formatter::operator()(const Tune& tune) {
  std::string head = "tune ";
  if (tune.kind == Tune::Kind::list) head += "list ";
  if (tune.kind == Tune::Kind::schema) head += "schema ";
  for (size_t i = 0; i < tune.targets.size(); ++i) head += (i > 0 ? ", " : "") + tune.targets[i].text;
  uint32_t open = brace_after(tune.targets.empty() ? tune.span.begin : tune.targets.back().span.end);
  std::vector<Part> parts = each_placed(tune.clauses);
  Doc body = block(open, tune.span.end, std::move(parts), " ", true);
  if (tune.kind != Tune::Kind::schema) sort_parts(body.parts);
  return clause(tune.span, std::move(head), open, std::move(body));
}

Part Formatter::operator()(const Schema& schema) {
  uint32_t open = brace_after(schema.name.span.end);
  return clause(schema.span, "schema " + schema.name.text, open,
                block(open, schema.span.end, each(schema.clauses), " ", true));
}

// ---- clauses ----------------------------------------------------------------------------------------------

Part Formatter::operator()(const Meta& meta) {
  return leaf(meta.span, [&] {
    return part(meta.span, {meta.name.text + ':'}, values_.one_or_list(meta.values, meta.is_list), kKeys);
  });
}

Part Formatter::operator()(const Level& level) {
  return leaf(level.span, [&] {
    std::string line;
    for (const LevelCase& one : level.cases) {
      if (!line.empty()) line += ", ";
      line += one.level.text;
      if (one.where) line += " where " + one.where->text;
    }
    return part(level.span, {"level:"}, text_doc(std::move(line)), kKeys);
  });
}

Part Formatter::operator()(const Let& let) {
  return leaf(let.span, [&] {
    return part(let.span, {"let " + let.name.text}, concat_doc({text_doc("= "), values_.doc(let.value)}),
                kLets);
  });
}

Part Formatter::operator()(const Params& params) {
  uint32_t open = brace_after(params.span.begin);
  std::vector<Part> parts;
  for (const Param& param : params.params) {
    parts.push_back(leaf(param.span, [&] {
      return part(param.span, {param.name.text + ':'}, values_.one_or_list(param.values, param.is_list),
                  kKeys);
    }));
  }
  return clause(params.span, "params", open, block(open, params.span.end, std::move(parts), "; "));
}

Part Formatter::operator()(const Detection& detection) {
  uint32_t open = brace_after(detection.span.begin);
  std::vector<Part> parts = each(detection.selections);
  if (detection.condition) {
    parts.push_back(leaf(detection.condition_span, [&] {
      return part(detection.condition_span, {"condition:"}, values_.condition(*detection.condition));
    }));
    parts.back().place = {1, 0};
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.begin < b.begin; });
  Doc body = block(open, detection.span.end, std::move(parts), " ");
  sort_parts(body.parts);
  return clause(detection.span, "detection", open, std::move(body));
}

Part Formatter::operator()(const Correlation& correlation) {
  std::vector<Part> parts;
  auto add = [&](Span span, const char* key, auto build) {
    parts.push_back(leaf(span, [&] { return part(span, {key}, build(), kKeys); }));
    parts.back().place = {0, int(parts.size())};
  };
  if (correlation.group_by_span)
    add(*correlation.group_by_span, "group_by:", [&] { return values_.values(correlation.group_by); });
  if (correlation.timespan) {
    add(correlation.timespan_span, "timespan:", [&] {
      using Window = Correlation::Window;
      const char* window = correlation.window == Window::tumbling          ? " tumbling"
                           : correlation.window == Window::tumbling_closed ? " tumbling closed"
                                                                           : " sliding";
      return text_doc(values_.line(*correlation.timespan) + (correlation.window_written ? window : ""));
    });
  }
  if (correlation.warmup)
    add(correlation.warmup->span, "warmup:", [&] { return text_doc(values_.line(*correlation.warmup)); });
  if (correlation.state) {
    add(correlation.state->span, "state:", [&] {
      int64_t kib = correlation.state->bytes / 1024;
      return text_doc(kib % (1 << 20) == 0 ? fmt::format("{}GiB", kib >> 20)
                      : kib % 1024 == 0    ? fmt::format("{}MiB", kib >> 10)
                                           : fmt::format("{}KiB", kib));
    });
  }
  if (correlation.condition)
    add(correlation.condition_span, "condition:", [&] { return values_.condition(*correlation.condition); });
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.begin < b.begin; });
  uint32_t open = brace_after(correlation.span.begin);
  Doc body = block(open, correlation.span.end, std::move(parts), " ");
  sort_parts(body.parts);
  return clause(correlation.span, "correlation", open, std::move(body));
}

Part Formatter::operator()(const Suppress& suppress) {
  return leaf(suppress.span, [&] {
    std::string line = suppress.length ? values_.line(*suppress.length) : "";
    if (suppress.by) line += " by " + list_line(*suppress.by);
    return part(suppress.span, {"suppress:"}, text_doc(std::move(line)), kKeys);
  });
}

Part Formatter::operator()(const Custom& custom) {
  return leaf(custom.span, [&] { return part(custom.span, {"custom"}, values_.json(custom.value, true)); });
}

Part Formatter::operator()(const Exempt& exempt) {
  Part result = (*this)(exempt.selection);
  result.columns[0] = "exempt " + result.columns[0];
  result.begin = exempt.span.begin;
  result.end = exempt.span.end;
  hoist(result, exempt.span.begin, exempt.selection.span.begin);
  return result;
}

Part Formatter::operator()(const Amend& amend) {
  return leaf(amend.span, [&] {
    return part(amend.span, {amend.remove ? "remove:" : "add:"}, values_.values(amend.values), kKeys);
  });
}

Part Formatter::operator()(const Format& format) {
  return leaf(format.span, [&] {
    std::string line =
        !format.columns ? "json" : "columns " + (format.names ? values_.text(format.names->span) : "");
    return part(format.span, {"format:"}, text_doc(std::move(line)));
  });
}

Part Formatter::operator()(const Field& field) {
  return leaf(field.span, [&] {
    std::string path;
    for (const FieldSegment& segment : field.path) {
      if (!path.empty()) path += '.';
      path += segment.quoted ? '`' + segment.name + '`' : segment.name;
      if (segment.array) path += "[]";
    }
    std::string flags;
    auto add = [](std::string& line, const std::string& word, const char* gap) {
      if (!line.empty()) line += gap;
      line += word;
    };
    if (field.required) add(flags, "required", " ");
    if (field.usual) add(flags, "usual", " ");
    if (field.open) add(flags, "open", " ");
    if (!flags.empty()) flags += "  ";  // what comes after the flags is set off by three spaces
    std::string rest;
    if (field.derived) add(rest, "= " + values_.line(*field.derived), "   ");
    if (field.known) add(rest, list_line(*field.known), "   ");
    if (field.description) add(rest, values_.text(field.description->span), "   ");
    return part(field.span, {"field " + path, type_name(field.type), std::move(flags)},
                text_doc(std::move(rest)), kFields);
  });
}

Part Formatter::operator()(const ApiCall& call) {
  uint32_t open = brace_after(call.name.span.end);
  std::string head = fmt::format("call {} {}", values_.text(call.service.span), values_.text(call.name.span));
  return clause(call.span, std::move(head), open, block(open, call.span.end, each(call.fields), " "));
}

// ---- tests ------------------------------------------------------------------------------------------------

Part Formatter::operator()(const Test& test) {
  uint32_t open = brace_after(test.title.span.end);
  return clause(test.span, "test " + values_.text(test.title.span), open,
                block(open, test.span.end, each(test.steps), " "));
}

Part Formatter::operator()(const Feed& feed) {
  return leaf(feed.span, [&] {
    std::vector<std::string> columns;
    if (feed.at) columns.push_back("at " + values_.text(feed.at->span));
    if (feed.arrives) columns.push_back("arrives " + values_.text(feed.arrives->span));
    if (feed.every) columns.push_back("every " + values_.text(feed.every->span));
    if (feed.times) columns.push_back(fmt::format("times {}", *feed.times));
    int align = columns.empty() ? kNever : feed.arrives ? kArrivals : kFeeds;
    Doc doc = concat_doc({text_doc(feed.source ? "event on " + feed.source->text + ' ' : "event "),
                          values_.json(feed.event, true)});
    return part(feed.span, std::move(columns), std::move(doc), align);
  });
}

Part Formatter::operator()(const Expect& expect) {
  std::string line = expect.count == 0   ? "expect no alert"
                     : expect.count == 1 ? "expect 1 alert"
                                         : fmt::format("expect {} alerts", expect.count);
  if (expect.at) line += " at " + values_.text(expect.at->span);
  if (expect.rule) line += " from " + expect.rule->text;
  if (!expect.map) return leaf(expect.span, [&] { return part(expect.span, {}, text_doc(line)); });
  return clause(expect.span, line, expect.map->span.begin, map(*expect.map));
}

// ---- selections -------------------------------------------------------------------------------------------

Part Formatter::operator()(const Selection& selection) {
  if (std::holds_alternative<Keywords>(selection.body) &&
      has_comment(selection.span.begin, selection.span.end)) {
    Part kept = as_written(selection.span);
    kept.columns = {""};
    return kept;
  }
  std::string head = selection.name.text;
  for (const Name& modifier : selection.modifiers) head += '|' + modifier.text;
  if (selection.source) head += " on " + selection.source->text;
  uint32_t open = selection.span.end;
  if (const Map* map = std::get_if<Map>(&selection.body)) open = map->span.begin;
  if (const auto* maps = std::get_if<std::vector<Map>>(&selection.body); maps && !maps->empty())
    open = uint32_t(source_.rfind('[', maps->front().span.begin));
  Part result = clause(selection.span, std::move(head), open, body(selection));
  result.align = kSelections;
  result.only_if_flat = true;
  return result;
}

Doc Formatter::body(const Selection& selection) {
  if (const Map* map = std::get_if<Map>(&selection.body)) return this->map(*map);
  if (const auto* keywords = std::get_if<Keywords>(&selection.body)) return values_.values(keywords->values);
  const auto& maps = std::get<std::vector<Map>>(selection.body);
  if (maps.empty()) return text_doc("[]");
  std::vector<Part> parts;
  for (const Map& map : maps) parts.push_back(part(map.span, {}, this->map(map)));
  uint32_t open = uint32_t(source_.rfind('[', maps.front().span.begin));
  Doc doc = block(open, selection.span.end, std::move(parts), " ");
  doc.text = "[";
  doc.close = "]";
  return doc;
}

Doc Formatter::map(const Map& map) { return block(map.span.begin, map.span.end, each(map.entries), "; "); }

Part Formatter::operator()(const Item& item) {
  return leaf(item.span, [&] {
    std::string key = values_.line(item.subject);
    for (const Name& modifier : item.modifiers) key += '|' + modifier.text;
    bool plain = item.modifiers.empty() && std::holds_alternative<Path>(item.subject.node);
    return part(item.span, {key + ':'}, values_.one_or_list(item.values, item.is_list),
                plain ? kItems : kNever);
  });
}

Part Formatter::operator()(const std::unique_ptr<Block>& block) {
  return clause(block->span, values_.line(block->path), block->map.span.begin, map(block->map));
}

// ---- the file ---------------------------------------------------------------------------------------------

std::string Formatter::run() {
  std::vector<Part> parts;
  if (file_.edition)
    parts.push_back(part(file_.edition_span, {}, text_doc(fmt::format("edition {}", *file_.edition))));
  for (const Declaration& declaration : file_.declarations)
    parts.push_back(std::visit([this](const auto& one) { return (*this)(one); }, declaration));
  Doc whole;
  attach(parts, 0, uint32_t(source_.size()), whole);
  // Declarations are set apart, but one-liners may stand together if their author put them so.
  for (size_t i = 1; i < parts.size(); ++i) {
    bool edition = i == 1 && file_.edition;
    auto one_line = [](const Part& part) {
      return fits_on_one_line(
          concat_doc({text_doc(part.columns.empty() ? "" : part.columns[0] + ' '), part.doc}));
    };
    if (edition || !one_line(parts[i - 1]) || !one_line(parts[i])) parts[i].blank_before = true;
  }
  return lay_out(parts, whole.closing);
}

}  // namespace

std::string format(const SourceMap& sources, const File& file) { return Formatter(sources, file).run(); }

std::string format(const SourceMap& sources, const Expr& expr) { return ValueFormatter(sources).line(expr); }
std::string format(const SourceMap& sources, const Call& call) { return ValueFormatter(sources).line(call); }
std::string format(const SourceMap& sources, const KCond& condition) {
  return ValueFormatter(sources).line(condition);
}

}  // namespace weir::dsl
