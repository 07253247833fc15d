// Edition 1's PEG, rule for rule, in PEGTL; names and order are those of language.md, section 11.
//
// A rule begins and ends at a token; `_` stands wherever space may be. `need<E, R>` is the PEG's arrow: past
// it a mismatch is an error that says E. Where the PEG leaves no alternative, the arrow stands earlier than
// there, and blocks are split into head and items, so that recovery can go item by item; the language is the
// same.
#pragma once

#include <tao/pegtl.hpp>

#include "dsl/syntax.h"

namespace weir::dsl::grammar {

namespace peg = tao::pegtl;
using peg::at;
using peg::eof;
using peg::not_at;
using peg::not_one;
using peg::one;
using peg::opt;
using peg::plus;
using peg::rep;
using peg::seq;
using peg::sor;
using peg::star;

template <Expected E>
struct Wanted {
  using rule_t = Wanted;
  using subs_t = peg::type_list<>;
  static constexpr Expected expected = E;
};
template <Expected E, class... Rules>
struct need : sor<seq<Rules...>, peg::raise<Wanted<E>>> {};

#define WEIR_KW(word) TAO_PEGTL_KEYWORD(word)

struct Comment : seq<one<'#'>, star<not_one<'\n'>>> {};
struct _ : star<sor<one<' ', '\t', '\r', '\n'>, Comment>> {};

using Comma = one<','>;
using Mark = one<';', ','>;
using Colon = need<Expected::colon, one<':'>>;
using OpenBrace = need<Expected::open_brace, one<'{'>>;
template <Expected E>
using CloseBrace = need<E, one<'}'>>;
// R, then more of it, each after a separator; what follows a separator must be an R.
template <class R, class Separator, Expected E>
using chain = seq<R, star<_, Separator, _, need<E, R>>>;
// R (',' R)* ','?
template <class R>
using commas = seq<R, star<_, Comma, _, R>, opt<_, Comma>>;

// --- words and literals ------------------------------------------------------------------------------------

struct Word : peg::identifier {};
struct Reserved
    : sor<WEIR_KW("and"), WEIR_KW("or"), WEIR_KW("not"), WEIR_KW("of"), WEIR_KW("any"), WEIR_KW("all"),
          WEIR_KW("none"), WEIR_KW("them"), WEIR_KW("then"), WEIR_KW("where"), WEIR_KW("true"),
          WEIR_KW("false"), WEIR_KW("null"), WEIR_KW("condition"), WEIR_KW("on"), WEIR_KW("by")> {};
struct Name : seq<not_at<Reserved>, Word> {};
using AName = need<Expected::name, Name>;
struct Glob : seq<sor<peg::identifier_first, one<'*'>>, star<sor<peg::identifier_other, one<'*'>>>> {};

struct CodePoint : seq<one<'u'>, one<'{'>, peg::rep_min_max<1, 6, peg::xdigit>, one<'}'>> {};
struct Escape : seq<one<'\\'>, need<Expected::escape, sor<one<'\\', '"', '*', '?'>, CodePoint>>> {};
struct Text : seq<one<'"'>, star<sor<Escape, not_one<'"', '\n'>>>, need<Expected::text_end, one<'"'>>> {};
struct Verbatim : seq<one<'\''>, star<not_one<'\'', '\n'>>, need<Expected::verbatim_end, one<'\''>>> {};
struct Quotes3 : rep<3, one<'"'>> {};
struct Text3
    : seq<Quotes3, star<sor<Escape, seq<not_at<Quotes3>, peg::any>>>, need<Expected::prose_end, Quotes3>> {};
struct String : sor<Text3, Text, Verbatim> {};
struct Int : seq<peg::digit, star<sor<peg::digit, seq<one<'_'>, at<peg::digit>>>>> {};
struct WordEnd : not_at<peg::identifier_other> {};
struct Number : seq<opt<one<'-'>>, Int, opt<one<'.'>, plus<peg::digit>>, opt<one<'%'>>, WordEnd> {};
struct Duration : seq<plus<Int, sor<seq<one<'m'>, one<'s'>>, one<'s', 'm', 'h', 'd', 'w'>>>, WordEnd> {};
struct Date : seq<rep<4, peg::digit>, one<'-'>, rep<2, peg::digit>, one<'-'>, rep<2, peg::digit>, WordEnd> {};
struct Attack
    : seq<one<'T'>,
          sor<seq<one<'A'>, rep<4, peg::digit>>, seq<rep<4, peg::digit>, opt<one<'.'>, rep<3, peg::digit>>>>,
          WordEnd> {};
struct True : WEIR_KW("true") {};
struct False : WEIR_KW("false") {};
struct Null : WEIR_KW("null") {};
struct Bool : sor<True, False> {};
struct Const : seq<one<'$'>, AName> {};

// --- expressions: pure and total ---------------------------------------------------------------------------

struct Sum;
struct Backticked : seq<one<'`'>, need<Expected::backtick_end, plus<not_one<'`', '\n'>>, one<'`'>>> {};
struct Pick : sor<WEIR_KW("any"), WEIR_KW("all"), WEIR_KW("none"), seq<opt<one<'-'>>, plus<peg::digit>>> {};
struct Segment : seq<sor<Word, Backticked>, opt<one<'['>, Pick, one<']'>>> {};
struct Path : seq<not_at<Reserved, not_at<one<'.'>>>, Segment, star<one<'.'>, Segment>> {};
struct Where : seq<WEIR_KW("where"), _, AName> {};
using CallClose = need<Expected::call_close, one<')'>>;
struct Arguments : chain<Sum, Comma, Expected::expression> {};
struct Call : seq<Name, _, one<'('>, opt<_, sor<seq<Arguments, opt<_, Where>>, Where>>, _, CallClose> {};
struct Group : seq<one<'('>, _, Sum, _, one<')'>> {};
struct Primary : sor<Date, Duration, Number, String, Const, Call, Path, Group> {};
struct MulOp : one<'*', '/'> {};
struct AddOp : one<'+', '-'> {};
struct Product : chain<Primary, MulOp, Expected::expression> {};
struct Sum : chain<Product, AddOp, Expected::expression> {};
using ASum = need<Expected::expression, Sum>;
using ListClose = need<Expected::list_next, one<']'>>;
struct Exprs : seq<one<'['>, _, need<Expected::expression, commas<Sum>>, _, ListClose> {};

// --- selections: what one event looks like -----------------------------------------------------------------

struct Scalar : sor<Date, Duration, Number, String, Bool, Null, Const, Call, Path> {};
struct Values : seq<one<'['>, _, opt<commas<Scalar>>, _, ListClose> {};
struct Value : sor<Values, Scalar> {};
using AValue = need<Expected::value, Value>;
struct Modifier : seq<one<'|'>, _, need<Expected::modifier, Word>> {};
struct Match : seq<sor<Call, Path>, star<_, Modifier>, _, need<Expected::item_colon, one<':'>>, _, AValue> {};
struct Map;
struct BlockEntry : seq<Path, _, Map> {};
struct Entry : sor<BlockEntry, Match> {};
struct Map : seq<one<'{'>, star<_, Entry, opt<_, Mark>>, _, CloseBrace<Expected::map_close>> {};
struct Maps : seq<one<'['>, _, Map, star<_, opt<Comma>, _, Map>, _, need<Expected::maps_close, one<']'>>> {};
struct Body : sor<Map, Maps, Values> {};
using ABody = need<Expected::body, Body>;
struct OnSource : seq<WEIR_KW("on"), _, AName> {};
struct Selection : seq<Name, star<_, Modifier>, opt<_, OnSource>, _, ABody> {};

// --- conditions: Sigma's -----------------------------------------------------------------------------------

struct Cond;
struct And : WEIR_KW("and") {};
struct Or : WEIR_KW("or") {};
struct Then : WEIR_KW("then") {};
struct Not : WEIR_KW("not") {};
struct Any : WEIR_KW("any") {};
struct All : WEIR_KW("all") {};
struct Of : WEIR_KW("of") {};
struct Them : WEIR_KW("them") {};
struct Always : WEIR_KW("true") {};
using ParenClose = need<Expected::paren_close, one<')'>>;
struct Quant : seq<sor<Any, All, Int>, _, Of, _, need<Expected::pattern, sor<Them, Glob>>> {};
struct CGroup : seq<one<'('>, _, need<Expected::condition, Cond>, _, ParenClose> {};
struct CNot;
struct CNegation : seq<Not, _, need<Expected::condition, CNot>> {};
struct CNot : sor<CNegation, Quant, CGroup, Always, Name> {};
struct CAnd : chain<CNot, And, Expected::condition> {};
struct Cond : chain<CAnd, Or, Expected::condition> {};

// --- correlation conditions: numbers over a window, and steps ----------------------------------------------

struct KCond;
struct KNot;
struct KNegation : seq<Not, _, need<Expected::many_condition, KNot>> {};
struct New : seq<WEIR_KW("new"), _, one<'('>, _, need<Expected::expression, Arguments>, _, CallClose> {};
struct CompareOp : sor<TAO_PEGTL_STRING(">="), TAO_PEGTL_STRING("<="), TAO_PEGTL_STRING("=="),
                       TAO_PEGTL_STRING("!="), one<'>', '<'>> {};
struct Compare : seq<Sum, _, CompareOp, _, ASum> {};
// What begins with a call can be nothing but a comparison.
struct CallCompare : seq<at<Name, _, one<'('>>, Sum, _, need<Expected::comparison, CompareOp>, _, ASum> {};
struct KQuant : seq<Int, _, Of, _, need<Expected::list_open, one<'['>>, _,
                    need<Expected::many_condition, commas<KCond>>, _, ListClose> {};
struct KGroup : seq<one<'('>, _, need<Expected::many_condition, KCond>, _, ParenClose> {};
struct Step : seq<opt<Int, _>, Name> {};
struct KNot : sor<KNegation, New, CallCompare, Compare, KQuant, KGroup, Step> {};
struct KThen : chain<KNot, Then, Expected::many_condition> {};
struct KAnd : chain<KThen, And, Expected::many_condition> {};
struct KCond : chain<KAnd, Or, Expected::many_condition> {};

// --- rules -------------------------------------------------------------------------------------------------

struct LevelCase : seq<Name, opt<_, Where>> {};
struct Level : seq<WEIR_KW("level"), _, Colon, _, need<Expected::level, LevelCase>,
                   star<_, Comma, _, at<Name, _, WEIR_KW("where")>, LevelCase>> {};
struct MetaValue : sor<Attack, Date, Duration, Number, String, Bool, Const, Path> {};
struct MetaList : seq<one<'['>, _, opt<commas<MetaValue>>, _, ListClose> {};
// What may follow a value on its line: `title: Suspicious thing` is then told apart from two clauses.
struct ClauseStart
    : sor<seq<sor<WEIR_KW("let"), WEIR_KW("exempt"), WEIR_KW("field")>, _, peg::identifier_first>,
          seq<sor<WEIR_KW("test"), WEIR_KW("call")>, _, one<'"'>>,
          seq<sor<WEIR_KW("params"), WEIR_KW("detection"), WEIR_KW("correlation"), WEIR_KW("custom")>, _,
              one<'{'>>,
          seq<Name, _, one<':'>>> {};
struct MetaEnd : at<star<peg::blank>, sor<one<'\r', '\n', '#', '}'>, eof, ClauseStart>> {};
struct Meta : seq<Name, _, Colon, _, sor<MetaList, need<Expected::meta_value, MetaValue>>,
                  need<Expected::meta_end, MetaEnd>> {};
struct Let : seq<WEIR_KW("let"), _, AName, _, need<Expected::equals, one<'='>>, _, ASum> {};
struct ParamEntry : seq<Name, _, Colon, _, AValue> {};
struct Params : seq<WEIR_KW("params"), _, OpenBrace, star<_, ParamEntry, opt<_, Mark>>, _,
                    CloseBrace<Expected::params_close>> {};

struct DetectionHead : seq<WEIR_KW("detection"), _, OpenBrace> {};
// A condition ends where a selection, another condition or the brace is.
struct SelectionStart : seq<Name, _, sor<one<'{', '[', '|'>, WEIR_KW("on")>> {};
struct ConditionEnd : at<_, sor<one<'}'>, eof, seq<WEIR_KW("condition"), _, one<':'>>, SelectionStart>> {};
struct Condition : seq<WEIR_KW("condition"), _, Colon, _, need<Expected::condition, Cond>,
                       need<Expected::condition_end, ConditionEnd>> {};
struct DetectionItem : sor<Condition, Selection> {};
struct Detection : seq<DetectionHead, star<_, DetectionItem>, _, CloseBrace<Expected::detection_item>> {};

using Span = need<Expected::duration, sor<Duration, Const>>;
struct Sliding : WEIR_KW("sliding") {};
struct Closed : WEIR_KW("closed") {};
struct Tumbling : seq<WEIR_KW("tumbling"), opt<_, Closed>> {};
struct CorrelationEnd : at<_, sor<one<'}'>, eof,
                                  seq<sor<WEIR_KW("group_by"), WEIR_KW("timespan"), WEIR_KW("warmup"),
                                          WEIR_KW("state"), WEIR_KW("condition")>,
                                      _, one<':'>>>> {};
using AnEnd = need<Expected::correlation_end, CorrelationEnd>;
struct CorrelationHead : seq<WEIR_KW("correlation"), _, OpenBrace> {};
struct GroupBy : seq<WEIR_KW("group_by"), _, Colon, _, sor<Exprs, need<Expected::expression, Sum>>, AnEnd> {};
struct Timespan : seq<WEIR_KW("timespan"), _, Colon, _, Span, opt<_, sor<Sliding, Tumbling>>, AnEnd> {};
struct Warmup : seq<WEIR_KW("warmup"), _, Colon, _, Span, AnEnd> {};
struct SizeUnit : sor<WEIR_KW("KiB"), WEIR_KW("MiB"), WEIR_KW("GiB")> {};
struct State : seq<WEIR_KW("state"), _, Colon, _, need<Expected::size, Int, _, SizeUnit>, AnEnd> {};
struct KCondition : seq<WEIR_KW("condition"), _, Colon, _, need<Expected::many_condition, KCond>, AnEnd> {};
struct CorrelationItem : sor<GroupBy, Timespan, Warmup, State, KCondition> {};
struct Correlation
    : seq<CorrelationHead, star<_, CorrelationItem>, _, CloseBrace<Expected::correlation_item>> {};

struct Suppress : seq<WEIR_KW("suppress"), _, Colon, _, Span,
                      opt<_, WEIR_KW("by"), _, need<Expected::list_open, Exprs>>> {};

// --- JSON (RFC 8259) ---------------------------------------------------------------------------------------

struct JsonValue;
struct JsonSpace : star<one<' ', '\t', '\n', '\r'>> {};
struct JsonEscape
    : seq<one<'\\'>, need<Expected::json_escape, sor<one<'"', '\\', '/', 'b', 'f', 'n', 'r', 't'>,
                                                     seq<one<'u'>, rep<4, peg::xdigit>>>>> {};
struct JsonCharacter : seq<not_at<peg::range<'\0', '\x1f'>>, not_one<'"', '\\'>> {};
struct JsonString
    : seq<one<'"'>, star<sor<JsonEscape, JsonCharacter>>, need<Expected::json_string_end, one<'"'>>> {};
struct JsonNumber : seq<opt<one<'-'>>, sor<one<'0'>, plus<peg::digit>>, opt<one<'.'>, plus<peg::digit>>,
                        opt<one<'e', 'E'>, opt<one<'+', '-'>>, plus<peg::digit>>, not_at<one<'.'>>, WordEnd> {
};
struct JsonTrue : WEIR_KW("true") {};
struct JsonFalse : WEIR_KW("false") {};
struct JsonNull : WEIR_KW("null") {};
struct JsonMember
    : seq<need<Expected::json_name, JsonString>, JsonSpace, need<Expected::json_colon, one<':'>>, JsonSpace,
          need<Expected::json_value, JsonValue>> {};
struct JsonObject : seq<one<'{'>, JsonSpace,
                        sor<one<'}'>, seq<JsonMember, star<JsonSpace, Comma, JsonSpace, JsonMember>,
                                          JsonSpace, need<Expected::json_object_next, one<'}'>>>>> {};
struct JsonArray
    : seq<one<'['>, JsonSpace,
          sor<one<']'>, seq<need<Expected::json_value, JsonValue>,
                            star<JsonSpace, Comma, JsonSpace, need<Expected::json_value, JsonValue>>,
                            JsonSpace, need<Expected::json_array_next, one<']'>>>>> {};
struct JsonValue : sor<JsonString, JsonObject, JsonArray, JsonNumber, JsonTrue, JsonFalse, JsonNull> {};
using Json = need<Expected::json_object, JsonObject>;
struct Custom : seq<WEIR_KW("custom"), _, Json> {};

// --- tests -------------------------------------------------------------------------------------------------

using Length = need<Expected::duration, Duration>;
struct At : seq<WEIR_KW("at"), _, Length> {};
struct Arrives : seq<WEIR_KW("arrives"), _, Length> {};
struct Times : seq<WEIR_KW("times"), _, need<Expected::number, Int>> {};
struct Every : seq<WEIR_KW("every"), _, Length, _, need<Expected::times_word, Times>> {};
struct Feed
    : seq<sor<seq<At, opt<_, Arrives>, opt<_, Every>, _, need<Expected::event_word, WEIR_KW("event")>>,
              WEIR_KW("event")>,
          opt<_, OnSource>, _, Json> {};
struct NoAlert : seq<WEIR_KW("no"), _, WEIR_KW("alert")> {};
struct Alerts : seq<Int, _, sor<WEIR_KW("alerts"), WEIR_KW("alert")>> {};
struct Expect : seq<WEIR_KW("expect"), _, need<Expected::alert_count, sor<NoAlert, Alerts>>, opt<_, At>,
                    opt<_, WEIR_KW("from"), _, AName>, opt<_, Map>> {};
struct TestHead : seq<WEIR_KW("test"), _, need<Expected::test_title, not_at<Quotes3>, Text>, _, OpenBrace> {};
struct TestItem : sor<Params, Feed, Expect> {};
struct Test : seq<TestHead, star<_, TestItem>, _, CloseBrace<Expected::test_item>> {};

struct RuleHead : seq<WEIR_KW("rule"), _, AName, _, OpenBrace> {};
struct RuleClause : sor<Let, Params, Custom, Suppress, Level, Meta> {};
struct Rule : seq<RuleHead, star<_, sor<Detection, Correlation, Test, RuleClause>>, _,
                  CloseBrace<Expected::rule_clause>> {};

// --- the rest ----------------------------------------------------------------------------------------------

struct TypeWord : sor<WEIR_KW("string"), WEIR_KW("int"), WEIR_KW("float"), WEIR_KW("bool"), WEIR_KW("time"),
                      WEIR_KW("ip"), WEIR_KW("domain"), WEIR_KW("json")> {};
using AType = need<Expected::type, TypeWord>;
using AText = need<Expected::text, not_at<Quotes3>, Text>;
struct ListTo : seq<TAO_PEGTL_STRING("->"), _, AType> {};
struct ListFrom : seq<WEIR_KW("from"), _, AText> {};
struct ListValues : seq<one<'{'>, star<_, Scalar, opt<_, Mark>>, _, CloseBrace<Expected::list_close>> {};
struct List : seq<WEIR_KW("list"), _, AName, _, Colon, _, AType, opt<_, ListTo>, _,
                  need<Expected::list_content, sor<ListFrom, ListValues>>> {};
struct Shared : seq<WEIR_KW("selection"), _, AName, _, need<Expected::on_source, OnSource>, _, ABody> {};

struct FieldArray : TAO_PEGTL_STRING("[]") {};
struct FieldSegment : seq<sor<Word, Backticked>, opt<FieldArray>> {};
struct FieldPath : seq<FieldSegment, star<one<'.'>, FieldSegment>> {};
struct Required : WEIR_KW("required") {};
struct Usual : WEIR_KW("usual") {};
struct Open : WEIR_KW("open") {};
struct Derived : seq<one<'='>, _, ASum> {};
struct Field : seq<WEIR_KW("field"), _, need<Expected::field_path, FieldPath>, _, AType,
                   star<_, sor<Required, Usual, Open>>, opt<_, Derived>, opt<_, Values>,
                   opt<_, not_at<Quotes3>, Text>> {};
struct ApiCall : seq<WEIR_KW("call"), _, AText, _, AText, _, OpenBrace, star<_, Field>, _,
                     CloseBrace<Expected::fields_close>> {};
struct Columns : seq<WEIR_KW("columns"), _, AText> {};
struct Format
    : seq<WEIR_KW("format"), _, Colon, _, need<Expected::format_name, sor<WEIR_KW("json"), Columns>>> {};
struct SchemaHead : seq<WEIR_KW("schema"), _, AName, _, OpenBrace> {};
struct SchemaClause : sor<Field, ApiCall, Format, Meta> {};
struct Schema : seq<SchemaHead, star<_, SchemaClause>, _, CloseBrace<Expected::schema_clause>> {};

struct Remove : WEIR_KW("remove") {};
struct Amend : seq<sor<WEIR_KW("add"), Remove>, _, Colon, _, need<Expected::list_open, Values>> {};
struct Exempt : seq<WEIR_KW("exempt"), _, AName, opt<_, OnSource>, _, ABody> {};
struct TuneListHead : seq<WEIR_KW("tune"), _, WEIR_KW("list"), _, Name, _, one<'{'>> {};
struct TuneSchemaHead : seq<WEIR_KW("tune"), _, WEIR_KW("schema"), _, Name, _, one<'{'>> {};
struct TuneRulesHead : seq<WEIR_KW("tune"), _, need<Expected::targets, Glob>,
                           star<_, Comma, _, need<Expected::targets, Glob>>, _, OpenBrace> {};
struct TuneHead : sor<TuneListHead, TuneSchemaHead, TuneRulesHead> {};
struct TuneListClause : sor<Amend, Meta> {};
struct TuneRulesClause : sor<Exempt, Params, Suppress, Meta> {};
struct Tune : sor<seq<TuneListHead, star<_, TuneListClause>, _, CloseBrace<Expected::tune_list_clause>>,
                  seq<TuneSchemaHead, star<_, SchemaClause>, _, CloseBrace<Expected::schema_clause>>,
                  seq<TuneRulesHead, star<_, sor<Test, TuneRulesClause>>, _,
                      CloseBrace<Expected::tune_rules_clause>>> {};

struct Edition : seq<WEIR_KW("edition"), _, need<Expected::edition, Int>> {};
struct File : seq<_, opt<Edition>, star<_, sor<Rule, List, Shared, Tune, Schema>>, _,
                  need<Expected::declaration, eof>> {};

// --- message templates (the content of `message:`)
// ----------------------------------------------------------

struct TemplateText : plus<sor<TAO_PEGTL_STRING("{{"), TAO_PEGTL_STRING("}}"), not_one<'{', '}'>>> {};
struct TemplateExpr : seq<one<'{'>, _, need<Expected::template_expression, Sum>, _,
                          need<Expected::template_close, one<'}'>>> {};
struct Template : seq<star<sor<TemplateText, TemplateExpr>>, need<Expected::template_close, eof>> {};

}  // namespace weir::dsl::grammar
