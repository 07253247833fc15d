// One item of a selection: subject, modifiers, values → a condition.
//
//   answers[all].Rdata|cidr: ["10.0.0.0/8", …]
//   └ subject, on an axis ┘ └ how ┘ └ values ┘     reduced by the quantifiers, then negated by `neq`
#include <fmt/format.h>

#include <algorithm>

#include "compiler/lowering.h"

namespace weir::compiler {

using dsl::Code;
using How = Modifiers::How;

ir::Value RuleLowering::reduce(ir::Value holds, const std::vector<Reduction>& reductions) {
  for (auto r = reductions.rbegin(); r != reductions.rend(); ++r) {
    ir::Op op = r->pick == dsl::Segment::Pick::all ? ir::Op::all_elements : ir::Op::any_element;
    holds = make().on_axis(op, source_, r->axis, {holds});
    if (r->pick == dsl::Segment::Pick::none) holds = make().make(ir::Op::negate, {holds});
  }
  return holds;
}

// ---- the subject ------------------------------------------------------------------------------------------

// `|all` asks all of the list of one value. Where a path gives several, each becomes an element of its own:
//
//   answers.Rdata|contains|all: ["a", "b"]   any_element(both(contains "a", contains "b"))
Typed RuleLowering::subject(const dsl::Item& item, const Scope& scope, const Modifiers& modifiers) {
  Typed typed = expression(item.subject, scope);
  if (modifiers.all && !typed.single && typed.value != ir::kNoValue) split_values(typed);
  return typed;
}

void RuleLowering::split_values(Typed& typed) {
  uint32_t axis = typed.axis;
  ir::Value each = each_value(typed.value, axis);
  if (axis == typed.axis) return;
  typed.value = each;
  typed.axis = axis;
  typed.reductions.push_back({axis, dsl::Segment::Pick::any});
}

// `values` of one element of a new `axis` each; as they are, and `axis` untouched, when there is one at most
// or they come from several slots.
ir::Value RuleLowering::each_value(ir::Value values, uint32_t& axis) {
  const ir::Inst inst = pack_.module.insts[values];
  if (inst.op == ir::Op::field) {
    match::SlotSpec spec = pack_.module.sources[source_].projection.slots[inst.imm];
    // A whole array is one value: what gives several of those lies above it.
    auto last = spec.path.end();
    if (spec.want == match::Want::raw) {
      while (last != spec.path.begin() && std::prev(last)->kind == match::Step::Kind::index) --last;
      if (last != spec.path.begin()) --last;
    }
    if (last == spec.path.begin()) return values;
    axis = make().axis(source_, {spec.axis, {spec.path.begin(), last}, false});
    return make().field(source_, make().slot(source_, {axis, {last, spec.path.end()}, spec.want}));
  }
  std::span<const ir::Value> of = pack_.module.operands_of(inst);
  std::vector<ir::Value> operands(of.begin(), of.end());
  auto varies = [&](ir::Value operand) { return pack_.module.insts[operand].source != ir::kAnySource; };
  bool by_value = std::string_view(ir::info(inst.op).operands).find_first_not_of('V') == std::string::npos &&
                  ir::info(inst.op).imm != ir::Imm::axis && inst.op != ir::Op::count_values;
  auto first = std::find_if(operands.begin(), operands.end(), varies);
  if (!by_value || first == operands.end() || std::count_if(operands.begin(), operands.end(), varies) != 1)
    return values;
  uint32_t before = axis;
  *first = each_value(*first, axis);
  return axis == before ? values : make().copy(inst, std::move(operands));
}

// E314: an object where a value is needed.
void RuleLowering::object_error(const dsl::Expr& subject, const Typed&) {
  std::string written = text(subject.span);
  std::vector<std::string> parts;
  if (auto* path = std::get_if<dsl::Path>(&subject.node)) {
    std::vector<std::string> names = names_of(*path);
    for (uint16_t source : sources_)
      for (const FieldInfo& field : pack_.schemas[source]->fields) {
        if (field.path.size() <= names.size()) continue;
        bool below =
            std::equal(names.begin(), names.end(), field.path.begin(),
                       [](const std::string& a, const FieldInfo::Segment& b) { return a == b.name; });
        if (below && parts.size() < 4) parts.push_back(field.name());
      }
  }
  dsl::Diagnostic& error = add(Code::E314, fmt::format("`{}` has parts and no value of its own", written),
                               subject.span, "an object, or an array of objects");
  if (!parts.empty()) error.help(fmt::format("name a part: {}", quoted_list(parts)));
  error.help(fmt::format("or compare its text: `json_text({})|contains: \"...\"`", written));
}

// Literals and expressions apart; `$names` become their values. False after an error.
bool RuleLowering::take_apart(const dsl::Item& item, LoweredItem& lowered,
                              std::vector<const dsl::Expr*>& expressions) {
  bool good = true;
  for (const dsl::Expr& value : item.values) {
    if (auto* use = std::get_if<dsl::Const>(&value.node)) {
      std::optional<Constant> found = constant(*use);
      if (!found) {
        good = false;
        continue;
      }
      if (found->list && found->list->to) {
        add(Code::E301, fmt::format("`${}` is a look-up list", use->name.text), value.span, "has two columns")
            .help(fmt::format("look a value up in it: `let x = lookup(${}, {})`", use->name.text,
                              text(item.subject.span)));
        good = false;
        continue;
      }
      if (found->list && !list_fits(*found->list, lowered, value.span)) {
        good = false;
        continue;
      }
      for (const dsl::Expr& of : *found->values) lowered.values.push_back(&of);
    } else if (std::holds_alternative<dsl::Path>(value.node) ||
               std::holds_alternative<dsl::Call>(value.node) ||
               std::holds_alternative<dsl::Attack>(value.node)) {
      expressions.push_back(&value);
    } else {
      lowered.values.push_back(&value);
    }
  }
  for (const dsl::Expr* value : lowered.values) {
    if (!std::holds_alternative<dsl::Null>(value->node)) continue;
    if (item.is_list) {
      add(Code::E309, "`null` does not stand in a list", value->span, "means: absent, or null")
          .help(fmt::format("use a list of maps: `selection [ {{ {0}: null }} {{ {0}: ... }} ]`",
                            text(item.subject.span)));
      good = false;
    } else if (lowered.modifiers.word) {
      add(Code::E310, fmt::format("`null` is no value for `|{}`", lowered.modifiers.word->text), value->span,
          "means: absent, or null")
          .help(fmt::format("leave out `|{}`; or ask for the key with `|exists: false`",
                            lowered.modifiers.word->text));
      good = false;
    }
  }
  return good;
}

bool RuleLowering::list_fits(const ListInfo& list, const LoweredItem& lowered, dsl::Span use) {
  Type type = lowered.subject.type;
  bool fit = type == Type::unknown || type == Type::json || type == list.type ||
             (is_text(type) && is_text(list.type)) || (is_number(type) && is_number(list.type));
  if (lowered.modifiers.how == How::regex || lowered.modifiers.how == How::contains)
    fit = fit || is_text(list.type);
  if (fit && list.type == Type::ip && is_text(type) && type != Type::ip && lowered.modifiers.how == How::equal) {
    const std::string subject = text(lowered.item->subject.span);
    const dsl::Span behind{lowered.item->subject.span.source, lowered.item->subject.span.end,
                           lowered.item->subject.span.end};
    add(Code::E301, fmt::format("`{}` is text here, and `{}` lists addresses", subject, text(use)), use,
        "addresses and networks")
        .help(fmt::format("both are compared as addresses with `{}|cidr`", subject))
        .replace(behind, "|cidr", dsl::Applicability::likely);
    return false;
  }
  if (fit) return true;
  add(Code::E301,
      fmt::format("`{}` is {}, and `{}` lists {}", text(lowered.item->subject.span), described(type),
                  text(use), described(list.type)),
      use, described(list.type));
  return false;
}

LoweredItem RuleLowering::item(const dsl::Item& item, const Scope& scope) {
  LoweredItem lowered;
  lowered.item = &item;
  lowered.holds = make().make(ir::Op::never, {});
  Scope left = scope;
  left.place = Place::item;
  std::optional<Modifiers> modifiers = this->modifiers(item.modifiers);
  lowered.subject = subject(item, left, modifiers.value_or(Modifiers{}));
  if (!modifiers) {
    lowered.subject.type = Type::unknown;
    return lowered;
  }
  lowered.modifiers = *modifiers;
  bool asks_presence = modifiers->how == How::exists ||
                       (item.values.size() == 1 && std::holds_alternative<dsl::Null>(item.values[0].node));
  if (lowered.subject.object && !asks_presence) {
    object_error(item.subject, lowered.subject);
    return lowered;
  }
  if (!fits(lowered.modifiers, lowered.subject, item)) return lowered;
  if (modifiers->all && (!item.is_list || item.values.size() == 1) &&
      !(item.values.size() == 1 && std::holds_alternative<dsl::Const>(item.values[0].node)))
    add(Code::W311, "`|all` with one value", modifiers->all->span, "there is one value")
        .help("leave it out, or write a list")
        .replace(with_bar(modifiers->all->span), "");

  std::vector<const dsl::Expr*> expressions;
  if (!take_apart(item, lowered, expressions)) return lowered;
  ir::Value holds = compare(lowered, expressions, scope);
  holds = reduce(holds, lowered.subject.reductions);
  if (modifiers->neq) holds = make().make(ir::Op::negate, {holds});
  lowered.holds = holds;
  lowered.of_nothing = !item.values.empty() && lowered.values.empty() && expressions.empty();
  lowered.expected = expected_text(lowered, lowered.values.size() + expressions.size());
  return lowered;
}

ir::Value RuleLowering::compare(LoweredItem& lowered, const std::vector<const dsl::Expr*>& expressions,
                                const Scope& scope) {
  std::vector<ir::Value> parts;
  for (const dsl::Expr* right : expressions) parts.push_back(compare_with(lowered, *right, scope));
  if (!lowered.values.empty() || expressions.empty()) parts.push_back(compare_literals(lowered));
  return combine(lowered.modifiers, std::move(parts));
}

ir::Value RuleLowering::combine(const Modifiers& modifiers, std::vector<ir::Value> parts) {
  if (parts.size() == 1) return parts[0];
  return make().make(modifiers.all ? ir::Op::both : ir::Op::either, std::move(parts));
}

ir::Value RuleLowering::exists_item(const LoweredItem& lowered) {
  auto* wanted = lowered.values.size() == 1 ? std::get_if<dsl::Bool>(&lowered.values[0]->node) : nullptr;
  if (!wanted) {
    dsl::Span span = lowered.values.empty() ? lowered.item->values_span : lowered.values[0]->span;
    add(Code::E301, "`|exists` takes `true` or `false`", span, "not a yes or no")
        .help("`true`: the key is there, be its value null");
    return make().make(ir::Op::never, {});
  }
  ir::Value there = make().make(ir::Op::exists, {lowered.subject.value});
  return wanted->value ? there : make().make(ir::Op::negate, {there});
}

ir::Value RuleLowering::compare_literals(LoweredItem& lowered) {
  ir::Value never = make().make(ir::Op::never, {});
  Typed& subject = lowered.subject;
  const Modifiers& modifiers = lowered.modifiers;
  if (subject.value == ir::kNoValue) return never;
  if (modifiers.how == How::exists) return exists_item(lowered);
  if (lowered.values.size() == 1 && std::holds_alternative<dsl::Null>(lowered.values[0]->node))
    return make().make(ir::Op::is_null, {subject.value});
  if (subject.type == Type::unknown) return never;

  bool good = true;
  for (const dsl::Expr* value : lowered.values) good = literal_fits(lowered, *value) && good;
  if (!good) return never;
  check_bounds(lowered);
  if (modifiers.how == How::regex) return regex_item(lowered);
  if (modifiers.how == How::cidr) return network_item(lowered);
  if (modifiers.compares_order())
    return subject.type == Type::time || subject.type == Type::duration ? time_item(lowered)
                                                                        : number_item(lowered);
  if (is_number(subject.type)) return number_item(lowered);
  if (subject.type == Type::boolean) return bool_item(lowered);
  if (subject.type == Type::time || subject.type == Type::duration) return time_item(lowered);
  return texts_item(lowered);
}

ir::Value RuleLowering::order_against(const Modifiers& modifiers, ir::Value left, ir::Value right) {
  switch (modifiers.how) {
    case How::gt:
      return make().make(ir::Op::less, {right, left});
    case How::gte:
      return make().make(ir::Op::less_equal, {right, left});
    case How::lt:
      return make().make(ir::Op::less, {left, right});
    default:
      return make().make(ir::Op::less_equal, {left, right});
  }
}

// Another field, or an expression, on the right.
ir::Value RuleLowering::compare_with(LoweredItem& lowered, const dsl::Expr& right_expr, const Scope& scope) {
  ir::Value never = make().make(ir::Op::never, {});
  const Modifiers& modifiers = lowered.modifiers;
  Scope right_scope = scope;
  right_scope.place = Place::value;
  Typed right = expression(right_expr, right_scope);
  Typed left = lowered.subject;
  if (right.object) {
    object_error(right_expr, right);
    return never;
  }
  if (left.type == Type::unknown || right.type == Type::unknown) return never;
  if (modifiers.how == How::regex || modifiers.how == How::cidr || modifiers.how == How::exists ||
      !modifiers.transforms.empty()) {
    const dsl::Name& word = modifiers.word ? *modifiers.word : *modifiers.transforms[0];
    add(Code::E310, fmt::format("`|{}` takes a value that is written here, not a field", word.text),
        right_expr.span, "a field");
    return never;
  }
  // A json part is compared by its text, or as a number with a number.
  auto as_number = [&](Typed& side) {
    if (side.type == Type::json) side.value = make().make(ir::Op::as_number, {side.value});
  };
  bool numbers = modifiers.compares_order() || is_number(left.type) || is_number(right.type);
  if (numbers) {
    as_number(left);
    as_number(right);
  } else if (left.type == Type::json || right.type == Type::json) {
    Scope texts = scope;
    texts.json_as_text = true;
    texts.place = Place::item;
    if (left.type == Type::json && right.type != Type::boolean)
      left = lowered.subject = subject(*lowered.item, texts, modifiers);
    texts.place = Place::value;
    if (right.type == Type::json && left.type != Type::boolean) right = expression(right_expr, texts);
  }
  bool compatible = left.type == right.type || left.type == Type::json || right.type == Type::json ||
                    (is_text(left.type) && is_text(right.type)) ||
                    (is_number(left.type) && is_number(right.type));
  if (!compatible) {
    add(Code::E301,
        fmt::format("`{}` is {}, and `{}` is {}", text(lowered.item->subject.span), described(left.type),
                    text(right_expr.span), described(right.type)),
        right_expr.span, described(right.type));
    return never;
  }
  if (!right.reductions.empty()) {
    right.value = gathered(right, scope.axis);
    right.axis = scope.axis;
    right.reductions.clear();
  }
  right.value = bring(right.value, right.axis, left.axis);
  match::TextRule rule{modifiers.cased, left.type == Type::domain || right.type == Type::domain};
  if (modifiers.compares_order()) return order_against(modifiers, left.value, right.value);
  switch (modifiers.how) {
    case How::contains:
      return make().compare_texts(ir::Op::holds_part, left.value, right.value, rule);
    case How::starts:
      return make().compare_texts(ir::Op::holds_start, left.value, right.value, rule);
    case How::ends:
      return make().compare_texts(ir::Op::holds_end, left.value, right.value, rule);
    case How::domain:
      return make().make(ir::Op::holds_below, {left.value, right.value});
    default:
      break;
  }
  if (left.type == Type::ip || right.type == Type::ip)
    return make().make(ir::Op::same_address, {left.value, right.value});
  return make().compare_texts(ir::Op::same, left.value, right.value, rule);
}

}  // namespace weir::compiler
