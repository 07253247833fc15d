// Expressions, selections and the two kinds of conditions.
#include <charconv>

#include "dsl/build.h"
#include "dsl/limits.h"

namespace weir::dsl {
namespace {

// `a OP b OP c`: the operands are children 0, 2, 4 …
template <class C, class F>
void operands(const Node& node, C& out, F build, const std::function<Span(const Node&)>& span) {
  for (size_t i = 0; i < node.size(); ++i) {
    if (i % 2 == 0)
      out.children.push_back(build(node[i]));
    else
      out.operators.push_back(span(node[i]));
  }
}

}  // namespace

Expr Build::expr(const Node& node) {
  Expr result;
  result.span = span(node);
  switch (node.kind) {
    case Kind::Text:
    case Kind::Verbatim:
    case Kind::Text3:
      result.node = text(node);
      break;
    case Kind::Number:
      result.node = number(node);
      break;
    case Kind::Duration:
      result.node = duration(node);
      break;
    case Kind::Date:
      result.node = date(node);
      break;
    case Kind::True:
      result.node = Bool{true, result.span};
      break;
    case Kind::False:
      result.node = Bool{false, result.span};
      break;
    case Kind::Null:
      result.node = Null{result.span};
      break;
    case Kind::Attack:
      result.node = Attack{std::string(spelling(node)), result.span};
      break;
    case Kind::Const:
      result.node = Const{name(node[0]), result.span};
      break;
    case Kind::Path:
      result.node = path(node);
      break;
    case Kind::Call:
      result.node = call(node);
      break;
    case Kind::Group:
      result = expr(node[0]);
      result.parenthesised = true;
      result.span = span(node);
      break;
    default:
      return chain(node);
  }
  return result;
}

Expr Build::chain(const Node& node) {
  const uint32_t operators = uint32_t(node.size() / 2);
  const uint32_t outer = depth_;
  if (outer + operators > kMaxNesting) {
    too_deep(node[2 * (kMaxNesting - outer)]);
    return Expr{Null{span(node)}, false, span(node)};
  }
  depth_ = outer + operators;
  Expr left = expr(node[0]);
  for (uint32_t i = 1; i <= operators; ++i) {
    depth_ = outer + operators - i + 1;
    Binary binary;
    binary.op = spelling(node[2 * i - 1])[0];
    binary.op_span = span(node[2 * i - 1]);
    binary.span = where_(node.begin, node[2 * i].end);
    binary.left = std::make_unique<Expr>(std::move(left));
    binary.right = std::make_unique<Expr>(expr(node[2 * i]));
    left = Expr{};
    left.span = binary.span;
    left.node = std::move(binary);
  }
  depth_ = outer;
  return left;
}

std::vector<Expr> Build::exprs(const Node& node) {
  std::vector<Expr> all;
  all.reserve(node.size());
  for (const Node* child : node.children) all.push_back(expr(*child));
  return all;
}

Call Build::call(const Node& node) {
  Call call;
  call.name = name(node[0]);
  call.span = span(node);
  if (depth_ == kMaxNesting) {
    too_deep(node);
    return call;
  }
  ++depth_;
  for (size_t i = 1; i < node.size(); ++i) {
    if (node[i].kind == Kind::Where)
      call.where = name(node[i][0]);
    else
      call.args.push_back(expr(node[i]));
  }
  --depth_;
  return call;
}

Path Build::path(const Node& node) {
  Path path;
  path.span = span(node);
  path.segments.reserve(node.size());
  for (const Node* child : node.children) path.segments.push_back(segment(*child));
  return path;
}

Segment Build::segment(const Node& node) {
  Segment segment;
  segment.span = span(node);
  segment.name_span = span(node[0]);
  segment.quoted = node[0].kind == Kind::Backticked;
  segment.name = spelling(node[0]);
  if (segment.quoted) segment.name = segment.name.substr(1, segment.name.size() - 2);
  if (const Node* pick = node.find(Kind::Pick)) {
    const std::string_view written = spelling(*pick);
    if (written == "any")
      segment.pick = Segment::Pick::any;
    else if (written == "all")
      segment.pick = Segment::Pick::all;
    else if (written == "none")
      segment.pick = Segment::Pick::none;
    else {
      segment.pick = Segment::Pick::index;
      if (std::from_chars(written.data(), written.data() + written.size(), segment.index).ec != std::errc())
        too_large(*pick);
    }
  }
  return segment;
}

std::vector<Name> Build::modifiers(const Node& node) {
  std::vector<Name> all;
  for (const Node* child : node.children)
    if (child->kind == Kind::Modifier) all.push_back(name((*child)[0]));
  return all;
}

std::vector<Expr> Build::values(const Node& node, bool& is_list) {
  is_list = node.kind == Kind::Values || node.kind == Kind::MetaList || node.kind == Kind::Exprs;
  if (is_list) return exprs(node);
  std::vector<Expr> one;
  one.push_back(expr(node));
  return one;
}

Item Build::item(const Node& node) {
  Item item;
  item.span = span(node);
  item.subject = expr(node[0]);
  item.modifiers = modifiers(node);
  const Node& value = *node.children.back();
  item.values_span = span(value);
  item.values = values(value, item.is_list);
  return item;
}

Entry Build::entry(const Node& node) {
  if (node.kind == Kind::Match) return item(node);
  auto block = std::make_unique<Block>();
  block->path = path(node[0]);
  block->map = map(node[1]);
  block->span = span(node);
  return block;
}

Map Build::map(const Node& node) {
  Map map;
  map.span = span(node);
  map.entries.reserve(node.size());
  for (const Node* child : node.children) map.entries.push_back(entry(*child));
  return map;
}

Selection Build::selection(const Node& node) {
  Selection selection;
  selection.span = span(node);
  selection.name = name(node[0]);
  selection.modifiers = modifiers(node);
  if (const Node* on = node.find(Kind::OnSource)) selection.source = name((*on)[0]);
  const Node& body = *node.children.back();
  if (body.kind == Kind::Map) {
    selection.body = map(body);
  } else if (body.kind == Kind::Maps) {
    std::vector<Map> maps;
    for (const Node* child : body.children) maps.push_back(map(*child));
    selection.body = std::move(maps);
  } else {
    selection.body = Keywords{exprs(body), span(body)};
  }
  return selection;
}

Cond Build::cond(const Node& node) {
  const auto place = [this](const Node& of) { return span(of); };
  const auto inner = [this](const Node& of) { return cond(of); };
  Cond cond;
  cond.span = span(node);
  switch (node.kind) {
    case Kind::Name:
      cond.kind = Cond::Kind::name;
      cond.name = name(node);
      break;
    case Kind::Always:
      cond.kind = Cond::Kind::always;
      break;
    case Kind::CGroup:
      cond = this->cond(node[0]);
      cond.parenthesised = true;
      cond.span = span(node);
      break;
    case Kind::CNegation:
      cond.kind = Cond::Kind::negation;
      cond.operators.push_back(span(node[0]));
      cond.children.push_back(this->cond(node[1]));
      break;
    case Kind::Quant:
      cond.kind = Cond::Kind::quantifier;
      cond.count = node[0].kind == Kind::Any   ? Cond::Count::any
                   : node[0].kind == Kind::All ? Cond::Count::all
                                               : Cond::Count::number;
      if (cond.count == Cond::Count::number) cond.number = integer(node[0]);
      cond.them = node[1].kind == Kind::Them;
      cond.name = name(node[1]);
      break;
    default:
      cond.kind = node.kind == Kind::CAnd ? Cond::Kind::all : Cond::Kind::any;
      operands(node, cond, inner, place);
      break;
  }
  return cond;
}

KCond Build::many_cond(const Node& node) {
  const auto place = [this](const Node& of) { return span(of); };
  const auto inner = [this](const Node& of) { return many_cond(of); };
  KCond cond;
  cond.span = span(node);
  switch (node.kind) {
    case Kind::Step:
      cond.numbered = node.size() == 2;
      if (cond.numbered) cond.number = integer(node[0]);
      cond.name = name(*node.children.back());
      break;
    case Kind::New:
      cond.kind = KCond::Kind::first_seen;
      cond.exprs = exprs(node);
      break;
    case Kind::Compare:
    case Kind::CallCompare:
      cond.kind = KCond::Kind::compare;
      cond.left = std::make_unique<Expr>(expr(node[0]));
      cond.op = spelling(node[1]);
      cond.operators.push_back(span(node[1]));
      cond.right = std::make_unique<Expr>(expr(node[2]));
      break;
    case Kind::KQuant:
      cond.kind = KCond::Kind::quantifier;
      cond.number = integer(node[0]);
      for (size_t i = 1; i < node.size(); ++i) cond.children.push_back(many_cond(node[i]));
      break;
    case Kind::KGroup:
      cond = many_cond(node[0]);
      cond.parenthesised = true;
      cond.span = span(node);
      break;
    case Kind::KNegation:
      cond.kind = KCond::Kind::negation;
      cond.operators.push_back(span(node[0]));
      cond.children.push_back(many_cond(node[1]));
      break;
    default:
      cond.kind = node.kind == Kind::KThen  ? KCond::Kind::then
                  : node.kind == Kind::KAnd ? KCond::Kind::all
                                            : KCond::Kind::any;
      operands(node, cond, inner, place);
      break;
  }
  return cond;
}

}  // namespace weir::dsl
