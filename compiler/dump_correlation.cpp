// Correlations as text, for `weir dump --stage=correlation` and goldens: what runtime/correlate is handed.
//
// Numbers are those of runtime/match/correlation.h. A source shows `-` where it lacks what the rule asks for.
#include <fmt/format.h>

#include <map>

#include "compiler/passes.h"

namespace weir::ir {
namespace {

using match::Correlation;

const char* name_of(match::Identity identity) {
  static constexpr const char* kNames[] = {"", " (domain)", " (address)"};
  return kNames[size_t(identity)];
}

std::string numbers_text(const std::vector<uint32_t>& numbers, std::string_view before) {
  std::string text;
  for (uint32_t number : numbers) text += fmt::format(" {}{}", before, number);
  return text;
}

std::string head(const match::RuleInfo& rule) {
  static constexpr const char* kKinds[] = {"numbers", "steps", "new"};
  static constexpr const char* kWindows[] = {"sliding", "tumbling", "tumbling closed"};
  const Correlation& made = *rule.correlation;
  std::string text = fmt::format("rule {}: {}, {} {}", rule.name, kKinds[size_t(made.kind)],
                                 match::format_duration(made.span_us), kWindows[size_t(made.window)]);
  if (made.warmup_us) text += fmt::format(", warmup {}", match::format_duration(*made.warmup_us));
  return text + fmt::format("\n  state {} of {} to {} bytes a group, shape {:016x}\n", made.state_bytes,
                            made.least_group_bytes, made.group_bytes, made.shape);
}

std::string aggregate_text(const match::Aggregate& aggregate) {
  static constexpr const char* kKinds[] = {"count",   "distinct", "sum",        "average",
                                           "minimum", "maximum",  "percentile", "sample"};
  std::string text = kKinds[size_t(aggregate.kind)] + numbers_text(aggregate.values, "value ");
  if (aggregate.kind == match::Aggregate::Kind::percentile ||
      aggregate.kind == match::Aggregate::Kind::sample)
    text += fmt::format(" {}", aggregate.parameter);
  if (aggregate.where) text += fmt::format(" where condition {}", *aggregate.where);
  if (aggregate.of_durations) text += " of durations";
  return fmt::format("{}: {}", text, aggregate.text);
}

std::string number_text(const match::WindowNumber& number) {
  using Kind = match::WindowNumber::Kind;
  static constexpr const char* kWords[] = {"", "aggregate", "baseline", "spread", "+", "-", "*", "/"};
  const char* word = kWords[size_t(number.kind)];
  switch (number.kind) {
    case Kind::constant:
      return fmt::format("{}", number.constant);
    case Kind::aggregate:
      return fmt::format("aggregate {}", number.aggregate);
    case Kind::baseline:
    case Kind::spread:
      return fmt::format("{} of aggregate {} over {}", word, number.aggregate,
                         match::format_duration(number.over_us));
    default:
      return fmt::format("number {} {} number {}", number.left, word, number.right);
  }
}

std::string condition_text(const match::WindowCondition& condition) {
  using Kind = match::WindowCondition::Kind;
  static constexpr const char* kCompare[] = {"<", "<=", "==", "!=", ">=", ">"};
  static constexpr const char* kWords[] = {"", "new", "all of", "any of", "not", "at least"};
  std::string text = kWords[size_t(condition.kind)];
  if (condition.kind == Kind::compare)
    text = fmt::format("number {} {} number {}", condition.left, kCompare[size_t(condition.compare)],
                       condition.right);
  if (condition.kind == Kind::at_least) text += fmt::format(" {} of", condition.least);
  text += numbers_text(condition.values, "value ") + numbers_text(condition.operands, "when ");
  return fmt::format("{}: {}", text, condition.text);
}

std::string chain_text(const match::Chain& chain) {
  std::string text;
  for (const match::CorrelationStep& step : chain.steps) {
    if (!text.empty()) text += chain.any_order ? " and " : " then ";
    if (step.negated) text += "not ";
    if (step.count > 1) text += fmt::format("{} ", step.count);
    text += fmt::format("condition {}", step.condition);
  }
  return text;
}

std::string piece_text(const match::MessagePiece& piece) {
  using Kind = match::MessagePiece::Kind;
  static constexpr const char* kKinds[] = {"text", "event", "key", "aggregate", "number", "step"};
  const char* kind = kKinds[size_t(piece.kind)];
  if (piece.kind == Kind::text) return fmt::format("\"{}\"", piece.text);
  const char* missing = piece.root == match::kNone ? " -" : "";
  if (piece.kind == Kind::root) return fmt::format("{}{}", kind, missing);
  if (piece.kind == Kind::aggregate || piece.kind == Kind::number)
    return fmt::format("{} {}", kind, piece.index);
  return fmt::format("{} {}{}", kind, piece.index, missing);
}

std::string named_text(const match::NamedRoot& named) {
  std::string text = named.name;
  if (named.key != match::kNone) text += fmt::format(" = key {}", named.key);
  if (named.step != match::kNone) text += fmt::format(" = step {}", named.step);
  return text + (named.root == match::kNone ? " -" : "") + name_of(named.identity);
}

class Lines {
 public:
  template <class All, class Text>
  void numbered(std::string_view what, const All& all, Text text_of) {
    for (size_t i = 0; i < all.size(); ++i) text += fmt::format("  {} {}: {}\n", what, i, text_of(all[i]));
  }
  template <class All, class Text>
  void listed(std::string_view what, const All& all, Text text_of) {
    if (all.empty()) return;
    text += fmt::format("    {}:", what);
    for (size_t i = 0; i < all.size(); ++i) text += (i ? ", " : " ") + text_of(all[i]);
    text += '\n';
  }
  std::string text;
};

std::string dump_rule(const Module& module, const match::RuleInfo& rule) {
  const Correlation& made = *rule.correlation;
  const auto value_text = [](const match::CorrelationValue& value) {
    return value.text + name_of(value.identity);
  };
  Lines lines;
  lines.text = head(rule);
  lines.numbered("key", made.group_by, value_text);
  lines.numbered("value", made.values, value_text);
  lines.numbered("condition", made.conditions, [](const std::string& name) { return name; });
  lines.numbered("aggregate", made.aggregates, aggregate_text);
  lines.numbered("number", made.numbers, number_text);
  lines.numbered("when", made.condition, condition_text);
  lines.numbered("chain", made.chains, chain_text);
  const auto there = [](match::Root root) { return std::string(root == match::kNone ? "-" : "yes"); };
  for (const match::RuleOnSource& on : rule.sources) {
    lines.text +=
        fmt::format("  on {}: {}\n", module.sources[on.source].name,
                    module.roots[on.match] == module.roots[on.counted] ? "all count" : "some are exempted");
    lines.listed("keys", on.group_by, there);
    lines.listed("values", on.values, there);
    lines.listed("conditions", on.conditions, there);
    lines.listed("message", on.message, piece_text);
    lines.listed("fields", on.fields, named_text);
    lines.listed("suppress by", on.suppress_by, named_text);
  }
  return lines.text;
}

}  // namespace

std::string dump_correlations(const Module& module, std::string_view rule) {
  std::map<std::string_view, std::string> by_name;
  for (const match::RuleInfo& info : module.rules)
    if (info.correlation && (rule.empty() || rule == info.name)) by_name[info.name] = dump_rule(module, info);
  std::string text;
  for (const auto& [name, lines] : by_name) text += lines;
  return text;
}

}  // namespace weir::ir
