// Raw tree → syntax tree: one function a construct, each given the node of that construct.
//
// What the grammar cannot see is seen here: a day that no calendar has, a number that does not fit, a sum too
// long to nest. Such an error is reported and a value of the right kind is made nevertheless.
#pragma once

#include <functional>

#include "dsl/ast.h"
#include "dsl/diagnostic.h"
#include "dsl/syntax.h"

namespace weir::dsl {

class Build {
 public:
  using Where = std::function<Span(uint32_t begin, uint32_t end)>;  // of the text, in the file

  Build(std::string_view text, Where where, Diagnostics& diagnostics)
      : text_(text), where_(std::move(where)), out_(diagnostics) {}

  Span span(const Node& node) const { return where_(node.begin, node.end); }
  Name name(const Node& node) const { return {std::string(spelling(node)), span(node)}; }

  // literals
  Text text(const Node& node);
  Number number(const Node& node);
  Duration duration(const Node& node);
  Date date(const Node& node);
  int64_t integer(const Node& node);

  // expressions, selections, conditions
  Expr expr(const Node& node);
  Path path(const Node& node);
  Selection selection(const Node& node);  // of Selection, Shared and Exempt
  Map map(const Node& node);
  Cond cond(const Node& node);
  KCond many_cond(const Node& node);

  // clauses
  RuleClause rule_clause(const Node& node);
  Meta meta(const Node& node);
  Params params(const Node& node);
  Suppress suppress(const Node& node);
  Field field(const Node& node);
  SchemaClause schema_clause(const Node& node);
  Amend amend(const Node& node);
  List list(const Node& node);
  Feed feed(const Node& node);
  Expect expect(const Node& node);
  Correlation::State state(const Node& node);
  Json json(const Node& node);

  std::vector<Expr> exprs(const Node& node);  // every child

 private:
  std::string_view spelling(const Node& node) const {
    return text_.substr(node.begin, node.end - node.begin);
  }
  Expr chain(const Node& node);
  Call call(const Node& node);
  Segment segment(const Node& node);
  Item item(const Node& node);
  Entry entry(const Node& node);
  std::vector<Name> modifiers(const Node& node);
  // A value, or the values between brackets.
  std::vector<Expr> values(const Node& node, bool& is_list);
  ApiCall api_call(const Node& node);
  Format format(const Node& node);
  FieldSegment field_segment(const Node& node);
  TypeName type(const Node& node) const;
  void too_deep(const Node& node);
  void too_large(const Node& node);

  std::string_view text_;
  Where where_;
  Diagnostics& out_;
  uint32_t depth_ = 0;  // of calls and operators around the expression that is built
};

// E112, in the one wording.
void report_depth(Diagnostics& diagnostics, Span span);

}  // namespace weir::dsl
