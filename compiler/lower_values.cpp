// Literals of an item, by the type of what they are compared with: checked, then put into sets.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "compiler/lowering.h"
#include "compiler/nearest.h"
#include "runtime/match/functions.h"
#include "runtime/match/regex.h"

namespace weir::compiler {

using dsl::Code;
using How = Modifiers::How;

namespace {

constexpr uint8_t kAddressBits = 128;
constexpr size_t kFewKnown = 8;  // values of an open field, up to which a word like one of them is meant as it

// How a json part spells a number or a bool; nullopt for what is no text there.
std::optional<dsl::Text> spelled(const dsl::Expr& value) {
  if (auto* text = std::get_if<dsl::Text>(&value.node)) return *text;
  dsl::Text out;
  out.quote = dsl::Quote::verbatim;
  out.span = value.span;
  if (auto* number = std::get_if<dsl::Number>(&value.node))
    out.value = number->overflow     ? number->digits
                : number->is_integer ? std::to_string(number->integer)
                                     : match::format_real(number->value);
  else if (auto* flag = std::get_if<dsl::Bool>(&value.node))
    out.value = flag->value ? "true" : "false";
  else
    return std::nullopt;
  return out;
}

double number_in(const dsl::Number& number) {
  return number.is_integer && !number.overflow ? double(number.integer) : number.value;
}

match::TextSet::How how_of(How how) {
  switch (how) {
    case How::contains:
      return match::TextSet::How::contains;
    case How::starts:
      return match::TextSet::How::starts;
    case How::ends:
      return match::TextSet::How::ends;
    case How::domain:
      return match::TextSet::How::below;
    default:
      return match::TextSet::How::equal;
  }
}

// `a?c` under `contains` is the pattern `*a?c*`.
ir::PatternSpec pattern_of(const dsl::Text& text, How how, match::TextRule rule) {
  ir::PatternSpec spec{text.value, text.wildcards, rule};
  if (how == How::contains || how == How::ends) {
    spec.text.insert(0, "*");
    for (uint32_t& at : spec.wildcards) at++;
    spec.wildcards.insert(spec.wildcards.begin(), 0);
  }
  if (how == How::contains || how == How::starts) {
    spec.wildcards.push_back(uint32_t(spec.text.size()));
    spec.text += "*";
  }
  return spec;
}

bool is_domain_text(const std::string& text) {
  return text.find_first_of(" /:@") == std::string::npos && text.find("..") == std::string::npos;
}

// What says the same as the construct that the rest of an expression begins with.
const char* instead_of_backtracking(std::string_view rest) {
  if (rest.starts_with("(?!") || rest.starts_with("(?<!"))
    return "say it with two selections, the second of what must not be there: `one and not other`";
  if (rest.starts_with("(?=") || rest.starts_with("(?<="))
    return "only whether it matches counts: write it as a part of the whole, or say it with two selections: "
           "`one and other`";
  if (rest.starts_with("(?>")) return "no automaton backtracks: write `(?:` for `(?>`";
  if (!rest.starts_with('\\')) return "no automaton backtracks: leave the second `+` out";
  return "compare two fields instead, or write out what may be repeated";
}

}  // namespace

// ---- types ------------------------------------------------------------------------------------------------

void RuleLowering::wrong_type(const LoweredItem& lowered, const dsl::Expr& value) {
  Type type = lowered.subject.type;
  std::string subject = text(lowered.item->subject.span), written = text(value.span);
  auto* number = std::get_if<dsl::Number>(&value.node);
  auto* text_value = std::get_if<dsl::Text>(&value.node);
  const char* kind = number                                          ? "a number"
                     : text_value                                    ? "text"
                     : std::holds_alternative<dsl::Bool>(value.node) ? "a bool"
                     : std::holds_alternative<dsl::Date>(value.node) ? "a date"
                                                                     : "a length of time";
  bool leading_zero =
      number && written.size() > 1 && written[0] == '0' && written.find('.') == std::string::npos;
  bool length = std::holds_alternative<dsl::Duration>(value.node) && is_number(type);
  dsl::Diagnostic& error =
      add(length ? Code::E405 : Code::E301,
          length ? fmt::format("`{}` is {}, and `{}` is {}", written, kind, subject, described(type))
                 : fmt::format("`{}` is {}, and {} is {}", subject, described(type), written, kind),
          value.span, leading_zero && is_text(type) ? "a number has no leading zero to keep" : kind);
  if (is_text(type) && !text_value) {
    error.help(fmt::format("write `\"{}\"`", written)).replace(value.span, "\"" + written + "\"");
  } else if (is_number(type) && text_value) {
    char* end = nullptr;
    std::strtod(text_value->value.c_str(), &end);
    if (!text_value->value.empty() && !*end)
      error.help(fmt::format("write `{}`", text_value->value)).replace(value.span, text_value->value);
  } else if (type == Type::boolean && text_value &&
             (text_value->value == "true" || text_value->value == "false")) {
    error.help(fmt::format("write `{}`", text_value->value)).replace(value.span, text_value->value);
  }
}

bool RuleLowering::text_fits(const LoweredItem& lowered, const dsl::Text& text) {
  Type type = lowered.subject.type;
  How how = lowered.modifiers.how;
  if (how == How::regex) return regex_compiles(text, lowered.modifiers.flags);
  if (how == How::cidr) return network(lowered, text).has_value();
  if (how == How::domain && (!text.wildcards.empty() || text.value.starts_with('.'))) {
    size_t skip = text.value.find_first_not_of("*.");
    dsl::Diagnostic& error = add(Code::E310, "`|domain` takes a name, without wildcards or a leading dot",
                                 text.span, "the names below it match anyhow");
    if (skip != std::string::npos && text.value.find_first_of("*?", skip) == std::string::npos)
      error.help(fmt::format("write `\"{}\"`", text.value.substr(skip)))
          .replace(text.span, "\"" + text.value.substr(skip) + "\"");
    return false;
  }
  bool whole = how == How::equal && text.wildcards.empty();
  if (type == Type::ip && whole && !match::parse_address(text.value)) {
    std::string subject = this->text(lowered.item->subject.span);
    dsl::Diagnostic& error =
        add(Code::E301, fmt::format("`{}` is an address, and \"{}\" is none", subject, text.value), text.span,
            match::parse_network(text.value) ? "a network" : "no address");
    if (match::parse_network(text.value))
      error.help(fmt::format("a network is compared with `{}|cidr`", subject))
          .replace({lowered.item->subject.span.source, lowered.item->subject.span.end,
                    lowered.item->subject.span.end},
                   "|cidr", dsl::Applicability::likely);
    return false;
  }
  if ((how == How::domain || (type == Type::domain && whole)) && !is_domain_text(text.value)) {
    add(Code::E301, fmt::format("\"{}\" is no domain", text.value), text.span, "no name of a host or zone")
        .help("a domain has labels and dots, as in \"www.example.com\": no scheme, port or path");
    return false;
  }
  if (type == Type::time && !match::parse_time(text.value)) {
    wrong_type(lowered, dsl::Expr{text, false, text.span});
    return false;
  }
  return true;
}

bool RuleLowering::literal_fits(const LoweredItem& lowered, const dsl::Expr& value) {
  Type type = lowered.subject.type;
  const Modifiers& modifiers = lowered.modifiers;
  bool is_text_value = std::holds_alternative<dsl::Text>(value.node);
  bool is_number_value = std::holds_alternative<dsl::Number>(value.node);
  bool needs_text = modifiers.how == How::regex || modifiers.how == How::cidr ||
                    modifiers.how == How::contains || modifiers.how == How::starts ||
                    modifiers.how == How::ends || modifiers.how == How::domain;
  bool good = false;
  switch (type) {
    case Type::string:
    case Type::domain:
    case Type::ip:
      good = is_text_value;
      break;
    case Type::integer:
    case Type::real:
      good = is_number_value;
      break;
    case Type::boolean:
      good = std::holds_alternative<dsl::Bool>(value.node);
      break;
    case Type::time:
      good = std::holds_alternative<dsl::Date>(value.node) || is_text_value;
      break;
    case Type::duration:
      good = std::holds_alternative<dsl::Duration>(value.node);
      break;
    case Type::json:
      good = modifiers.compares_order()
                 ? is_number_value
                 : spelled(value).has_value() &&
                       (is_text_value || (modifiers.how != How::cidr && modifiers.how != How::regex));
      break;
    case Type::unknown:
      return true;
  }
  if (!good && type == Type::json) {
    add(Code::E301,
        fmt::format("`{}` compares {}",
                    modifiers.word ? "|" + modifiers.word->text : text(lowered.item->subject.span),
                    modifiers.compares_order() ? "numbers" : "text, numbers and bools"),
        value.span, "not here");
    return false;
  }
  if (!good) {
    wrong_type(lowered, value);
    return false;
  }
  if (!is_text_value) return true;
  const dsl::Text& written = std::get<dsl::Text>(value.node);
  for (const dsl::Name* transform : modifiers.transforms)
    if (!written.wildcards.empty() && transform->text != "windash") {
      add(Code::E310, fmt::format("`{}` cannot encode a wildcard", transform->text), written.span,
          "`*` or `?` stands for any text")
          .help("write the text between single quotes when the character itself is meant");
      return false;
    }
  if (!needs_text && modifiers.transforms.empty()) check_known(lowered, written);
  return text_fits(lowered, written);
}

// E303, W303: a value of a field whose values are known.
void RuleLowering::check_known(const LoweredItem& lowered, const dsl::Text& value) {
  const FieldInfo* field = lowered.subject.field;
  if (field && !field->derived && schema().columns && value.value == "-") {
    std::string subject = text(lowered.item->subject.span);
    add(Code::E303, fmt::format("\"-\" is not a value of `{}`", subject), value.span,
        "how the log writes that there is none")
        .help(fmt::format("write `{}: null`", subject));
    return;
  }
  if (!field || field->known.empty() || !value.wildcards.empty() || value.value.empty()) return;
  if (pack_.trusts(value.span) && pack_.trusts(schema().span)) return;
  match::TextRule rule{.cased = lowered.modifiers.cased};
  for (const std::string& known : field->known)
    if (match::equal(known, value.value, rule)) return;
  std::vector<std::string> near = nearest(value.value, field->known, 1);
  std::string subject = text(lowered.item->subject.span);
  if (field->open) {
    // Other values come: of many known ones, only what is a slip of the fingers is worth a word.
    std::optional<std::string> meant = slip_of(value.value, field->known);
    if (!meant && !near.empty() && field->known.size() <= kFewKnown) meant = near[0];
    if (!meant) return;
    add(Code::W303, fmt::format("\"{}\" is not a known value of `{}`", value.value, subject), value.span,
        "never seen in this field so far")
        .help(fmt::format("did you mean \"{}\"?", *meant))
        .replace(value.span, "\"" + *meant + "\"", dsl::Applicability::likely);
    return;
  }
  dsl::Diagnostic& error = add(Code::E303, fmt::format("\"{}\" is not a value of `{}`", value.value, subject),
                               value.span, "never logged, so this never matches");
  if (near.empty()) {
    std::vector<std::string> some(field->known.begin(),
                                  field->known.begin() + long(std::min<size_t>(field->known.size(), 12)));
    error.help(fmt::format("its values are \"{}\"", fmt::join(some, "\", \"")));
  } else {
    error.help(fmt::format("did you mean \"{}\"?", near[0]))
        .replace(value.span, "\"" + near[0] + "\"", dsl::Applicability::likely);
  }
}

// E308: a comparison that no value of the subject can make true.
void RuleLowering::check_bounds(const LoweredItem& lowered) {
  if (!lowered.subject.bounds || lowered.modifiers.neq) return;
  const Bounds& bounds = *lowered.subject.bounds;
  for (const dsl::Expr* value : lowered.values) {
    auto* number = std::get_if<dsl::Number>(&value->node);
    if (!number) continue;
    double n = number_in(*number);
    bool never = false;
    switch (lowered.modifiers.how) {
      case How::gt:
        never = n >= bounds.most;
        break;
      case How::gte:
        never = n > bounds.most;
        break;
      case How::lt:
        never = n <= bounds.least;
        break;
      case How::lte:
        never = n < bounds.least;
        break;
      case How::equal:
        never = n < bounds.least || n > bounds.most;
        break;
      default:
        break;
    }
    if (!never) continue;
    dsl::Diagnostic& error = add(Code::E308, bounds.why, value->span, "so this can never hold");
    if (bounds.most == 63) error.help("tunnels use labels of 20 to 63: did you mean `|gte: 52`?");
  }
}

// ---- sets -------------------------------------------------------------------------------------------------

ir::Value RuleLowering::texts_item(const LoweredItem& lowered) {
  const Modifiers& modifiers = lowered.modifiers;
  const Typed& subject = lowered.subject;
  match::TextRule rule{modifiers.cased, subject.type == Type::domain || modifiers.how == How::domain};
  ir::Texts set{how_of(modifiers.how), rule, {}};
  std::vector<match::Network> addresses;
  std::vector<ir::Value> parts;
  auto flush = [&](std::vector<ir::Value>& into) {
    if (!set.needles.empty())
      into.push_back(make().texts(subject.value, {set.how, set.rule, std::exchange(set.needles, {})}));
    if (!addresses.empty()) into.push_back(make().networks(subject.value, std::exchange(addresses, {})));
  };
  for (const dsl::Expr* value : lowered.values) {
    dsl::Text text = spelled(*value).value_or(dsl::Text{});
    std::vector<ir::Value> patterns;
    for (const dsl::Text& variant : transformed(text, modifiers.transforms)) {
      if (!variant.wildcards.empty()) {
        patterns.push_back(make().pattern(subject.value, pattern_of(variant, modifiers.how, rule)));
      } else if (auto address = match::parse_address(variant.value); subject.type == Type::ip && address) {
        addresses.push_back({*address, kAddressBits});
      } else {
        if (modifiers.how == How::equal)
          if (std::string folded = match::normal(variant.value, rule); folded != variant.value)
            pack_.spelled.emplace(std::move(folded), variant.value);
        set.needles.push_back(variant.value);
      }
    }
    if (modifiers.all) {
      flush(patterns);
      parts.push_back(make().make(ir::Op::either, std::move(patterns)));
    } else {
      parts.insert(parts.end(), patterns.begin(), patterns.end());
    }
  }
  if (!modifiers.all) flush(parts);
  return combine(modifiers, std::move(parts));
}

const match::Regex* RuleLowering::compiled(const std::string& expression, match::RegexFlags flags) const {
  const auto known = pack_.expressions.find(expression);
  return known != pack_.expressions.end() && known->second.first == flags ? &known->second.second : nullptr;
}

bool RuleLowering::regex_compiles(const dsl::Text& text, match::RegexFlags flags) {
  if (compiled(text.value, flags)) return true;
  const match::Regex regex(text.value, flags);
  if (pack_.trusts(text.span) || regex.ok()) {
    pack_.expressions.insert_or_assign(text.value, std::pair(flags, regex));
    return true;
  }
  uint32_t open = text.span.begin + 1;
  auto at = [&](size_t offset, size_t length) {
    uint32_t begin = std::min<uint32_t>(open + uint32_t(offset), text.span.end);
    return dsl::Span{text.span.source, begin, std::min<uint32_t>(begin + uint32_t(length), text.span.end)};
  };
  if (regex.needs_backtracking()) {
    const std::string what = regex.error();
    const std::string_view from = std::string_view(text.value).substr(regex.error_offset());
    const size_t length = from.starts_with("(?<")                              ? 4
                          : from.starts_with("(?=") || from.starts_with("(?!") ? 3
                                                                               : 2;
    add(Code::E305, fmt::format("{} cannot be matched in linear time", what),
        at(regex.error_offset(), from.starts_with("(?>") ? 3 : length), what.substr(what.find(' ') + 1))
        .note("expressions are run as automata: no look-around, no back-reference")
        .help(instead_of_backtracking(from));
    return false;
  }
  add(Code::E312, "this regular expression cannot be read",
      at(std::min(regex.error_offset(), text.value.empty() ? 0 : text.value.size() - 1), 1), regex.error());
  return false;
}

ir::Value RuleLowering::regex_item(const LoweredItem& lowered) {
  std::vector<ir::Value> parts;
  for (const dsl::Expr* value : lowered.values) {
    const std::string& expression = std::get<dsl::Text>(value->node).value;
    const match::RegexFlags flags = lowered.modifiers.flags;
    ir::RegexSpec spec{expression, flags, lowered.subject.type == Type::domain};
    if (const match::Regex* ready = compiled(expression, flags)) spec.compiled = *ready;
    parts.push_back(make().regex(lowered.subject.value, std::move(spec)));
  }
  return combine(lowered.modifiers, std::move(parts));
}

std::optional<match::Network> RuleLowering::network(const LoweredItem&, const dsl::Text& text) {
  std::optional<match::Network> network = match::parse_network(text.value);
  if (!network) {
    add(Code::E301, fmt::format("\"{}\" is no network", text.value), text.span,
        "an address and a length, as in \"10.0.0.0/8\"");
    return std::nullopt;
  }
  if (match::has_host_bits(*network)) {
    add(Code::E306, fmt::format("{} is an address inside a network, not a network", text.value), text.span,
        fmt::format("bits are set below the /{}", text.value.substr(text.value.find('/') + 1)))
        .help(fmt::format("the network is \"{}\"; for the one address leave out `|cidr`",
                          match::to_string(*network)))
        .replace(text.span, "\"" + match::to_string(*network) + "\"", dsl::Applicability::likely);
    return std::nullopt;
  }
  return network;
}

ir::Value RuleLowering::network_item(const LoweredItem& lowered) {
  std::vector<match::Network> all;
  std::vector<ir::Value> parts;
  for (const dsl::Expr* value : lowered.values) {
    match::Network network = *match::parse_network(std::get<dsl::Text>(value->node).value);
    all.push_back(network);
    if (lowered.modifiers.all) parts.push_back(make().networks(lowered.subject.value, {network}));
  }
  if (!lowered.modifiers.all && !all.empty()) parts.push_back(make().networks(lowered.subject.value, all));
  return combine(lowered.modifiers, std::move(parts));
}

ir::Value RuleLowering::number_item(const LoweredItem& lowered) {
  ir::Value subject = lowered.subject.value;
  if (lowered.subject.type == Type::json) subject = make().make(ir::Op::as_number, {subject});
  std::vector<double> set;
  std::vector<ir::Value> parts;
  for (const dsl::Expr* value : lowered.values) {
    const dsl::Number& number = std::get<dsl::Number>(value->node);
    ir::Literal literal{ir::Literal::Kind::real, "", 0, number.value};
    if (number.is_integer && !number.overflow) literal = {ir::Literal::Kind::integer, "", number.integer};
    if (lowered.modifiers.compares_order()) {
      parts.push_back(order_against(lowered.modifiers, subject, make().literal(literal)));
    } else if (literal.kind == ir::Literal::Kind::integer && std::abs(double(number.integer)) > 9.0e15) {
      // Beyond 2^53 a double would round, and a neighbour would match.
      parts.push_back(make().compare_texts(ir::Op::same, subject, make().literal(literal), {}));
    } else if (lowered.modifiers.all) {
      parts.push_back(make().numbers(subject, {number_in(number)}));
    } else {
      set.push_back(number_in(number));
    }
  }
  if (!set.empty()) parts.push_back(make().numbers(subject, std::move(set)));
  return combine(lowered.modifiers, std::move(parts));
}

ir::Value RuleLowering::bool_item(const LoweredItem& lowered) {
  std::vector<ir::Value> parts;
  for (const dsl::Expr* value : lowered.values)
    parts.push_back(make().make(std::get<dsl::Bool>(value->node).value ? ir::Op::is_true : ir::Op::is_false,
                                {lowered.subject.value}));
  return combine(lowered.modifiers, std::move(parts));
}

ir::Value RuleLowering::time_item(const LoweredItem& lowered) {
  std::vector<ir::Value> parts;
  for (const dsl::Expr* value : lowered.values) {
    ir::Value literal;
    if (auto* text = std::get_if<dsl::Text>(&value->node))
      literal = make().literal({ir::Literal::Kind::time, "", *match::parse_time(text->value)});
    else
      literal = expression(*value, Scope{}).value;
    parts.push_back(lowered.modifiers.compares_order()
                        ? order_against(lowered.modifiers, lowered.subject.value, literal)
                        : make().compare_texts(ir::Op::same, lowered.subject.value, literal, {}));
  }
  return combine(lowered.modifiers, std::move(parts));
}

// What `why` says that an item is compared with.
std::string RuleLowering::expected_text(const LoweredItem& lowered, size_t count) const {
  const dsl::Item& item = *lowered.item;
  if (count == 1 && lowered.values.size() == 1) {
    const dsl::Expr& value = *lowered.values[0];
    if (auto* text = std::get_if<dsl::Text>(&value.node); text && lowered.modifiers.how == How::cidr)
      return text->value;
    return text(value.span);
  }
  if (count == 1) return text(item.values_span);
  bool wild = std::any_of(lowered.values.begin(), lowered.values.end(), [](const dsl::Expr* value) {
    auto* text = std::get_if<dsl::Text>(&value->node);
    return text && !text->wildcards.empty();
  });
  const char* what = lowered.modifiers.how == How::cidr            ? "networks"
                     : wild || lowered.modifiers.how == How::regex ? "patterns"
                                                                   : "values";
  return fmt::format("{} of {} {}", lowered.modifiers.all ? "all" : "one", grouped(count), what);
}

}  // namespace weir::compiler
