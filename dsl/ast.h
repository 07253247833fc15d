// The syntax tree of one file: plain structs, owned top-down, each with its span.
//
// It knows nothing of types, sources or events; names are only words here. Clauses stand in the order in
// which they were written (`format` sorts them, the compiler asks by kind). What could not be parsed is not
// in the tree: the declaration it stood in is marked `broken`, so that the compiler leaves it out without
// further complaint while every other declaration goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dsl/source.h"

namespace weir::dsl {

struct Name {
  std::string text;
  Span span;
};

// ---- literals ---------------------------------------------------------------------------------------------

enum class Quote : uint8_t { plain, verbatim, prose };  // "…"  '…'  """…"""

struct Text {
  std::string value;                // escapes decoded; `*` and `?` stand for themselves, wildcard or not
  std::vector<uint32_t> wildcards;  // offsets in `value` of those * and ? that are wildcards (only in "…")
  Quote quote = Quote::plain;
  Span span;  // quotes included
};

struct Number {
  double value = 0;     // 40% is 0.4
  int64_t integer = 0;  // when `is_integer`
  bool is_integer = false;
  bool percent = false;
  bool overflow = false;  // an integer beyond 64 bits; `value` is then rounded
  std::string digits;     // of that integer
  Span span;              // the spelling is the source text: leading zeros are found there
};

struct Duration {
  int64_t ms = 0;
  Span span;
};

struct Date {  // checked to be a date of the calendar
  int year = 0, month = 0, day = 0;
  Span span;
};

struct Bool {
  bool value = false;
  Span span;
};

struct Null {
  Span span;
};

struct Attack {  // T1562.008, TA0005
  std::string id;
  Span span;
};

struct Const {  // $name
  Name name;    // without the $
  Span span;
};

// ---- expressions ------------------------------------------------------------------------------------------

struct Expr;

struct Segment {
  enum class Pick : uint8_t { implicit, any, all, none, index };
  std::string name;
  bool quoted = false;  // written between backticks
  Pick pick = Pick::implicit;
  int64_t index = 0;  // with Pick::index; negative counts from the end
  Span span;          // brackets included
  Span name_span;
};

struct Path {  // a field, a let, step.field, source.field
  std::vector<Segment> segments;
  Span span;
};

struct Call {
  Name name;
  std::vector<Expr> args;
  std::optional<Name> where;  // count(where failed)
  Span span;
};

struct Binary {
  char op = '+';  // + - * /
  std::unique_ptr<Expr> left, right;
  Span op_span, span;
};

using ExprNode = std::variant<Text, Number, Duration, Date, Bool, Null, Attack, Const, Path, Call, Binary>;

// A scalar of a selection (Sum never occurs there) or an expression of a let, key, aggregate or message.
struct Expr {
  ExprNode node;
  bool parenthesised = false;
  Span span;  // brackets included
};

// ---- selections -------------------------------------------------------------------------------------------

struct Item {  // query_name|domain: ["a", "b"]
  Expr subject;  // a Path or a Call
  std::vector<Name> modifiers;
  std::vector<Expr> values;
  bool is_list = false;  // written with brackets; `[]` has no values
  Span values_span;
  Span span;
};

struct Block;
using Entry = std::variant<Item, std::unique_ptr<Block>>;

struct Map {
  std::vector<Entry> entries;
  Span span;  // braces included
};

struct Block {  // answers[any] { … }
  Path path;
  Map map;
  Span span;
};

struct Keywords {  // NAME ["a", "b"]: text anywhere in the event
  std::vector<Expr> values;
  Span span;
};

using Body = std::variant<Map, std::vector<Map>, Keywords>;

struct Selection {
  Name name;
  std::vector<Name> modifiers;
  std::optional<Name> source;  // on SOURCE
  Body body;
  Span span;
};

// ---- conditions -------------------------------------------------------------------------------------------

struct Cond {
  enum class Kind : uint8_t { all, any, negation, quantifier, name, always };  // and, or, not, N of x, x, true
  enum class Count : uint8_t { number, any, all };                             // of a quantifier

  Kind kind = Kind::always;
  std::vector<Cond> children;  // all, any: two or more; negation: one
  Count count = Count::any;
  int64_t number = 0;   // with Count::number; `1 of` is written as a number
  bool them = false;    // quantifier over `them`
  Name name;            // name, or the pattern of a quantifier
  bool parenthesised = false;
  Span span;
  std::vector<Span> operators;  // of `and`, `or`, between the children; of `not`, one
};

struct KCond {  // the condition of a correlation: numbers over a window, steps, first-seen
  enum class Kind : uint8_t { all, any, then, negation, compare, quantifier, first_seen, step };

  Kind kind = Kind::step;
  std::vector<KCond> children;           // all, any, then: two or more; negation: one; quantifier: its list
  std::unique_ptr<Expr> left, right;     // compare
  std::string op;                        // compare: >= <= == != > <
  std::vector<Expr> exprs;               // first_seen: new(x, …)
  int64_t number = 1;                    // quantifier, and `3 failed`
  bool numbered = false;                 // a step with a number before it
  Name name;                             // step
  bool parenthesised = false;
  Span span;
  std::vector<Span> operators;  // as in Cond; of compare, one
};

// ---- JSON (in tests and `custom`) ---------------------------------------------------------------------------

struct Json;
struct JsonMember;
struct Json {
  enum class Kind : uint8_t { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::string text;  // string: decoded, lone surrogates as U+FFFD; number: its spelling
  std::vector<Json> elements;
  std::vector<JsonMember> members;  // in order, duplicates kept
  Span span;
};
struct JsonMember {
  std::string key;
  Span key_span;  // quotes included
  Json value;
};

// ---- clauses ----------------------------------------------------------------------------------------------

struct Meta {  // NAME: value or list, which names exist is checked by the compiler
  Name name;
  std::vector<Expr> values;  // one unless is_list
  bool is_list = false;
  Span values_span;
  Span span;
};

struct LevelCase {
  Name level;
  std::optional<Name> where;  // a selection
};
struct Level {
  std::vector<LevelCase> cases;
  Span span;
};

struct Let {
  Name name;
  Expr value;
  Span span;
};

struct Param {
  Name name;
  std::vector<Expr> values;
  bool is_list = false;
  Span values_span;
  Span span;
};
struct Params {
  std::vector<Param> params;
  Span span;
};

struct Detection {
  std::vector<Selection> selections;
  std::optional<Cond> condition;
  Span condition_span;  // the whole clause
  Span span;
};

struct Correlation {
  enum class Window : uint8_t { sliding, tumbling, tumbling_closed };
  struct State {
    int64_t bytes = 0;
    Span span;
  };

  std::vector<Expr> group_by;
  std::optional<Span> group_by_span;
  std::optional<Expr> timespan;  // a Duration or a Const
  Window window = Window::sliding;
  bool window_written = false;
  Span timespan_span;
  std::optional<Expr> warmup;
  std::optional<State> state;
  std::optional<KCond> condition;
  Span condition_span;
  Span span;
};

struct Suppress {
  std::optional<Expr> length;  // a Duration or a Const
  std::optional<std::vector<Expr>> by;
  Span span;
};

struct Custom {
  Json value;
  Span span;
};

// message: "… {expr} …"; made from a Meta named `message` by parse_template.
struct Template {
  struct Piece {
    std::string text;          // literal text, braces and escapes decoded
    std::optional<Expr> expr;  // instead of text
  };
  std::vector<Piece> pieces;
};

// ---- tests ------------------------------------------------------------------------------------------------

struct Feed {
  std::optional<Duration> at, arrives, every;
  std::optional<int64_t> times;
  std::optional<Name> source;  // event on SOURCE
  Json event;
  Span span;
};

struct Expect {
  int64_t count = 0;  // `no alert` is 0
  std::optional<Duration> at;
  std::optional<Name> rule;
  std::optional<Map> map;  // over the alert
  Span span;
};

struct Test {
  Text title;
  std::vector<std::variant<Params, Feed, Expect>> steps;  // in order
  Span span;
};

// ---- declarations -----------------------------------------------------------------------------------------

using RuleClause = std::variant<Meta, Level, Let, Params, Detection, Correlation, Suppress, Custom, Test>;

struct Rule {
  Name name;
  std::vector<RuleClause> clauses;
  bool broken = false;
  Span span;
};

enum class TypeName : uint8_t { string, integer, real, boolean, time, ip, domain, json };

struct List {
  Name name;
  TypeName type = TypeName::string;
  std::optional<TypeName> to;       // list NAME: ip -> string
  std::optional<Text> from;         // a file
  std::vector<Expr> values;         // or written here
  bool broken = false;
  Span type_span, span;
};

struct SharedSelection {
  Selection selection;  // its `source` is set
  bool broken = false;
  Span span;
};

struct FieldSegment {
  std::string name;
  bool quoted = false;
  bool array = false;  // followed by []
  Span span;
};

struct Field {
  std::vector<FieldSegment> path;
  TypeName type = TypeName::string;
  bool required = false, usual = false, open = false;
  std::optional<Expr> derived;             // = expr
  std::optional<std::vector<Expr>> known;  // ["A", "B"]
  std::optional<Text> description;
  Span path_span, span;
};

struct ApiCall {
  Text service, name;
  std::vector<Field> fields;
  Span span;
};

struct Format {
  bool columns = false;  // else json
  std::optional<Text> names;
  Span span;
};

using SchemaClause = std::variant<Meta, Field, ApiCall, Format>;

struct Schema {
  Name name;
  std::vector<SchemaClause> clauses;
  bool broken = false;
  Span span;
};

struct Exempt {
  Selection selection;
  Span span;
};

struct Amend {  // add: [...] or remove: [...] of `tune list`
  bool remove = false;
  std::vector<Expr> values;
  Span span;
};

using TuneClause = std::variant<Meta, Exempt, Params, Test, Suppress, Amend, Field, ApiCall, Format>;

struct Tune {
  enum class Kind : uint8_t { rules, list, schema };
  Kind kind = Kind::rules;
  std::vector<Name> targets;  // rules: names or globs; list, schema: one name
  std::vector<TuneClause> clauses;
  bool broken = false;
  Span span;
};

using Declaration = std::variant<Rule, List, SharedSelection, Tune, Schema>;

struct Comment {
  std::string text;  // from the # on, without the line end
  Span span;
  bool own_line = false;  // nothing but white space before it
};

struct File {
  SourceId source = 0;
  std::optional<int64_t> edition;
  Span edition_span;
  std::vector<Declaration> declarations;  // in order
  std::vector<Comment> comments;          // in order
};

}  // namespace weir::dsl
