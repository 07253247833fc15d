// What tells whether the saved state of a correlation is still its own (language.md, 7, Restart).
//
// The shape is the hash of a text of all that decides what the state holds: sources, detection, the lets and
// selections that are used, keys, window, and the kinds and arguments of what is counted, waited for or
// remembered. A param counts by its value, a list by its name. Not part of it: text, level, message,
// suppress, exemptions, what lists hold, the numbers that aggregates are compared with, warm-up and budget.
#include <fmt/format.h>
#include <xxhash.h>

#include <functional>
#include <map>

#include "compiler/lowering.h"
#include "dsl/dump.h"

namespace weir::compiler {

// Follows names from the detection, keys and arguments to lets, selections and params; each once.
class ShapeOf {
 public:
  using Lets = std::map<std::string, const dsl::Let*>;
  using FindSelection = std::function<const dsl::Selection*(const std::string&)>;
  using FindParam = std::function<const std::vector<dsl::Expr>*(const std::string&)>;  // null: a list

  ShapeOf(const Lets& lets, FindSelection selection, FindParam param)
      : lets_(lets), find_selection_(std::move(selection)), find_param_(std::move(param)) {}

  void see(const dsl::Expr& expr) {
    if (auto* path = std::get_if<dsl::Path>(&expr.node)) return see(*path);
    if (auto* use = std::get_if<dsl::Const>(&expr.node)) return param(use->name.text);
    if (auto* binary = std::get_if<dsl::Binary>(&expr.node)) {
      see(*binary->left);
      see(*binary->right);
    }
    if (auto* call = std::get_if<dsl::Call>(&expr.node)) {
      auto* condition = call->name.text == "if" && !call->args.empty()
                            ? std::get_if<dsl::Path>(&call->args[0].node)
                            : nullptr;
      if (condition) selection(condition->segments[0].name);
      for (const dsl::Expr& arg : call->args) see(arg);
      if (call->where) selection(call->where->text);
    }
  }

  void selection(const std::string& name) {
    if (parts_.count("selection " + name)) return;
    const dsl::Selection* found = find_selection_(name);
    if (!found) return;
    parts_["selection " + name] = dsl::dump(*found);
    if (auto* map = std::get_if<dsl::Map>(&found->body)) see(*map);
    if (auto* maps = std::get_if<std::vector<dsl::Map>>(&found->body))
      for (const dsl::Map& map : *maps) see(map);
    if (auto* words = std::get_if<dsl::Keywords>(&found->body))
      for (const dsl::Expr& value : words->values) see(value);
  }

  const std::map<std::string, std::string>& parts() const { return parts_; }

 private:
  void see(const dsl::Path& path) {
    const std::string& name = path.segments[0].name;
    auto let = lets_.find(name);
    if (let == lets_.end() || !parts_.emplace("let " + name, dsl::dump(let->second->value)).second) return;
    see(let->second->value);
  }

  void see(const dsl::Map& map) {
    for (const dsl::Entry& entry : map.entries) {
      if (auto* block = std::get_if<std::unique_ptr<dsl::Block>>(&entry)) {
        see((*block)->map);
        continue;
      }
      const dsl::Item& item = std::get<dsl::Item>(entry);
      see(item.subject);
      for (const dsl::Expr& value : item.values) see(value);
    }
  }

  void param(const std::string& name) {
    const std::vector<dsl::Expr>* values = find_param_(name);
    if (values && values->size() == 1) parts_["param " + name] = dsl::dump(values->front());
  }

  const Lets& lets_;
  FindSelection find_selection_;
  FindParam find_param_;
  std::map<std::string, std::string> parts_;
};

namespace {

std::string aggregate_text(const match::Correlation& made, const std::vector<std::string>& values,
                           const match::Aggregate& aggregate) {
  std::string text = fmt::format("aggregate {} {}", int(aggregate.kind), aggregate.parameter);
  for (uint32_t value : aggregate.values) text += " " + values[value];
  if (aggregate.where) text += " where " + made.conditions[*aggregate.where];
  return text + "\n";
}

}  // namespace

uint64_t RuleLowering::shape() {
  using NumberKind = match::WindowNumber::Kind;
  const match::Correlation& made = planned_.made;
  if (sink_->error_count() > 0 || !detection_ || !detection_->condition) return 0;
  ShapeOf parts(
      lets_,
      [&](const std::string& name) {
        auto found = find_selection(name);
        return found ? found->selection : nullptr;
      },
      [&](const std::string& name) -> const std::vector<dsl::Expr>* {
        if (!params_.count(name)) return nullptr;
        auto set = set_params_.find(name);
        return set == set_params_.end() ? &params_[name]->values : &set->second->values;
      });

  std::string text;
  for (uint16_t source : sources_) text += fmt::format("source {}\n", pack_.schemas[source]->name);
  text += fmt::format("detection {}\n", dsl::dump(*detection_->condition));
  auto names_in = [&](const dsl::Cond& cond, auto& self) -> void {
    if (cond.kind == dsl::Cond::Kind::name) parts.selection(cond.name.text);
    if (cond.kind == dsl::Cond::Kind::quantifier)
      for (const std::string& name : names_matching(cond.them ? "*" : cond.name.text)) parts.selection(name);
    for (const dsl::Cond& child : cond.children) self(child, self);
  };
  names_in(*detection_->condition, names_in);
  for (const dsl::Expr& key : correlation_->group_by) parts.see(key);
  for (const std::string& key : planned_.keys) text += fmt::format("key {}\n", key);
  text += fmt::format("window {} {}\n", int(made.window), made.span_us);
  if (correlation_->condition) shape_of(*correlation_->condition, parts);

  for (const match::WindowNumber& number : made.numbers) {
    bool slots = number.kind == NumberKind::baseline || number.kind == NumberKind::spread;
    if (slots) text += fmt::format("slots {} {}\n", int(number.kind), number.over_us);
    if (slots || number.kind == NumberKind::aggregate)
      text += aggregate_text(made, planned_.values, made.aggregates[number.aggregate]);
  }
  for (const match::WindowCondition& condition : made.condition) {
    if (condition.kind != match::WindowCondition::Kind::is_new) continue;
    text += "new";
    for (uint32_t value : condition.values) text += " " + planned_.values[value];
    text += "\n";
  }
  for (const match::Chain& chain : made.chains) {
    text += chain.any_order ? "together" : "chain";
    for (const match::CorrelationStep& step : chain.steps)
      text +=
          fmt::format(" {}{} {}", step.negated ? "not " : "", step.count, made.conditions[step.condition]);
    text += "\n";
  }
  for (const auto& [name, part] : parts.parts()) text += fmt::format("{} = {}\n", name, part);
  return XXH3_64bits(text.data(), text.size());
}

// The arguments of aggregates and of `new`, and the selections of `where` and steps; not what is compared.
void RuleLowering::shape_of(const dsl::KCond& cond, ShapeOf& parts) {
  auto aggregates_in = [&](const dsl::Expr& expr, auto& self) -> void {
    if (std::holds_alternative<dsl::Call>(expr.node)) return parts.see(expr);
    if (auto* binary = std::get_if<dsl::Binary>(&expr.node)) {
      self(*binary->left, self);
      self(*binary->right, self);
    }
  };
  if (cond.left) aggregates_in(*cond.left, aggregates_in);
  if (cond.right) aggregates_in(*cond.right, aggregates_in);
  for (const dsl::Expr& expr : cond.exprs) parts.see(expr);
  if (cond.kind == dsl::KCond::Kind::step) parts.selection(cond.name.text);
  for (const dsl::KCond& child : cond.children) shape_of(child, parts);
}

}  // namespace weir::compiler
