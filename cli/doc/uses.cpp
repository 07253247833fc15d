// See uses.h.
#include "cli/doc/uses.h"

namespace weir::cli::doc {
namespace {

// Every `$name` and every name of a selection in a tree; the rule's own are taken out at the end.
class Names {
 public:
  std::set<std::string> constants, selections;

  void see(const dsl::Expr& expr) {
    if (auto* use = std::get_if<dsl::Const>(&expr.node)) constants.insert(use->name.text);
    if (auto* binary = std::get_if<dsl::Binary>(&expr.node)) see(*binary->left), see(*binary->right);
    if (auto* call = std::get_if<dsl::Call>(&expr.node)) {
      for (const dsl::Expr& argument : call->args) see(argument);
      if (call->where) selections.insert(call->where->text);
      // `if(selection, …)`: a bare word that may be one.
      if (auto* path = call->args.empty() ? nullptr : std::get_if<dsl::Path>(&call->args[0].node))
        if (call->name.text == "if") selections.insert(path->segments[0].name);
    }
  }
  void see(const std::vector<dsl::Expr>& all) {
    for (const dsl::Expr& expr : all) see(expr);
  }
  void see(const dsl::Map& map) {
    for (const dsl::Entry& entry : map.entries) {
      if (auto* item = std::get_if<dsl::Item>(&entry)) {
        see(item->subject);
        see(item->values);
      } else {
        see(std::get<std::unique_ptr<dsl::Block>>(entry)->map);
      }
    }
  }
  void see(const dsl::Selection& selection) {
    if (auto* map = std::get_if<dsl::Map>(&selection.body)) see(*map);
    if (auto* maps = std::get_if<std::vector<dsl::Map>>(&selection.body))
      for (const dsl::Map& map : *maps) see(map);
    if (auto* words = std::get_if<dsl::Keywords>(&selection.body)) see(words->values);
  }
  void see(const dsl::Cond& cond) {
    if (cond.kind == dsl::Cond::Kind::name) selections.insert(cond.name.text);
    for (const dsl::Cond& child : cond.children) see(child);
  }
  void see(const dsl::KCond& cond) {
    if (cond.kind == dsl::KCond::Kind::step) selections.insert(cond.name.text);
    if (cond.left) see(*cond.left);
    if (cond.right) see(*cond.right);
    see(cond.exprs);
    for (const dsl::KCond& child : cond.children) see(child);
  }
  void see(const dsl::RuleClause& clause) {
    if (auto* let = std::get_if<dsl::Let>(&clause)) see(let->value);
    if (auto* detection = std::get_if<dsl::Detection>(&clause)) {
      for (const dsl::Selection& selection : detection->selections) see(selection);
      if (detection->condition) see(*detection->condition);
    }
    if (auto* correlation = std::get_if<dsl::Correlation>(&clause)) {
      see(correlation->group_by);
      if (correlation->condition) see(*correlation->condition);
    }
    if (auto* level = std::get_if<dsl::Level>(&clause))
      for (const dsl::LevelCase& each : level->cases)
        if (each.where) selections.insert(each.where->text);
    if (auto* suppress = std::get_if<dsl::Suppress>(&clause); suppress && suppress->by) see(*suppress->by);
  }
};

}  // namespace

Uses uses_of(const compiler::Project& project, const compiler::RuleEntry& entry) {
  Names names;
  std::set<std::string> own;
  for (const dsl::RuleClause& clause : entry.rule->clauses) {
    names.see(clause);
    if (auto* detection = std::get_if<dsl::Detection>(&clause))
      for (const dsl::Selection& selection : detection->selections) own.insert(selection.name.text);
    if (auto* params = std::get_if<dsl::Params>(&clause))
      for (const dsl::Param& param : params->params) own.insert("$" + param.name.text);
  }
  Uses uses;
  for (const std::string& name : names.selections)
    if (auto shared = project.selections.find(name);
        shared != project.selections.end() && !own.contains(name)) {
      uses.selections.insert(name);
      names.see(shared->second->selection);
    }
  for (const compiler::Exemption& exemption : entry.exemptions) names.see(*exemption.selection);
  for (const std::string& name : names.constants)
    if (project.lists.contains(name) && !own.contains("$" + name)) uses.lists.insert(name);
  return uses;
}

}  // namespace weir::cli::doc
