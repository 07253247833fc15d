// Runs the grammar over one unit and keeps the tree; besides grammar.h nothing else knows PEGTL.
#include "dsl/syntax.h"

#include <algorithm>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "dsl/grammar.h"
#include "dsl/limits.h"

namespace weir::dsl {
namespace {

namespace peg = tao::pegtl;

template <class Rule>
inline constexpr Kind kind_of = Kind::none;
#define WEIR_KIND(name) \
  template <>           \
  inline constexpr Kind kind_of<grammar::name> = Kind::name;
WEIR_SYNTAX_NODES(WEIR_KIND)
#undef WEIR_KIND

// A chain of one link is that link.
template <class Rule>
inline constexpr bool is_chain =
    kind_of<Rule> == Kind::Sum || kind_of<Rule> == Kind::Product || kind_of<Rule> == Kind::Cond ||
    kind_of<Rule> == Kind::CAnd || kind_of<Rule> == Kind::KCond || kind_of<Rule> == Kind::KAnd ||
    kind_of<Rule> == Kind::KThen;

// The rules through which every other can come to contain itself: what they nest in each other is limited.
template <class Rule>
inline constexpr bool nests =
    kind_of<Rule> == Kind::Group || kind_of<Rule> == Kind::Call || kind_of<Rule> == Kind::Map ||
    kind_of<Rule> == Kind::CGroup || kind_of<Rule> == Kind::CNegation || kind_of<Rule> == Kind::KGroup ||
    kind_of<Rule> == Kind::KNegation || kind_of<Rule> == Kind::KQuant || kind_of<Rule> == Kind::JsonObject ||
    kind_of<Rule> == Kind::JsonArray;

bool is_bracket(char c) { return c == '(' || c == '[' || c == '{'; }

struct Stop {
  const char* at;
  Expected expected;
  bool too_deep = false;
};

// Nodes are kept in the order in which their rules ended. What an alternative left behind that was given up
// later begins at or after the place where the next rule begins or the current one ends; so it is known.
class Tree {
 public:
  explicit Tree(const char* text) : text_(text) { nodes_.reserve(kFirstNodes); }

  size_t start(const char* at) {
    forget_from(0, at);
    return nodes_.size();
  }
  void success(Kind kind, bool chain, size_t first, const char* begin, const char* end) {
    forget_from(first, end);
    if (chain && nodes_.size() == first + 1) return;
    const auto count = nodes_.size() - first;
    const Node** children = memory_.take<const Node*>(count);
    std::copy_n(nodes_.begin() + long(first), count, children);
    drop_from(first);
    nodes_.push_back(new (memory_.take<Node>(1))
                         Node{{children, count}, uint32_t(begin - text_), uint32_t(end - text_), kind});
  }
  void failure(size_t first) { drop_from(first); }
  void enter(const char* at, bool bracket) {
    // Past the limit a rule may still be tried, for what stands inside the last bracket; not another bracket.
    if (++depth_ > kMaxNesting + (bracket ? 0 : 1)) throw Stop{at, Expected::declaration, true};
  }
  void leave() { --depth_; }

  UnitTree root(const char* begin, const char* end) {
    success(Kind::none, false, 0, begin, end);
    return UnitTree(std::move(memory_), nodes_[0]);
  }

 private:
  static constexpr size_t kFirstNodes = 64;  // that wait for what holds them: most units have fewer

  void drop_from(size_t first) { nodes_.erase(nodes_.begin() + long(first), nodes_.end()); }
  void forget_from(size_t first, const char* at) {
    while (nodes_.size() > first && nodes_.back()->begin >= uint32_t(at - text_)) nodes_.pop_back();
  }

  const char* text_;
  NodeMemory memory_;
  std::vector<const Node*> nodes_;
  uint32_t depth_ = 0;
};

// Rules that leave no node are matched without ceremony, which halves what the compiler has to make of this.
template <class Rule>
struct control : peg::normal<Rule> {
  template <peg::apply_mode A, peg::rewind_mode M, template <class...> class Action,
            template <class...> class Control, class Input>
  static bool match(Input& in, Tree& tree) {
    if constexpr (kind_of<Rule> == Kind::none) {
      return matches<A, M, Action, Control>(in, tree);
    } else {
      if constexpr (nests<Rule>) tree.enter(in.current(), !in.empty() && is_bracket(in.peek_char()));
      const char* begin = in.current();
      const size_t first = tree.start(begin);
      const bool matched = matches<A, M, Action, Control>(in, tree);
      if (matched)
        tree.success(kind_of<Rule>, is_chain<Rule>, first, begin, in.current());
      else
        tree.failure(first);
      if constexpr (nests<Rule>) tree.leave();
      return matched;
    }
  }

  template <class Input>
  [[noreturn]] static void raise(const Input& in, Tree&) {
    throw Stop{in.current(), Rule::expected};
  }

 private:
  template <peg::apply_mode A, peg::rewind_mode M, template <class...> class Action,
            template <class...> class Control, class Input>
  static bool matches(Input& in, Tree& tree) {
    if constexpr (requires { Rule::match(in); })
      return Rule::match(in);
    else
      return Rule::template match<A, M, Action, Control>(in, tree);
  }
};

using Input = peg::memory_input<peg::tracking_mode::lazy, peg::eol::lf_crlf, const char*>;
using Result = std::variant<UnitTree, Failure>;

uint32_t after_space(std::string_view text, uint32_t at) {
  Input in(text.data() + at, text.data() + text.size(), "");
  (void)peg::parse<grammar::_>(in);
  return uint32_t(in.current() - text.data());
}

bool in_json(Expected expected) {
  return expected >= Expected::json_name && expected <= Expected::json_escape;
}

template <class Rule>
Result run(std::string_view text, uint32_t at, Expected otherwise) {
  Input in(text.data() + at, text.data() + text.size(), "");
  Tree tree(text.data());
  try {
    if (!peg::parse<Rule, peg::nothing, control>(in, tree))
      return Failure{after_space(text, at), otherwise, false};
    return tree.root(text.data() + at, in.current());
  } catch (const Stop& stop) {
    const uint32_t where = uint32_t(stop.at - text.data());
    const bool exact = stop.too_deep || in_json(stop.expected);
    return Failure{exact ? where : after_space(text, where), stop.expected, stop.too_deep};
  }
}

}  // namespace

NodeMemory::~NodeMemory() {
  while (last_) ::operator delete(std::exchange(last_, last_->before));
}

void NodeMemory::grow(size_t bytes) {
  constexpr size_t kFirst = 1008;  // most units need no more, and the allocator keeps pieces of this size at hand
  const size_t size = std::max(last_ ? last_->bytes * 2 : kFirst, sizeof(Chunk) + bytes);
  last_ = new (::operator new(size)) Chunk{last_, size};
  at_ = reinterpret_cast<std::byte*>(last_ + 1);
  left_ = size - sizeof(Chunk);
}

const char* words(Expected expected) {
  static constexpr const char* kWords[] = {
#define WEIR_EXPECTED(name, words) words,
      WEIR_EXPECTATIONS(WEIR_EXPECTED)
#undef WEIR_EXPECTED
  };
  return kWords[size_t(expected)];
}

Result parse_unit(Unit unit, std::string_view text, uint32_t at) {
  using E = Expected;
  switch (unit) {
    case Unit::edition:
      return run<grammar::Edition>(text, at, E::declaration);
    case Unit::rule_head:
      return run<grammar::RuleHead>(text, at, E::declaration);
    case Unit::rule_clause:
      return run<grammar::RuleClause>(text, at, E::rule_clause);
    case Unit::detection_head:
      return run<grammar::DetectionHead>(text, at, E::rule_clause);
    case Unit::detection_item:
      return run<grammar::DetectionItem>(text, at, E::detection_item);
    case Unit::correlation_head:
      return run<grammar::CorrelationHead>(text, at, E::rule_clause);
    case Unit::correlation_item:
      return run<grammar::CorrelationItem>(text, at, E::correlation_item);
    case Unit::test_head:
      return run<grammar::TestHead>(text, at, E::rule_clause);
    case Unit::test_item:
      return run<grammar::TestItem>(text, at, E::test_item);
    case Unit::list:
      return run<grammar::List>(text, at, E::declaration);
    case Unit::shared_selection:
      return run<grammar::Shared>(text, at, E::declaration);
    case Unit::tune_head:
      return run<grammar::TuneHead>(text, at, E::declaration);
    case Unit::tune_list_clause:
      return run<grammar::TuneListClause>(text, at, E::tune_list_clause);
    case Unit::tune_rules_clause:
      return run<grammar::TuneRulesClause>(text, at, E::tune_rules_clause);
    case Unit::schema_head:
      return run<grammar::SchemaHead>(text, at, E::declaration);
    case Unit::schema_clause:
      return run<grammar::SchemaClause>(text, at, E::schema_clause);
    case Unit::literal:
      return run<peg::seq<grammar::String, peg::eof>>(text, at, E::text);
    case Unit::message:
      return run<grammar::Template>(text, at, E::template_close);
  }
  return Failure{at, E::declaration, false};
}

size_t invalid_utf8(std::string_view text) {
  Input in(text.data(), text.data() + text.size(), "");
  (void)peg::parse<peg::star<peg::sor<peg::ascii::range<'\0', '\x7f'>, peg::utf8::any>>>(in);
  const size_t at = size_t(in.current() - text.data());
  return at == text.size() ? std::string_view::npos : at;
}

}  // namespace weir::dsl
