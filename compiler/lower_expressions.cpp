// Expressions: literals, `$names`, arithmetic, and the types of both sides.
#include <fmt/format.h>

#include "compiler/lowering.h"
#include "runtime/match/functions.h"

namespace weir::compiler {

using dsl::Code;

bool is_text(Type type) { return type == Type::string || type == Type::ip || type == Type::domain; }
bool is_number(Type type) { return type == Type::integer || type == Type::real; }

namespace {

int64_t date_microseconds(const dsl::Date& date) {
  return match::days_from_civil(date.year, date.month, date.day) * 86'400'000'000;
}

const char* verb_of(char op) {
  switch (op) {
    case '+':
      return "added";
    case '-':
      return "subtracted";
    case '*':
      return "multiplied";
    default:
      return "divided";
  }
}

// The type of `left op right`; nullopt when it means nothing.
std::optional<Type> type_of_arithmetic(char op, Type left, Type right) {
  if (left == Type::unknown || right == Type::unknown) return Type::unknown;
  if (is_number(left) && is_number(right))
    return op == '/' || left == Type::real || right == Type::real ? Type::real : Type::integer;
  bool additive = op == '+' || op == '-';
  if (additive && left == Type::duration && right == Type::duration) return Type::duration;
  if (additive && left == Type::time && right == Type::duration) return Type::time;
  if (op == '+' && left == Type::duration && right == Type::time) return Type::time;
  if (op == '-' && left == Type::time && right == Type::time) return Type::duration;
  if (op == '/' && left == Type::duration && right == Type::duration) return Type::real;
  if (!additive && left == Type::duration && is_number(right)) return Type::duration;
  if (op == '*' && is_number(left) && right == Type::duration) return Type::duration;
  return std::nullopt;
}

}  // namespace

Typed RuleLowering::nothing(Type type) {
  Typed out;
  out.type = type;
  out.value = make().missing();
  return out;
}

Typed RuleLowering::literal(ir::Literal literal, Type type) {
  Typed out;
  out.type = type;
  out.value = make().literal(std::move(literal));
  out.single = true;
  return out;
}

Typed RuleLowering::constant_value(const dsl::Const& use, const Scope& scope) {
  std::optional<Constant> found = constant(use);
  if (!found) return nothing();
  if (found->is_list || found->values->size() != 1) {
    add(Code::E210, fmt::format("`${}` is a list, and one value is needed here", use.name.text), use.span,
        "a list")
        .help(found->list && found->list->to
                  ? fmt::format("look a value up in it: `lookup(${}, x)`", use.name.text)
                  : "compare with it in a selection");
    return nothing();
  }
  return expression(found->values->front(), scope);
}

Typed RuleLowering::expression(const dsl::Expr& expr, const Scope& scope) {
  using Kind = ir::Literal::Kind;
  struct Visitor {
    RuleLowering& rule;
    const Scope& scope;
    const dsl::Expr& expr;
    Typed operator()(const dsl::Text& text) { return rule.literal({Kind::text, text.value}, Type::string); }
    Typed operator()(const dsl::Number& number) {
      if (number.is_integer && !number.overflow)
        return rule.literal({Kind::integer, "", number.integer}, Type::integer);
      return rule.literal({Kind::real, "", 0, number.value}, Type::real);
    }
    Typed operator()(const dsl::Duration& duration) {
      return rule.literal({Kind::span, "", duration.ms * 1000}, Type::duration);
    }
    Typed operator()(const dsl::Date& date) {
      return rule.literal({Kind::time, "", date_microseconds(date)}, Type::time);
    }
    Typed operator()(const dsl::Bool& value) {
      return rule.literal({Kind::boolean, "", value.value ? 1 : 0}, Type::boolean);
    }
    Typed operator()(const dsl::Null& null) {
      rule.add(Code::E301, "`null` is no value to compute with", null.span, "not here")
          .help("leave it out: what is missing gives a missing result by itself");
      return rule.nothing();
    }
    Typed operator()(const dsl::Attack& attack) {
      // `T1098` is a word like any other where an expression stands.
      dsl::Path path;
      path.segments.push_back({attack.id, false, dsl::Segment::Pick::implicit, 0, attack.span, attack.span});
      path.span = attack.span;
      return rule.path(path, scope);
    }
    Typed operator()(const dsl::Const& use) { return rule.constant_value(use, scope); }
    Typed operator()(const dsl::Path& path) {
      Typed out = rule.path(path, scope);
      if (scope.place == Place::window && out.type != Type::unknown) {
        rule.one_event_of_many(path_text(path), path.span, out.type);
        return rule.nothing();
      }
      return out;
    }
    Typed operator()(const dsl::Call& call) { return rule.call(call, scope); }
    Typed operator()(const dsl::Binary& binary) { return rule.binary(binary, scope); }
  };
  return std::visit(Visitor{*this, scope, expr}, expr.node);
}

Typed RuleLowering::binary(const dsl::Binary& binary, const Scope& scope) {
  Typed left = expression(*binary.left, scope);
  Typed right = expression(*binary.right, scope);
  for (Typed* side : {&left, &right}) {
    if (side->object) object_error(side == &left ? *binary.left : *binary.right, *side);
    if (side->type != Type::json) continue;
    side->value = make().make(ir::Op::as_number, {side->value});
    side->type = Type::real;
  }
  if (scope.place == Place::window && binary.op == '/' && left.aggregate && right.aggregate)
    has_ratio_ = true;
  std::optional<Type> type = type_of_arithmetic(binary.op, left.type, right.type);
  if (!type) {
    bool lengths = left.type == Type::duration || right.type == Type::duration;
    dsl::Diagnostic& error = add(lengths ? Code::E405 : Code::E301,
                                 fmt::format("{} and {} cannot be {}", described(left.type),
                                             described(right.type), verb_of(binary.op)),
                                 binary.op_span, "not between these");
    error.label(binary.left->span, described(left.type)).label(binary.right->span, described(right.type));
    return nothing();
  }
  if (!align(left, right, binary.span)) return nothing();
  ir::Op op = binary.op == '+'   ? ir::Op::add
              : binary.op == '-' ? ir::Op::subtract
              : binary.op == '*' ? ir::Op::multiply
                                 : ir::Op::divide;
  Typed out;
  out.type = *type;
  out.value = make().make(op, {left.value, right.value});
  out.axis = left.axis;
  out.reductions = left.reductions;
  out.single = left.single && right.single;
  out.aggregate = left.aggregate || right.aggregate;
  out.array = left.array.empty() ? right.array : left.array;
  return out;
}

}  // namespace weir::compiler
