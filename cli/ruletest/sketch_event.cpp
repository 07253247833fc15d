// What can be said of an item without running it: nothing of expressions, networks and negations.
#include "cli/ruletest/sketch_event.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "cli/load.h"
#include "compiler/clauses.h"

namespace weir::cli {
namespace {

struct Node {
  std::map<std::string, Node> members;
  std::string json;  // of a leaf
};

std::string text_of(const Node& node, const compiler::SchemaInfo& schema, std::vector<std::string> path) {
  if (!node.json.empty()) return node.json;
  std::string out;
  for (const auto& [name, member] : node.members) {
    std::vector<std::string> below = path;
    below.push_back(name);
    std::string value = text_of(member, schema, below);
    bool array = false;
    for (const compiler::FieldInfo& field : schema.fields) {
      bool prefix = field.path.size() >= below.size();
      for (size_t i = 0; prefix && i < below.size(); ++i) prefix = field.path[i].name == below[i];
      array |= prefix && field.path[below.size() - 1].array;
    }
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", json_quoted(name),
                       array ? "[" + value + "]" : value);
  }
  return "{" + out + "}";
}

// A value that `item` lets through, as far as that can be said without running it.
std::optional<std::string> value_for(const dsl::Item& item, const Constants& constants) {
  std::string how;
  for (const dsl::Name& modifier : item.modifiers) {
    if (modifier.text == "neq" || modifier.text == "re" || modifier.text == "cidr") return std::nullopt;
    how = modifier.text;
  }
  if (item.values.empty()) return std::nullopt;
  const dsl::ExprNode& node = constants.resolved(item.values[0]).node;
  if (auto* text = std::get_if<dsl::Text>(&node)) {
    std::string value;
    for (size_t i = 0, wild = 0; i < text->value.size(); ++i) {
      bool is_wild = wild < text->wildcards.size() && text->wildcards[wild] == i;
      wild += is_wild;
      value += is_wild ? 'x' : text->value[i];
    }
    return json_quoted(value);
  }
  if (auto* number = std::get_if<dsl::Number>(&node)) {
    int64_t step = how == "gt" ? 1 : how == "lt" ? -1 : 0;
    return number->is_integer ? std::to_string(number->integer + step) : fmt::format("{}", number->value);
  }
  if (auto* boolean = std::get_if<dsl::Bool>(&node)) {
    if (how == "exists") return boolean->value ? std::optional<std::string>("\"x\"") : std::nullopt;
    return std::string(boolean->value ? "true" : "false");
  }
  return std::nullopt;
}

void collect(const dsl::Map& map, const Constants& constants, std::vector<std::string> prefix,
             std::vector<Wanted>& wanted) {
  auto below = [&](const dsl::Path& path) {
    std::vector<std::string> names = prefix;
    for (const dsl::Segment& segment : path.segments) names.push_back(segment.name);
    return names;
  };
  for (const dsl::Entry& entry : map.entries) {
    if (auto* block = std::get_if<std::unique_ptr<dsl::Block>>(&entry)) {
      collect((*block)->map, constants, below((*block)->path), wanted);
      continue;
    }
    const dsl::Item& item = std::get<dsl::Item>(entry);
    auto* path = std::get_if<dsl::Path>(&item.subject.node);
    if (!path) continue;
    if (auto value = value_for(item, constants)) wanted.push_back({below(*path), *value});
  }
}

}  // namespace

const dsl::Expr& Constants::resolved(const dsl::Expr& value) const {
  const auto* constant = std::get_if<dsl::Const>(&value.node);
  if (!constant) return value;
  if (const auto* params = compiler::find_clause<dsl::Params>(rule.clauses))
    for (const dsl::Param& param : params->params)
      if (param.name.text == constant->name.text && !param.values.empty()) return param.values.front();
  if (!of_lists) return value;
  const auto list = project.lists.find(constant->name.text);
  return list == project.lists.end() || list->second.values.empty() ? value : list->second.values.front();
}

std::vector<Wanted> wanted_by(const dsl::Selection& selection, const Constants& constants) {
  const dsl::Map* map = std::get_if<dsl::Map>(&selection.body);
  if (auto* maps = std::get_if<std::vector<dsl::Map>>(&selection.body)) map = &maps->front();
  std::vector<Wanted> wanted;
  if (map) collect(*map, constants, {}, wanted);
  return wanted;
}

std::string event_text(const std::vector<Wanted>& wanted, const compiler::SchemaInfo& schema) {
  Node root;
  for (const Wanted& value : wanted) {
    Node* node = &root;
    for (const std::string& name : value.path) node = &node->members[name];
    node->json = value.json;
  }
  return text_of(root, schema, {});
}

std::string other_value(const std::string& json) {
  if (json == "true") return "false";
  if (json == "false") return "true";
  if (json[0] == '"') return json.substr(0, json.size() - 1) + "Other\"";
  return json[0] == '-' ? "1" : "-" + json;
}

}  // namespace weir::cli
