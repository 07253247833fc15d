// What the parts of the lowering share: the pack that is being made, and one rule of it at a time.
//
// Internal to compiler/lower*.cpp. A rule is lowered once for each of its sources. Whatever is wrong goes to
// the rule's own list of diagnostics and gets a value that is typed `unknown`, which fits everything: one
// mistake, one error. Files by idea: lower (recipe), lower_names, lower_paths, lower_expressions,
// lower_functions, lower_modifiers, lower_items, lower_values, lower_selections, lower_calls,
// lower_conditions, lower_conflicts, lower_exemptions, lower_correlation, lower_aggregates, lower_steps,
// lower_state, lower_shape, lower_messages, lower_message_pieces, lower_lints.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "compiler/compile.h"
#include "compiler/ir.h"
#include "compiler/project.h"
#include "compiler/trace.h"
#include "dsl/ast.h"
#include "dsl/diagnostic.h"
#include "runtime/match/kept.h"

namespace weir::compiler {

// ---- the pack ---------------------------------------------------------------------------------------------

struct ExemptionVerdict {  // of one exemption over all the rules that it is attached to
  size_t rules = 0, never = 0, always = 0;
  std::optional<dsl::Diagnostic> why_never, why_always;
};

struct Pack {
  Pack(const Project& project, const CompileOptions& options, dsl::Diagnostics& diagnostics, Trace* trace);

  const Project& project;
  const CompileOptions& options;
  dsl::Diagnostics& diagnostics;
  Trace* trace;
  ir::Module module;
  ir::Builder builder;
  std::vector<const SchemaInfo*> schemas;  // by source index
  std::map<std::string, uint16_t> source_index;
  std::map<std::string, std::string>
      spelled;  // folded text → as a rule writes it, where it differs; for messages
  std::map<std::string, std::pair<match::RegexFlags, match::Regex>> expressions;  // that could be compiled
  std::set<const dsl::SharedSelection*> used_shared;
  bool alerts_are_heard = false;  // by a rule of the pack: alerts show what their schema derives
  std::map<const dsl::Selection*, ExemptionVerdict> exemption_verdicts;
  std::map<std::pair<std::vector<ir::Value>, std::optional<int64_t>>, const dsl::Rule*> by_meaning;

  // Adds what is not there yet (shared selections and tunings are looked at once for each of their rules).
  void report(const dsl::Diagnostics& found);

  // From here on what the shipped pack says is taken as it stands: the tests of the build have judged each
  // value of it.
  void trust_shipped();
  bool trusts(dsl::Span span) const { return span.source < trusted_.size() && trusted_[span.source]; }

 private:
  std::vector<bool> trusted_;  // by source
  std::set<std::tuple<dsl::Code, uint32_t, uint32_t, uint32_t, std::string>> reported_;
};

// True when no event can make all of `conditions` true, as far as satisfiable.h tells without the schemas. False
// means nothing.
bool contradict(const ir::Module& module, const std::set<ir::Value>& single,
                const std::vector<ir::Value>& conditions);
// The texts, folded, of which `subject` must be one wherever `condition` holds; empty when any may be.
std::vector<std::string> needed_texts(const ir::Module& module, ir::Value condition, ir::Value subject);

// `until: 2026-12-31` holds to the end of that day, by event time.
int64_t first_second_after(const dsl::Date& last_day);

// E406: circles of `source: alert` rules.
void check_alert_circles(const Project& project, dsl::Diagnostics& diagnostics);
// Fills RuleInfo::hears.
void note_heard_rules(const Project& project, std::vector<match::RuleInfo>& rules);

// ---- one rule ---------------------------------------------------------------------------------------------

struct Bounds {  // what a value can be, for comparisons that never hold
  double least = 0, most = 0;
  std::string why;  // "a label has at most 63 characters"
};

struct Reduction {  // an explicit quantifier of a path
  uint32_t axis = 0;
  dsl::Segment::Pick pick = dsl::Segment::Pick::any;
};

struct Typed {
  Type type = Type::unknown;
  ir::Value value = ir::kNoValue;
  uint32_t axis = 0;                  // on which `value` lies
  std::vector<Reduction> reductions;  // from the scope's axis down to `axis`, outermost first
  const FieldInfo* field = nullptr;   // a field as it stands
  bool single = false;                // one value an event at most
  bool object = false;                // a path that ends at an object or an array of objects
  bool label = false;                 // a label of a domain
  bool aggregate = false;             // a number over a window
  uint32_t numbered = match::kNone;   // the aggregate that it is, or is the mean of: of Correlation::aggregates
  std::string array;                  // the array that it crosses without saying how
  std::optional<Bounds> bounds;
};

struct PinnedCall {
  const CallInfo* call = nullptr;  // null: the catalogue does not know it
  dsl::Span span;                  // where it is pinned
};
using Pins = std::vector<PinnedCall>;  // any of these; empty: not pinned

enum class Place : uint8_t {
  item,        // left of a selection's colon
  value,       // right of it
  expression,  // let, key, argument of an aggregate
  window,      // the condition of a correlation
  message,     // message and fields
};

// Where an expression stands: on which axis, below which path, and what is known there.
struct Scope {
  Place place = Place::expression;
  uint32_t axis = 0;
  std::vector<std::string> prefix;  // the names from the event to here
  std::vector<match::Step> steps;   // from the axis to here
  const Pins* pins = nullptr;
  bool own_pins = false;                // of the same map: every call must have the parameter
  bool of_schema = false;               // a derived field: sees no lets
  bool json_as_text = false;            // values of json parts by their spelling
  bool in_function = false;             // an argument of one, which looks at one event
  std::optional<uint16_t> only_source;  // `resolver.srcaddr`, `unlock.principal`
  std::optional<uint16_t> on_source;    // in a selection `on SOURCE`: of several, that one's field is meant
  std::vector<std::string> bound;       // paths below these names are of the element of `bound_axis`
  std::optional<uint32_t> bound_axis;
};

struct Modifiers {
  enum class How : uint8_t { equal, contains, starts, ends, regex, cidr, domain, gt, gte, lt, lte, exists };
  How how = How::equal;
  const dsl::Name* word = nullptr;  // the modifier that says how
  const dsl::Name* all = nullptr;
  const dsl::Name* neq = nullptr;
  bool cased = false;
  match::RegexFlags flags;
  std::vector<const dsl::Name*> transforms;
  bool compares_order() const { return how >= How::gt && how <= How::lte; }
};

struct LoweredItem {
  const dsl::Item* item = nullptr;
  Modifiers modifiers;
  Typed subject;
  std::vector<const dsl::Expr*> values;  // literals, `$names` taken apart
  ir::Value holds = ir::kNoValue;
  bool of_nothing = false;  // the values are a list without any
  std::string expected;
};

inline constexpr size_t kMaxConditions = 64;  // of a correlation: they are bits of a word
inline constexpr size_t kMaxChains = 64;

// The correlation of a rule while it is made. Its parts are numbered when they are first met; walking the rule for
// another source finds them under the same numbers.
struct Planned {
  match::Correlation made;
  std::vector<std::string> keys, values;  // what tells equal expressions, by number
  std::vector<dsl::Span> aggregate_spans, number_spans;  // by number
  std::vector<dsl::Span> step_spans;                     // of every step of every chain, in order
  std::set<uint32_t> shown;               // aggregates that a message shows as they are
};

match::Identity identity_of(Type type);
int64_t microseconds(int64_t ms);  // the longest there are, when it is longer

struct MatchedBlock {              // for messages: the element that a block found
  std::vector<std::string> array;  // its path
  uint32_t axis = 0;
  ir::Value holds = ir::kNoValue;  // on the axis
};

class RuleLowering {
 public:
  RuleLowering(Pack& pack, const RuleEntry& entry);
  // Adds the rule to the module when nothing is wrong with it, and its diagnostics in any case.
  void run();

  // A shared selection that no rule uses, a map over alerts (`expect`): typed in an empty rule.
  RuleLowering(Pack& pack, uint16_t source);
  void check_shared(const dsl::SharedSelection& shared);
  ir::Value lower_alert_map(const dsl::Map& map);
  dsl::Diagnostics& diagnostics() { return *sink_; }

 private:
  struct Named {
    const dsl::Selection* selection = nullptr;
    const dsl::SharedSelection* shared = nullptr;
  };
  struct Constant {  // what `$name` stands for
    const std::vector<dsl::Expr>* values = nullptr;
    const ListInfo* list = nullptr;  // when it is one
    bool is_list = false;
  };

  // lower_names: what a word means in this rule
  void index_clauses();
  void index_sources();
  void check_names();
  std::optional<Named> find_selection(const std::string& name);
  const Named* selection_or_error(const dsl::Name& name);
  std::optional<Constant> constant(const dsl::Const& use);
  const std::vector<dsl::Expr>& values_of(const ListInfo& list) const;
  std::vector<std::string> selection_names() const;
  std::vector<std::string> names_matching(const std::string& glob) const;
  std::string text(dsl::Span span) const { return std::string(pack_.project.sources.text(span)); }
  void add_error_for_missing_selection(const dsl::Name& name);
  dsl::Diagnostic& add(dsl::Code code, std::string title, dsl::Span span, std::string label = {}) {
    return sink_->add(code, std::move(title), span, std::move(label));
  }

  // lower_paths: from names to slots
  Typed path(const dsl::Path& path, const Scope& scope);
  Typed path_in_source(const dsl::Path& path, size_t first, uint16_t source, const Scope& scope);
  struct Found {
    bool found = false;
    Type type = Type::json;
    const FieldInfo* field = nullptr;
    bool object = false;
    size_t shaped = 0;         // so many of the names are known to the schema
    std::vector<bool> arrays;  // of the names
  };
  Found find_in_schema(const SchemaInfo& schema, const std::vector<std::string>& names, const dsl::Path& path,
                       size_t first, const Scope& scope);
  bool exists_in_schema(const SchemaInfo& schema, const std::vector<std::string>& names) const;
  Typed slot_value(const dsl::Path& path, size_t first, const Found& found, const Scope& scope,
                   bool relative);
  Typed derived(const FieldInfo& field, uint16_t source, const Scope& scope);
  Typed let_value(const dsl::Let& let, const Scope& scope);
  Typed unknown_field(const dsl::Path& path, size_t first, const std::vector<const SchemaInfo*>& where,
                      const Scope& scope);
  void check_quantifiers(const dsl::Path& path, size_t first, const Found& found);
  ir::Value raw_slot_like(ir::Value field);
  std::string crossed_array(const dsl::Path& path, size_t first, const Found& found,
                            const Scope& scope) const;
  ir::Value bring(ir::Value value, uint32_t from, uint32_t to, bool condition = false);
  Typed brought(Typed typed, const Scope& scope);
  ir::Value gathered(const Typed& typed, uint32_t to);
  std::vector<uint32_t> axes_between(uint32_t from, uint32_t to) const;

  // lower_expressions
  Typed expression(const dsl::Expr& expr, const Scope& scope);
  Typed literal(ir::Literal literal, Type type);
  Typed constant_value(const dsl::Const& use, const Scope& scope);
  Typed binary(const dsl::Binary& binary, const Scope& scope);
  Typed nothing(Type type = Type::unknown);
  bool align(Typed& a, Typed& b, dsl::Span span);
  // lower_functions
  Typed call(const dsl::Call& call, const Scope& scope);
  Typed function(const dsl::Call& call, const Scope& scope);
  Typed simple_function(const struct FunctionRow& row, const dsl::Call& call, const Scope& scope);
  Typed function_if(const dsl::Call& call, const Scope& scope);
  Typed function_lookup(const dsl::Call& call, const Scope& scope);
  Typed function_size(const dsl::Call& call, const Scope& scope);
  Typed function_json_text(const dsl::Call& call, const Scope& scope);
  Typed function_coalesce(const dsl::Call& call, const Scope& scope);
  Typed unknown_function(const dsl::Call& call);
  Typed aggregate_outside(const dsl::Call& call, const Scope& scope);
  void one_event_of_many(const std::string& written, dsl::Span span, Type type);

  // lower_modifiers
  std::optional<Modifiers> modifiers(const std::vector<dsl::Name>& words);
  bool fits(const Modifiers& modifiers, const Typed& subject, const dsl::Item& item);

  // lower_items
  LoweredItem item(const dsl::Item& item, const Scope& scope);
  Typed subject(const dsl::Item& item, const Scope& scope, const Modifiers& modifiers);
  void split_values(Typed& typed);
  ir::Value each_value(ir::Value values, uint32_t& axis);
  bool take_apart(const dsl::Item& item, LoweredItem& lowered, std::vector<const dsl::Expr*>& expressions);
  bool list_fits(const ListInfo& list, const LoweredItem& lowered, dsl::Span use);
  ir::Value compare(LoweredItem& lowered, const std::vector<const dsl::Expr*>& expressions,
                    const Scope& scope);
  ir::Value compare_with(LoweredItem& lowered, const dsl::Expr& right, const Scope& scope);
  ir::Value compare_literals(LoweredItem& lowered);
  ir::Value exists_item(const LoweredItem& lowered);
  ir::Value order_against(const Modifiers& modifiers, ir::Value left, ir::Value right);
  void object_error(const dsl::Expr& subject, const Typed& typed);
  ir::Value reduce(ir::Value holds, const std::vector<Reduction>& reductions);

  // lower_values: literals by the type of the subject
  ir::Value texts_item(const LoweredItem& lowered);
  ir::Value regex_item(const LoweredItem& lowered);
  ir::Value network_item(const LoweredItem& lowered);
  ir::Value number_item(const LoweredItem& lowered);
  ir::Value bool_item(const LoweredItem& lowered);
  ir::Value time_item(const LoweredItem& lowered);
  ir::Value combine(const Modifiers& modifiers, std::vector<ir::Value> parts);
  bool literal_fits(const LoweredItem& lowered, const dsl::Expr& value);
  bool text_fits(const LoweredItem& lowered, const dsl::Text& text);
  void wrong_type(const LoweredItem& lowered, const dsl::Expr& value);
  bool regex_compiles(const dsl::Text& text, match::RegexFlags flags);
  const match::Regex* compiled(const std::string& expression, match::RegexFlags flags) const;
  std::optional<match::Network> network(const LoweredItem& lowered, const dsl::Text& text);
  void check_known(const LoweredItem& lowered, const dsl::Text& text);
  void check_bounds(const LoweredItem& lowered);
  std::string expected_text(const LoweredItem& lowered, size_t count) const;

  // lower_selections
  ir::Value selection(const dsl::Name& name);  // an error when there is none
  ir::Value lower_selection(const dsl::Selection& selection, bool shared, Scope scope,
                            TracedSelection* trace);
  ir::Value map(const dsl::Map& map, Scope scope, std::vector<TracedItem>* trace);
  ir::Value map_items(const dsl::Map& map, const Scope& scope, std::vector<TracedItem>* trace);
  ir::Value block(const dsl::Block& block, const Scope& scope, TracedItem* trace);
  ir::Value keywords(const dsl::Keywords& keywords, const std::vector<dsl::Name>& modifiers);
  uint16_t source_of(const dsl::Selection& selection);
  match::Root trace_root(ir::Value holds, const Scope& scope);

  // lower_calls: which API calls a selection is about
  Pins pins_of(const dsl::Map& map);
  Pins pins_of(const dsl::Selection& selection);
  Pins pins_of(const dsl::Cond& cond);
  struct PinnedTexts {
    std::vector<const dsl::Text*> services, calls;
  };
  PinnedTexts pinned_texts(const dsl::Map& map) const;
  void check_calls(const dsl::Map& map);
  void check_slip(const dsl::Text& call, const std::vector<std::string>& known);
  void check_call(const dsl::Text& name, const std::vector<const dsl::Text*>& services,
                  const std::vector<std::string>& names);
  struct Narrowed {
    bool applies = false;
    const FieldInfo* field = nullptr;
    Type type = Type::json;
    bool object = false;
  };
  Narrowed narrow(const SchemaInfo& schema, const FieldInfo& part, const std::vector<std::string>& names,
                  const dsl::Path& path, size_t first, const Scope& scope);

  // lower_conditions
  ir::Value condition(const dsl::Cond& cond, bool negated);
  ir::Value quantifier(const dsl::Cond& cond, bool negated);
  std::vector<std::string> quantified(const dsl::Cond& cond, bool negated);

  // lower_conflicts, lower_lints: within one map
  void check_conflicts(const std::vector<LoweredItem>& items);
  void lint_map(const std::vector<LoweredItem>& items, const Scope& scope);
  void lint_item(const LoweredItem& lowered, const Scope& scope);
  void lint_quantified_neq(const LoweredItem& lowered);
  void lint_outer_star(const Modifiers& modifiers, const dsl::Text& text, const std::string& written);
  void lint_foreign_pattern(const LoweredItem& lowered, const dsl::Text& text, const std::string& written);
  void lint_brackets(const dsl::Cond& cond);
  void lint_brackets(const dsl::KCond& cond);
  void lint_tests();
  void lint_unused();
  bool names_a_field(const std::string& text) const;

  // lower_exemptions
  ir::Value exempted(ir::Value matches, match::RuleOnSource& out, RuleTrace* trace);
  void judge_exemption(const Exemption& exemption, ir::Value matches, ir::Value holds);
  void check_ratio(const Exemption& exemption);

  // lower_correlation: keys, window, and the condition
  void correlation();
  void check_window();
  void check_keys();
  void check_kinds(const dsl::KCond& cond);
  std::optional<uint32_t> window_condition(const dsl::KCond& cond);
  bool compare_numbers(const dsl::KCond& cond, match::WindowCondition& made);
  bool first_seen(const dsl::KCond& cond, match::WindowCondition& made);
  Scope window_scope(Place place) const;
  std::optional<int64_t> duration_ms(const dsl::Expr* expr, const char* what);
  std::string kcond_text(const dsl::KCond& cond) const;

  // lower_aggregates
  Typed aggregate(const dsl::Call& call, const Scope& scope);
  Typed aggregate_over_slots(const dsl::Call& call, const Scope& scope);
  Typed count_of_something(const dsl::Call& call);
  std::optional<double> aggregate_parameter(const dsl::Call& call);
  Type type_of_aggregate(const dsl::Call& call, Type of);
  void check_baseline(const dsl::Call& call);
  const dsl::Number* number_literal(const dsl::Expr& expr);  // also by a `$name`
  std::optional<uint32_t> window_number(const dsl::Expr& expr, const Scope& scope);
  uint32_t correlation_value(const dsl::Expr& expr, Typed typed, bool as_number);
  uint32_t correlation_condition(const dsl::Name& name);
  uint32_t correlation_aggregate(match::Aggregate aggregate, dsl::Span span);
  match::Root root_of(const Typed& typed);  // kNone: this source has no such thing

  // lower_steps
  void steps_condition(const dsl::KCond& cond);
  bool chain_steps(const dsl::KCond& cond, match::Chain& chain);
  bool chain_step(const dsl::KCond& cond, match::Chain& chain);
  void check_step(const dsl::Name& step);
  std::optional<Named> step_path(const dsl::Path& path);  // the selection that `a.field` speaks of
  std::optional<uint32_t> step_number(const dsl::Path& path);

  // lower_state, lower_shape
  dsl::Span span_of_part(const match::GroupPart& part) const;
  dsl::Span most_compared(size_t aggregate) const;
  void check_memory();
  uint64_t shape();
  void shape_of(const dsl::KCond& cond, class ShapeOf& parts);

  // lower_messages
  void message(match::RuleOnSource& out);
  void fields(match::RuleOnSource& out);
  void derived_fields(match::RuleOnSource& out);
  void suppress(match::RuleInfo& info, match::RuleOnSource& out);
  void levels(match::RuleOnSource& out);
  Typed message_expression(const dsl::Expr& expr);
  // lower_message_pieces
  match::MessagePiece message_piece(const dsl::Expr& expr);
  match::MessagePiece window_piece(const dsl::Expr& expr);
  match::MessagePiece step_piece(const dsl::Expr& expr, const std::vector<const dsl::Path*>& steps);
  ir::Value matched_element(const dsl::Expr& expr, const Typed& all);
  void about(match::RuleInfo& info) const;

  // lower: the recipe
  void lower_on_source(match::RuleInfo& info);
  void lower_the_rest();
  void take_trace(RuleTrace trace, ir::Value matches);
  void take_correlation(match::RuleInfo& info);
  void lint_duplicate(const match::RuleInfo& info);

  Pack& pack_;
  const RuleEntry* entry_ = nullptr;
  dsl::Diagnostics own_diagnostics_;
  dsl::Diagnostics* sink_ = &own_diagnostics_;

  // The rule's clauses, by name.
  std::vector<uint16_t> sources_;
  const dsl::Detection* detection_ = nullptr;
  const dsl::Correlation* correlation_ = nullptr;
  std::map<std::string, const dsl::Let*> lets_;
  std::map<std::string, const dsl::Param*> params_;      // declared
  std::map<std::string, const dsl::Param*> set_params_;  // tuned, or set by a test
  std::map<std::string, const dsl::Selection*> selections_;
  std::set<std::string> used_lets_, used_params_, used_selections_;
  bool has_ratio_ = false;
  bool rests_on_error_ = false;  // uses a list or a shared selection that has errors of its own
  std::vector<ir::Value> matches_;  // the condition on each source
  std::vector<RuleTrace> own_traces_;
  Planned planned_;

  // While one source is lowered.
  uint16_t source_ = 0;
  match::RuleOnSource* on_ = nullptr;
  Pins rule_pins_;
  std::map<std::string, ir::Value> lowered_selections_;
  std::map<std::string, Named> named_;
  std::map<std::string, TracedSelection> traced_;
  std::map<std::string, Typed> lowered_lets_;
  std::set<std::string> open_lets_;
  std::map<const FieldInfo*, Typed> lowered_fields_;
  std::vector<MatchedBlock> matched_blocks_;
  std::set<ir::Value> single_;  // values of which an event has at most one
  bool negated_ = false;        // inside a `not`
  const SchemaInfo& schema() const { return *pack_.schemas[source_]; }
  ir::Builder& make() { return pack_.builder; }
};

// ---- words for messages -----------------------------------------------------------------------------------

std::string quoted(std::string_view name);                       // `name`
std::string quoted_list(const std::vector<std::string>& names);  // `a`, `b` and `c`
std::string dotted(const std::vector<std::string>& names);
// What a key or a field is called in an alert: as it is written, without the backticks of names with signs in them.
std::string alert_name(std::string written);
std::string path_text(const dsl::Path& path, size_t first = 0);  // without picks
std::vector<std::string> names_of(const dsl::Path& path, size_t first = 0);
std::vector<std::string> field_names(const SchemaInfo& schema);
bool is_text(Type type);    // string, ip, domain
bool is_number(Type type);  // int, float
bool is_aggregate(std::string_view function);
std::vector<std::string> function_names();
dsl::Span with_bar(dsl::Span modifier);  // `|gt`
std::string grouped(uint64_t number);    // 65,000
std::string in_bytes(double bytes);      // 2.5 MiB

// One of `known` that `value` is a slip of the fingers away from, when it is none of them.
std::optional<std::string> slip_of(const std::string& value, const std::vector<std::string>& known);

// Sigma's value transforms: every text that `text` may stand for. Not for texts with wildcards, but windash.
std::vector<dsl::Text> transformed(const dsl::Text& text, const std::vector<const dsl::Name*>& transforms);

}  // namespace weir::compiler
