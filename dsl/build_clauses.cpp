// Clauses of rules, schemas, lists and tests.
#include <algorithm>
#include <array>

#include "dsl/build.h"

namespace weir::dsl {

Meta Build::meta(const Node& node) {
  Meta meta;
  meta.name = name(node[0]);
  meta.span = span(node);
  meta.values_span = span(node[1]);
  meta.values = values(node[1], meta.is_list);
  return meta;
}

Params Build::params(const Node& node) {
  Params params;
  params.span = span(node);
  for (const Node* child : node.children) {
    const Node& entry = *child;
    Param param;
    param.name = name(entry[0]);
    param.span = span(entry);
    param.values_span = span(entry[1]);
    param.values = values(entry[1], param.is_list);
    params.params.push_back(std::move(param));
  }
  return params;
}

Suppress Build::suppress(const Node& node) {
  Suppress suppress;
  suppress.span = span(node);
  suppress.length = expr(node[0]);
  if (const Node* by = node.find(Kind::Exprs)) suppress.by = exprs(*by);
  return suppress;
}

RuleClause Build::rule_clause(const Node& node) {
  switch (node.kind) {
    case Kind::Let:
      return Let{name(node[0]), expr(node[1]), span(node)};
    case Kind::Params:
      return params(node);
    case Kind::Suppress:
      return suppress(node);
    case Kind::Custom:
      return Custom{json(node[0]), span(node)};
    case Kind::Level: {
      Level level;
      level.span = span(node);
      for (const Node* child : node.children) {
        const Node* where = child->find(Kind::Where);
        level.cases.push_back({name((*child)[0]), where ? std::optional(name((*where)[0])) : std::nullopt});
      }
      return level;
    }
    default:
      return meta(node);
  }
}

Correlation::State Build::state(const Node& node) {
  Correlation::State state;
  state.span = span(node);
  const char unit = spelling(node[1])[0];
  const int64_t scale = int64_t(1) << (unit == 'K' ? 10 : unit == 'M' ? 20 : 30);
  if (__builtin_mul_overflow(integer(node[0]), scale, &state.bytes)) too_large(node);
  return state;
}

TypeName Build::type(const Node& node) const {
  static constexpr std::array<std::string_view, 8> kTypes = {"string", "int", "float",  "bool",
                                                             "time",   "ip",  "domain", "json"};
  return TypeName(std::find(kTypes.begin(), kTypes.end(), spelling(node)) - kTypes.begin());
}

FieldSegment Build::field_segment(const Node& node) {
  FieldSegment segment;
  segment.span = span(node);
  segment.quoted = node[0].kind == Kind::Backticked;
  segment.name = spelling(node[0]);
  if (segment.quoted) segment.name = segment.name.substr(1, segment.name.size() - 2);
  segment.array = node.find(Kind::FieldArray) != nullptr;
  return segment;
}

Field Build::field(const Node& node) {
  Field field;
  field.span = span(node);
  for (const Node* child : node.children) {
    const Node& part = *child;
    switch (part.kind) {
      case Kind::FieldPath:
        field.path_span = span(part);
        field.path.reserve(part.size());
        for (const Node* segment : part.children) field.path.push_back(field_segment(*segment));
        break;
      case Kind::TypeWord:
        field.type = type(part);
        break;
      case Kind::Required:
        field.required = true;
        break;
      case Kind::Usual:
        field.usual = true;
        break;
      case Kind::Open:
        field.open = true;
        break;
      case Kind::Derived:
        field.derived = expr(part[0]);
        break;
      case Kind::Values:
        field.known = exprs(part);
        break;
      default:
        field.description = text(part);
        break;
    }
  }
  return field;
}

ApiCall Build::api_call(const Node& node) {
  ApiCall call{text(node[0]), text(node[1]), {}, span(node)};
  for (size_t i = 2; i < node.size(); ++i) call.fields.push_back(field(node[i]));
  return call;
}

Format Build::format(const Node& node) {
  Format format;
  format.span = span(node);
  if (const Node* columns = node.find(Kind::Columns)) {
    format.columns = true;
    format.names = text((*columns)[0]);
  }
  return format;
}

SchemaClause Build::schema_clause(const Node& node) {
  switch (node.kind) {
    case Kind::Field:
      return field(node);
    case Kind::ApiCall:
      return api_call(node);
    case Kind::Format:
      return format(node);
    default:
      return meta(node);
  }
}

Amend Build::amend(const Node& node) {
  return {node[0].kind == Kind::Remove, exprs(*node.children.back()), span(node)};
}

List Build::list(const Node& node) {
  List list;
  list.span = span(node);
  list.name = name(node[0]);
  list.type = type(node[1]);
  list.type_span = span(node[1]);
  if (const Node* to = node.find(Kind::ListTo)) {
    list.to = type((*to)[0]);
    list.type_span = join(list.type_span, span(*to));
  }
  const Node& content = *node.children.back();
  if (content.kind == Kind::ListFrom)
    list.from = text(content[0]);
  else
    list.values = exprs(content);
  return list;
}

Feed Build::feed(const Node& node) {
  Feed feed;
  feed.span = span(node);
  for (const Node* child : node.children) {
    const Node& part = *child;
    switch (part.kind) {
      case Kind::At:
        feed.at = duration(part[0]);
        break;
      case Kind::Arrives:
        feed.arrives = duration(part[0]);
        break;
      case Kind::Every:
        feed.every = duration(part[0]);
        feed.times = integer(part[1][0]);
        break;
      case Kind::OnSource:
        feed.source = name(part[0]);
        break;
      default:
        feed.event = json(part);
        break;
    }
  }
  return feed;
}

Expect Build::expect(const Node& node) {
  Expect expect;
  expect.span = span(node);
  for (const Node* child : node.children) {
    const Node& part = *child;
    switch (part.kind) {
      case Kind::Int:
        expect.count = integer(part);
        break;
      case Kind::At:
        expect.at = duration(part[0]);
        break;
      case Kind::Name:
        expect.rule = name(part);
        break;
      case Kind::Map:
        expect.map = map(part);
        break;
      default:
        break;
    }
  }
  return expect;
}

}  // namespace weir::dsl
