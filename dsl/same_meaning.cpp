// Structural comparison of two trees, blind to what a formatter may change: spans, comments, brackets around
// an expression, and the order of clauses that have none.
#include <algorithm>

#include "dsl/clause_order.h"
#include "dsl/format.h"

namespace weir::dsl {

namespace {

// A class, so that the overloads may call each other in any order.
struct Same {
  static bool same(const std::string& a, const std::string& b) { return a == b; }
  static bool same(const Name& a, const Name& b) { return a.text == b.text; }
  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  static bool same(T a, T b) {
    return a == b;
  }

  template <class T>
  static bool same(const std::vector<T>& a, const std::vector<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const T& x, const T& y) { return same(x, y); });
  }
  template <class T>
  static bool same(const std::optional<T>& a, const std::optional<T>& b) {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
  }
  template <class T>
  static bool same(const std::unique_ptr<T>& a, const std::unique_ptr<T>& b) {
    return !a == !b && (!a || same(*a, *b));
  }

  // Clauses, steps and nodes: the same alternative with the same content. A template, because what else took
  // a variant would compete, by conversion, for each of its alternatives.
  template <class... Ts>
  static bool same(const std::variant<Ts...>& a, const std::variant<Ts...>& b) {
    if (a.index() != b.index()) return false;
    return std::visit([&](const auto& one) { return same(one, std::get<std::decay_t<decltype(one)>>(b)); }, a);
  }

  // ---- expressions

  static bool same(const Text& a, const Text& b) { return a.value == b.value && a.wildcards == b.wildcards; }
  static bool same(const Number& a, const Number& b) {
    return a.value == b.value && a.integer == b.integer && a.is_integer == b.is_integer &&
           a.percent == b.percent && a.overflow == b.overflow && a.digits == b.digits;
  }
  static bool same(const Duration& a, const Duration& b) { return a.ms == b.ms; }
  static bool same(const Date& a, const Date& b) {
    return a.year == b.year && a.month == b.month && a.day == b.day;
  }
  static bool same(const Bool& a, const Bool& b) { return a.value == b.value; }
  static bool same(const Null&, const Null&) { return true; }
  static bool same(const Attack& a, const Attack& b) { return a.id == b.id; }
  static bool same(const Const& a, const Const& b) { return same(a.name, b.name); }
  static bool same(const Segment& a, const Segment& b) {
    return a.name == b.name && a.quoted == b.quoted && a.pick == b.pick && a.index == b.index;
  }
  static bool same(const Path& a, const Path& b) { return same(a.segments, b.segments); }
  static bool same(const Call& a, const Call& b) {
    return same(a.name, b.name) && same(a.args, b.args) && same(a.where, b.where);
  }
  static bool same(const Binary& a, const Binary& b) {
    return a.op == b.op && same(a.left, b.left) && same(a.right, b.right);
  }
  static bool same(const Expr& a, const Expr& b) {
    return same(a.node, b.node);
  }

  // ---- selections and conditions

  static bool same(const Item& a, const Item& b) {
    return same(a.subject, b.subject) && same(a.modifiers, b.modifiers) && same(a.values, b.values) &&
           a.is_list == b.is_list;
  }
  static bool same(const Map& a, const Map& b) { return same(a.entries, b.entries); }
  static bool same(const Block& a, const Block& b) { return same(a.path, b.path) && same(a.map, b.map); }
  static bool same(const Keywords& a, const Keywords& b) { return same(a.values, b.values); }
  static bool same(const Selection& a, const Selection& b) {
    return same(a.name, b.name) && same(a.modifiers, b.modifiers) && same(a.source, b.source) &&
           same(a.body, b.body);
  }
  static bool same(const Cond& a, const Cond& b) {
    return a.kind == b.kind && same(a.children, b.children) && a.count == b.count && a.number == b.number &&
           a.them == b.them && same(a.name, b.name);
  }
  static bool same(const KCond& a, const KCond& b) {
    return a.kind == b.kind && same(a.children, b.children) && same(a.left, b.left) &&
           same(a.right, b.right) && a.op == b.op && same(a.exprs, b.exprs) && a.number == b.number &&
           a.numbered == b.numbered && same(a.name, b.name);
  }

  // ---- JSON

  static bool same(const Json& a, const Json& b) {
    return a.kind == b.kind && a.boolean == b.boolean && a.text == b.text && same(a.elements, b.elements) &&
           same(a.members, b.members);
  }
  static bool same(const JsonMember& a, const JsonMember& b) {
    return a.key == b.key && same(a.value, b.value);
  }

  // ---- clauses

  static bool same(const Meta& a, const Meta& b) {
    return same(a.name, b.name) && same(a.values, b.values) && a.is_list == b.is_list;
  }
  static bool same(const LevelCase& a, const LevelCase& b) {
    return same(a.level, b.level) && same(a.where, b.where);
  }
  static bool same(const Level& a, const Level& b) { return same(a.cases, b.cases); }
  static bool same(const Let& a, const Let& b) { return same(a.name, b.name) && same(a.value, b.value); }
  static bool same(const Param& a, const Param& b) {
    return same(a.name, b.name) && same(a.values, b.values) && a.is_list == b.is_list;
  }
  static bool same(const Params& a, const Params& b) { return same(a.params, b.params); }
  static bool same(const Detection& a, const Detection& b) {
    return same(a.selections, b.selections) && same(a.condition, b.condition);
  }
  static bool same(const Correlation::State& a, const Correlation::State& b) { return a.bytes == b.bytes; }
  static bool same(const Correlation& a, const Correlation& b) {
    return same(a.group_by, b.group_by) && same(a.timespan, b.timespan) && a.window == b.window &&
           same(a.warmup, b.warmup) && same(a.state, b.state) && same(a.condition, b.condition);
  }
  static bool same(const Suppress& a, const Suppress& b) {
    return same(a.length, b.length) && same(a.by, b.by);
  }
  static bool same(const Custom& a, const Custom& b) { return same(a.value, b.value); }
  static bool same(const Feed& a, const Feed& b) {
    return same(a.at, b.at) && same(a.arrives, b.arrives) && same(a.every, b.every) &&
           same(a.times, b.times) && same(a.source, b.source) && same(a.event, b.event);
  }
  static bool same(const Expect& a, const Expect& b) {
    return a.count == b.count && same(a.at, b.at) && same(a.rule, b.rule) && same(a.map, b.map);
  }
  static bool same(const Test& a, const Test& b) {
    return same(a.title, b.title) && same(a.steps, b.steps);
  }
  static bool same(const Exempt& a, const Exempt& b) { return same(a.selection, b.selection); }
  static bool same(const Amend& a, const Amend& b) {
    return a.remove == b.remove && same(a.values, b.values);
  }
  static bool same(const FieldSegment& a, const FieldSegment& b) {
    return a.name == b.name && a.quoted == b.quoted && a.array == b.array;
  }
  static bool same(const Field& a, const Field& b) {
    return same(a.path, b.path) && a.type == b.type && a.required == b.required && a.usual == b.usual &&
           a.open == b.open && same(a.derived, b.derived) && same(a.known, b.known) &&
           same(a.description, b.description);
  }
  static bool same(const ApiCall& a, const ApiCall& b) {
    return same(a.service, b.service) && same(a.name, b.name) && same(a.fields, b.fields);
  }
  static bool same(const Format& a, const Format& b) {
    return a.columns == b.columns && same(a.names, b.names);
  }

  // Clause by clause, in the order of `places` rather than of the text.
  template <class Clause, class PlaceOf>
  static bool same_clauses(const std::vector<Clause>& a, const std::vector<Clause>& b, PlaceOf place) {
    if (a.size() != b.size()) return false;
    auto sorted = [&](const std::vector<Clause>& clauses) {
      std::vector<const Clause*> order;
      for (const Clause& clause : clauses) order.push_back(&clause);
      std::stable_sort(order.begin(), order.end(),
                       [&](const Clause* x, const Clause* y) { return place(*x) < place(*y); });
      return order;
    };
    std::vector<const Clause*> in_a = sorted(a), in_b = sorted(b);
    return std::equal(in_a.begin(), in_a.end(), in_b.begin(),
                      [](const Clause* x, const Clause* y) { return same(*x, *y); });
  }

  // ---- declarations

  static bool same(const Rule& a, const Rule& b) {
    return same(a.name, b.name) && a.broken == b.broken &&
           same_clauses(a.clauses, b.clauses, [](const RuleClause& clause) { return place_of(clause); });
  }
  static bool same(const List& a, const List& b) {
    return same(a.name, b.name) && a.type == b.type && same(a.to, b.to) && same(a.from, b.from) &&
           same(a.values, b.values) && a.broken == b.broken;
  }
  static bool same(const SharedSelection& a, const SharedSelection& b) {
    return same(a.selection, b.selection) && a.broken == b.broken;
  }
  static bool same(const Schema& a, const Schema& b) {
    return same(a.name, b.name) && a.broken == b.broken &&
           same_clauses(a.clauses, b.clauses, [](const SchemaClause&) { return 0; });
  }
  static bool same(const Tune& a, const Tune& b) {
    return a.kind == b.kind && same(a.targets, b.targets) && a.broken == b.broken &&
           same_clauses(a.clauses, b.clauses, [](const TuneClause& clause) { return place_of(clause); });
  }
};

}  // namespace

bool same_meaning(const File& a, const File& b) {
  return Same::same(a.edition, b.edition) && Same::same(a.declarations, b.declarations);
}

}  // namespace weir::dsl
