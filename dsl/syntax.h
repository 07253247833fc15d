// The raw tree of one unit of text: what the grammar matched, or where and for want of what it stopped.
//
// Only syntax.cpp knows PEGTL; everybody else reads these nodes. A unit is the smallest thing that recovery
// handles by itself: a clause, the head of a block, one item of a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace weir::dsl {

// The grammar's rules that leave a node, by their names in dsl/grammar.h.
#define WEIR_SYNTAX_NODES(X)                                                                                 \
  X(Word)                                                                                                    \
  X(Name) X(Glob) X(Them) X(Text) X(Verbatim) X(Text3) X(Int) X(Number) X(Duration) X(Date) X(Attack) X(     \
      True) X(False) X(Null) X(Const) X(Backticked) X(Pick) X(Segment) X(Path) X(Call) X(Where) X(Group)     \
      X(MulOp) X(AddOp) X(Product) X(Sum) X(Exprs) X(Modifier) X(OnSource) X(Values) X(Match) X(BlockEntry)  \
          X(Map) X(Maps) X(Selection) X(And) X(Or) X(Then) X(Not) X(Any) X(All) X(Quant) X(Always) X(CGroup) \
              X(CNegation) X(CAnd) X(Cond) X(Condition) X(New) X(CompareOp) X(Compare) X(CallCompare)        \
                  X(KQuant) X(KGroup) X(KNegation) X(Step) X(KThen) X(KAnd) X(KCond) X(KCondition)           \
                      X(GroupBy) X(Timespan) X(Sliding) X(Tumbling) X(Closed) X(Warmup) X(State) X(SizeUnit) \
                          X(LevelCase) X(Level) X(MetaList) X(Meta) X(Let) X(ParamEntry) X(Params)           \
                              X(Suppress) X(Custom) X(JsonString) X(JsonNumber) X(JsonTrue) X(JsonFalse)     \
                                  X(JsonNull) X(JsonMember) X(JsonObject) X(JsonArray) X(At) X(Arrives)      \
                                      X(Every) X(Times) X(Feed) X(NoAlert) X(Expect) X(TypeWord)             \
                                          X(ListTo) X(ListFrom) X(ListValues) X(List) X(Shared) X(Amend)     \
                                              X(Remove) X(Exempt) X(Columns) X(Format) X(FieldSegment)       \
                                                  X(FieldArray) X(FieldPath) X(Required) X(Usual) X(Open)    \
                                                      X(Derived) X(Field) X(ApiCall) X(RuleHead)             \
                                                          X(DetectionHead) X(CorrelationHead) X(TestHead)    \
                                                              X(TuneListHead) X(TuneSchemaHead)              \
                                                                  X(TuneRulesHead) X(SchemaHead) X(Edition)  \
                                                                      X(TemplateText) X(TemplateExpr)

enum class Kind : uint8_t {
  none,
#define WEIR_KIND(name) name,
  WEIR_SYNTAX_NODES(WEIR_KIND)
#undef WEIR_KIND
};

// What the grammar wanted where it stopped, with the words for it.
#define WEIR_EXPECTATIONS(X)                                                                          \
  X(text_end, "`\"`")                                                                                 \
  X(verbatim_end, "`'`")                                                                              \
  X(prose_end, "`\"\"\"`")                                                                            \
  X(escape, "an escape")                                                                              \
  X(backtick_end, "a closing backtick")                                                               \
  X(name, "a name")                                                                                   \
  X(colon, "`:`")                                                                                     \
  X(equals, "`=`")                                                                                    \
  X(open_brace, "`{`")                                                                                \
  X(list_open, "`[`")                                                                                 \
  X(list_next, "`,` or `]`")                                                                          \
  X(maps_close, "another `{ ... }` or `]`")                                                           \
  X(expression, "a field, a number or a call")                                                        \
  X(call_close, "`,` or `)`")                                                                         \
  X(paren_close, "`)`")                                                                               \
  X(modifier, "a modifier, such as `contains`")                                                       \
  X(item_colon, "`:` and a value")                                                                    \
  X(value, "a value")                                                                                 \
  X(meta_value, "a value")                                                                            \
  X(meta_end, "a new clause")                                                                         \
  X(map_close, "an item, such as `field: value`, or `}`")                                             \
  X(body, "`{`")                                                                                      \
  X(condition, "a condition, such as `selection and not filter`")                                     \
  X(condition_end, "`and`, `or`, a selection or `}`")                                                 \
  X(pattern, "`them` or a pattern, such as `filter_*`")                                               \
  X(many_condition, "a condition, such as `count() >= 10` or `a then b`")                             \
  X(comparison, "a comparison, such as `>= 10`")                                                      \
  X(correlation_end, "`group_by:`, `timespan:`, `warmup:`, `state:`, `condition:` or `}`")            \
  X(duration, "a length of time, such as `10m`")                                                      \
  X(number, "a whole number")                                                                         \
  X(size, "a size, such as `256MiB`")                                                                 \
  X(level, "a level: informational, low, medium, high or critical")                                   \
  X(params_close, "a parameter, such as `limit: 10`, or `}`")                                         \
  X(test_title, "the test's title in double quotes")                                                  \
  X(event_word, "`event { ... }`")                                                                    \
  X(times_word, "`times` and a number")                                                               \
  X(alert_count, "`1 alert` or `no alert`")                                                           \
  X(json_object, "`{` and JSON")                                                                      \
  X(json_name, "a name in double quotes")                                                             \
  X(json_colon, "`:`")                                                                                \
  X(json_value, "a JSON value")                                                                       \
  X(json_object_next, "`,` or `}`")                                                                   \
  X(json_array_next, "`,` or `]`")                                                                    \
  X(json_string_end, "`\"`")                                                                          \
  X(json_escape, "a JSON escape")                                                                     \
  X(type, "a type: string, int, float, bool, time, ip, domain or json")                               \
  X(list_content, "`{` and values, or `from \"FILE\"`")                                               \
  X(list_close, "a value or `}`")                                                                     \
  X(on_source, "`on` and the source it is for")                                                       \
  X(targets, "the name of a rule, or a pattern such as `r53_*`")                                      \
  X(field_path, "the field's path")                                                                   \
  X(text, "a text in double quotes")                                                                  \
  X(fields_close, "`field ...` or `}`")                                                               \
  X(format_name, "`json` or `columns \"NAME NAME ...\"`")                                             \
  X(edition, "the edition's number")                                                                  \
  X(template_expression, "an expression")                                                             \
  X(template_close, "`}`")                                                                            \
  X(rule_clause, "a clause, such as `title:` or `detection {`, or `}`")                               \
  X(detection_item, "a selection, `condition:` or `}`")                                               \
  X(correlation_item, "`group_by:`, `timespan:`, `warmup:`, `state:`, `condition:` or `}`")           \
  X(test_item, "`event { ... }`, `expect ...`, `params { ... }` or `}`")                              \
  X(tune_list_clause, "`add: [...]`, `remove: [...]`, `reason:` or `}`")                              \
  X(tune_rules_clause, "`exempt`, `params`, `test`, `suppress:`, a clause such as `reason:`, or `}`") \
  X(schema_clause, "`field`, `call`, a clause such as `time:`, or `}`")                               \
  X(declaration, "`rule`, `list`, `selection`, `tune` or `schema`")

enum class Expected : uint8_t {
#define WEIR_EXPECTED(name, words) name,
  WEIR_EXPECTATIONS(WEIR_EXPECTED)
#undef WEIR_EXPECTED
};

const char* words(Expected expected);

// Children are in the order of the text; offsets are of the text that was parsed.
struct Node {
  std::span<const Node* const> children;
  uint32_t begin = 0, end = 0;
  Kind kind = Kind::none;

  const Node& operator[](size_t i) const { return *children[i]; }
  size_t size() const { return children.size(); }
  const Node* find(Kind wanted) const {
    for (const Node* child : children)
      if (child->kind == wanted) return child;
    return nullptr;
  }
};

// Where nodes lie: taken piece by piece, given back all at once. Rules are a hundred thousand nodes, so this is
// measured: a virtual call for each, as std::pmr has it, is a tenth of all parsing.
class NodeMemory {
 public:
  NodeMemory() = default;
  NodeMemory(NodeMemory&& other) noexcept
      : last_(std::exchange(other.last_, nullptr)), at_(other.at_), left_(std::exchange(other.left_, 0)) {}
  NodeMemory& operator=(NodeMemory&& other) noexcept {
    std::swap(last_, other.last_);
    std::swap(at_, other.at_);
    std::swap(left_, other.left_);
    return *this;
  }
  ~NodeMemory();

  // Uninitialised room for so many; T needs no destructor.
  template <class T>
  T* take(size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(Chunk));
    const size_t bytes = (count * sizeof(T) + alignof(Chunk) - 1) / alignof(Chunk) * alignof(Chunk);
    if (bytes > left_) grow(bytes);
    std::byte* const out = at_;
    at_ += bytes;
    left_ -= bytes;
    return reinterpret_cast<T*>(out);
  }

 private:
  struct Chunk {
    Chunk* before;
    size_t bytes;  // with this
  };
  void grow(size_t bytes);

  Chunk* last_ = nullptr;
  std::byte* at_ = nullptr;
  size_t left_ = 0;
};

// The nodes of one unit: they lie in one place, and go together. Empty when moved from.
class UnitTree {
 public:
  UnitTree() = default;
  UnitTree(NodeMemory memory, const Node* root) : memory_(std::move(memory)), root_(root) {}
  UnitTree(UnitTree&& other) noexcept : memory_(std::move(other.memory_)), root_(std::exchange(other.root_, nullptr)) {}
  UnitTree& operator=(UnitTree&&) = delete;

  explicit operator bool() const { return root_ != nullptr; }
  const Node& operator*() const { return *root_; }
  const Node* operator->() const { return root_; }

 private:
  NodeMemory memory_;
  const Node* root_ = nullptr;
};

struct Failure {
  uint32_t at = 0;  // white space and comments skipped, but in JSON only white space
  Expected expected = Expected::declaration;
  bool too_deep = false;  // stopped at kMaxNesting instead
};

enum class Unit : uint8_t {
  edition,
  rule_head,
  rule_clause,  // all but the blocks, which have heads and items
  detection_head,
  detection_item,
  correlation_head,
  correlation_item,
  test_head,
  test_item,
  list,
  shared_selection,
  tune_head,
  tune_list_clause,
  tune_rules_clause,
  schema_head,
  schema_clause,
  literal,  // one text, and nothing after it
  message,  // a whole template
};

// The unit that begins exactly at `at`. The root has no kind; its children are the nodes of the unit.
std::variant<UnitTree, Failure> parse_unit(Unit unit, std::string_view text, uint32_t at);

// Where the first byte that is not UTF-8 stands, or npos.
size_t invalid_utf8(std::string_view text);

}  // namespace weir::dsl
